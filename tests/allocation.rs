//! All memory is taken when a learner is made; after that learning allocates nothing, on one thread or on two.

use std::alloc::System;

use cap::Cap;
use softac::agent::Settings;
use softac::agent::settings::{NetArch, TrainFreq};
use softac::algorithms::ddpg::DdpgConfig;
use softac::algorithms::td3::Td3Config;
use softac::env;
use softac::learner::Learner;
use softac::sac::SacConfig;

/// Counts for all threads.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes allocated while the learner goes on, across the end of an episode and the wraparound of the
/// replay buffer; and while it acts without learning.
fn bytes_allocated<S: Settings>(num_envs: u32, config: S) -> usize {
    let mut envs: Vec<_> = (0..num_envs).map(|_| env::make("pendulum").unwrap()).collect();
    let before = ALLOCATOR.allocated();
    let mut learner =
        Learner::<f32, S::Algorithm<f32>>::in_lockstep(num_envs, config, envs[0].as_ref(), 0)
            .unwrap();
    let (held, planned) = (ALLOCATOR.allocated() - before, learner.memory_plan().total());
    // Names and shapes, and what the threads of the pool and of the test take at moments of their own.
    let beside = 32_768;
    assert!((planned..planned + beside).contains(&held), "{held} bytes, not {planned}");
    let mut run = |steps| {
        for _ in 0..steps {
            learner.step(&mut envs[..], |_metrics| {}).unwrap();
            learner.act(&[0.1, 0.2, 0.3], &mut [0.0]);
        }
    };
    // The threads of a pool take memory of their own when they first work.
    run(if rayon::current_num_threads() > 1 { 190 } else { 0 });
    let before = ALLOCATOR.total_allocated();
    run(240);
    ALLOCATOR.total_allocated() - before
}

// One test, because another that runs at the same time would be counted, too.
#[test]
fn updates_and_steps_allocate_nothing() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.broadcast(|_| ());
        for (num_envs, [pi, qf], batch_size) in [
            (1, [&[256, 256][..]; 2], 256),
            (1, [&[64, 64]; 2], 256),
            (1, [&[64, 64]; 2], 100),
            (1, [&[32, 16, 8]; 2], 32),
            (1, [&[]; 2], 32),
            (1, [&[32], &[64, 64]], 100),
            (1, [&[64, 64], &[8]], 100),
            (3, [&[64, 64]; 2], 100),
        ] {
            let net_arch = NetArch { pi: pi.to_vec(), qf: qf.to_vec() };
            macro_rules! settings {
                ($config:ident) => {
                    $config {
                        net_arch: net_arch.clone(),
                        batch_size,
                        buffer_size: 230,
                        learning_starts: 10,
                        train_freq: TrainFreq::Steps(4),
                        ..$config::default()
                    }
                };
            }
            // The temperature of the first is learned.
            let bytes = pool.install(|| {
                [
                    bytes_allocated(num_envs, settings!(SacConfig)),
                    bytes_allocated(num_envs, settings!(Td3Config)),
                    bytes_allocated(num_envs, settings!(DdpgConfig)),
                ]
            });
            let what = format!("{num_envs} environments, {net_arch:?}, batch of {batch_size}");
            assert_eq!(bytes, [0; 3], "{threads} threads, {what}");
        }
    }
}
