//! After warm-up, learning allocates nothing but what a matrix product takes for packing its operands.

use softac::env;
use softac::learner::Learner;
use softac::sac::SacConfig;

/// Matrix products of one update with `layers` linear layers in each network and two critics, where
/// policy and temperature are updated too.
fn products(layers: u64) -> u64 {
    let forward = layers;
    let weight_gradients = layers;
    // The first layer's input is data, which has no gradient.
    let input_gradients = layers - 1;
    let targets = forward + 2 * forward;
    let critics = 2 * (forward + weight_gradients + input_gradients);
    // Frozen critics have no weight gradients, but their input, the action, does have one.
    let actor = forward + weight_gradients + input_gradients + 2 * (forward + layers);
    targets + critics + actor
}

#[test]
fn after_warm_up_only_matrix_products_allocate() {
    for net_arch in [vec![64, 64], vec![32, 16, 8], vec![]] {
        let layers = net_arch.len() as u64 + 1;
        let config = SacConfig {
            net_arch,
            batch_size: 32,
            buffer_size: 300,
            learning_starts: 10,
            ..SacConfig::default()
        };
        let mut env = env::make("pendulum").unwrap();
        let mut learner = Learner::<f32>::new(config, env.as_ref(), 0).unwrap();
        let mut run = |steps| {
            for _ in 0..steps {
                learner.step(env.as_mut(), |_metrics| {}).unwrap();
            }
        };
        run(20);
        // Across the end of an episode, and the wraparound of the replay buffer.
        let counted = allocation_counter::measure(|| run(500));
        assert_eq!(counted.count_total, 500 * products(layers));
        assert_eq!((counted.count_max, counted.count_current), (1, 0));
    }
}
