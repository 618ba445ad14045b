//! The loop around five environments: every number of it, against the loop written out.

use softac::learner::StepReport;
use softac::replay::{Batch, Transition};
use softac::sac::SacConfig;

use crate::Implementation;
use crate::five::Five;
use crate::implementation::{Boxed, Updater};
use crate::together_by_hand::{TogetherByHand, Wrong};

crate::properties! {
    learning_in_five_environments_is_the_loop_written_out,
}

/// A buffer that the environments fill more than twice.
const SIZE: usize = 60;
const STEPS: usize = 30;

/// Five environments with episodes of 3 to 7 steps, some of which terminate while others are cut.
fn envs() -> Vec<Boxed> {
    (0..5).map(|lane| Box::new(Five::new(lane, 3 + lane as u64)) as Boxed).collect()
}

/// Rounds of a multiple of five steps in the first, in which everything is brought to a common scale and clipped early.
fn configs() -> [SacConfig; 2] {
    let plain = SacConfig {
        net_arch: vec![8].into(),
        batch_size: 6,
        buffer_size: SIZE,
        learning_starts: 12,
        ..SacConfig::default()
    };
    let scaled = SacConfig {
        norm_obs: true,
        norm_reward: true,
        clip_obs: 1.0,
        clip_reward: 0.5,
        train_freq: 5.into(),
        gradient_steps: 3,
        warmup_steps: Some(20),
        gamma: 0.9,
        ..plain.clone()
    };
    [scaled, SacConfig { train_freq: 2.into(), gradient_steps: -1, warmup_steps: Some(3), ..plain }]
}

/// What one transition is made of.
fn parts(t: Transition<'_, f64>) -> (Vec<f64>, bool, bool) {
    let numbers = [t.observation, t.action, &[t.reward], t.next_observation].concat();
    (numbers, t.terminated, t.truncated)
}

fn numbers(batch: &Batch<f64>) -> Vec<f64> {
    let Batch { observations, actions, rewards, next_observations, terminated } = batch;
    let matrices = [observations, actions, rewards, next_observations, terminated];
    matrices.into_iter().flatten().copied().collect()
}

fn learning_in_five_environments_is_the_loop_written_out(sac: &Implementation) {
    for config in configs() {
        let (mut envs, mut others) = (envs(), self::envs());
        let mut learner = (sac.together)(config.clone(), &envs, 7);
        let mut by_hand = TogetherByHand::boxed(config, &others, 7, Wrong::Nothing);
        for step in 0..STEPS {
            let [found, expected]: [StepReport; 2] =
                [learner.step(&mut envs), by_hand.step(&mut others)];
            assert_eq!(found, expected, "step {step}");
            assert_eq!(numbers(learner.minibatch()), numbers(by_hand.minibatch()), "step {step}");
            assert_eq!(learner.statistics(), by_hand.statistics(), "step {step}");
        }
        for slot in 0..SIZE {
            let held = [&learner, &by_hand].map(|it| it.replay().get(slot).map(parts));
            assert!(held[0].is_some() && held[0] == held[1], "slot {slot}: {held:?}");
        }
        assert!(learner.sac().learned() == by_hand.sac().learned());
    }
}
