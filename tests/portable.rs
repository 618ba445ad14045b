//! Short trainings with `numerics = "portable"` end at the same bits on every machine.
//!
//! The bits were recorded on x86-64 under Linux; WebAssembly, without `std`, has the same. Where another
//! platform has others, something that the training depends on is not portable there: a function of the
//! platform's mathematical library, a fused multiplication and addition, or an order of summation.

use softac::agent::Algorithm;
use softac::env::{Env, make};
use softac::learner::Learner;
use softac::sac::SacConfig;
use softac::{Numerics, Scalar};

/// FNV-1a over the bits of all numbers that were learned, and of those that replay holds.
fn digest<T: Scalar>(learner: &Learner<T>) -> u64 {
    let sac = learner.sac();
    let trained = [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
    let networks = trained.map(|trained| trained.params()).chain(sac.targets());
    let learned = networks.flat_map(|params| params.as_slice().to_vec());
    let transitions = (0..learner.replay().len()).filter_map(|i| learner.replay().get(i));
    let seen = transitions.flat_map(|t| [t.observation, t.action, &[t.reward]].concat());
    let bytes = learned.chain(seen).flat_map(|number| number.as_f64().to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Fifty updates, after ten steps with uniform actions.
fn train<T: Scalar>(env: &str) -> u64 {
    let config = SacConfig {
        numerics: Numerics::Portable,
        net_arch: vec![24, 17].into(),
        batch_size: 19,
        buffer_size: 60,
        learning_starts: 10,
        ..SacConfig::default()
    };
    let mut env: Box<dyn Env> = make(env).unwrap();
    let mut learner = Learner::<T>::new(config, env.as_ref(), 1).unwrap();
    for _ in 0..60 {
        learner.step(env.as_mut(), |_| {}).unwrap();
    }
    assert_eq!(learner.sac().updates(), 50);
    digest(&learner)
}

#[test]
fn a_portable_training_ends_at_the_recorded_bits() {
    let digests = ["pendulum", "mountain-car", "bandit"]
        .map(|env| [train::<f32>(env), train::<f64>(env)].map(|digest| format!("{digest:016x}")));
    let recorded = [
        ["73e7a7d0c985ca86", "dae20ec7404fb56b"],
        ["f928c27d6d28e011", "dc3ab6910814e746"],
        ["e029242deec17ced", "14fd93acf6c8d646"],
    ];
    assert_eq!(digests, recorded);
}
