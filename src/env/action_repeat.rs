//! Acting less often than the environment steps.

use super::error::EnvError;
use super::picture::Picture;
use super::{Env, Step};

/// Takes every action several times in a row; their rewards add up. An episode that ends meanwhile ends the
/// repetition.
///
/// ```
/// use softac::env::{ActionRepeat, Env, Pendulum};
/// let (mut env, mut slow) = (Pendulum::new(), ActionRepeat::new(Pendulum::new(), 2));
/// let (mut observation, mut seldom) = ([0.0; 3], [0.0; 3]);
/// env.reset(7, &mut observation)?;
/// slow.reset(7, &mut seldom)?;
/// let rewards = [env.step(&[1.0], &mut observation)?, env.step(&[1.0], &mut observation)?];
/// assert_eq!(slow.step(&[1.0], &mut seldom)?.reward, rewards[0].reward + rewards[1].reward);
/// assert_eq!(seldom, observation);
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ActionRepeat<E> {
    env: E,
    times: u32,
}

impl<E: Env> ActionRepeat<E> {
    /// Takes every action so many times; 0 acts as 1.
    #[must_use]
    pub fn new(env: E, times: u32) -> Self {
        Self { env, times: times.max(1) }
    }
}

impl<E: Env> Env for ActionRepeat<E> {
    crate::forward_env! { env:
        name, versions, observation_space, action_space, reset, success, announce_reset, announce_step, state, restore
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let mut sum = self.env.step(action, observation)?;
        for _ in 1..self.times {
            if sum.done() {
                break;
            }
            let step = self.env.step(action, observation)?;
            sum = Step { reward: sum.reward + step.reward, ..step };
        }
        Ok(sum)
    }

    fn picture(&mut self, action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        let picture = self.env.picture(action)?;
        Ok(picture.map(|picture| Picture { rate: picture.rate / f64::from(self.times), ..picture }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{MountainCarContinuous, Pendulum, TimeLimit};

    #[test]
    fn the_end_of_an_episode_ends_the_repetition() {
        let mut env = ActionRepeat::new(TimeLimit::new(Pendulum::new(), 5), 3);
        let mut observation = [0.0; 3];
        env.reset(0, &mut observation).unwrap();
        assert!(!env.step(&[0.0], &mut observation).unwrap().done());
        assert!(env.step(&[0.0], &mut observation).unwrap().truncated);
        assert_eq!(env.step(&[0.0], &mut observation), Err(EnvError::NeedsReset));
    }

    #[test]
    fn the_rewards_of_all_repetitions_add_up_also_of_those_before_a_truncation() {
        let plain = || TimeLimit::new(Pendulum::new(), 7);
        let (mut env, mut slow) = (plain(), ActionRepeat::new(plain(), 5));
        let (mut observation, mut seldom) = ([0.0; 3], [0.0; 3]);
        for seed in 0..2 {
            env.reset(seed, &mut observation).unwrap();
            slow.reset(seed, &mut seldom).unwrap();
            // Five of the seven steps, and two.
            for (action, repetitions) in [(1.5, 5), (-0.5, 2)] {
                let rewards: f64 = (0..repetitions)
                    .map(|_| env.step(&[action], &mut observation).unwrap().reward)
                    .sum();
                let step = slow.step(&[action], &mut seldom).unwrap();
                assert_eq!((step.reward, step.terminated), (rewards, false));
                assert_eq!((step.truncated, seldom), (repetitions == 2, observation));
            }
        }
    }

    #[test]
    fn a_goal_on_the_way_counts_once() {
        let mut car = MountainCarContinuous::new();
        let mut observation = [0.0; 2];
        car.reset_to(0.44, 0.07, &mut observation).unwrap();
        let step = ActionRepeat::new(car, 10).step(&[0.0], &mut observation).unwrap();
        assert!(step.terminated && step.reward == 100.0);
    }
}
