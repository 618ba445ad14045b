//! A step of all environments, part by part.
//!
//! Each part concerns the environments that are not through with it yet. Where one of them fails, the others are
//! heard out, so that nothing they said is lost and a second try asks those alone that failed.

use super::error::LearnerError;
use super::lane::Phase;
use super::{ActionSource, Learner};
use crate::Scalar;
use crate::agent::Algorithm;
use crate::env::Envs;
use crate::random::{fill_normal, fill_uniform};
use crate::replay::Transition;

impl<T: Scalar, A: Algorithm<T>> Learner<T, A> {
    pub(super) fn check_count<E: Envs + ?Sized>(&self, envs: &E) -> Result<(), LearnerError> {
        let (expected, found) = (self.lanes.len(), envs.count());
        let wrong = LearnerError::EnvCount { expected, found };
        (expected == found).then_some(()).ok_or(wrong)
    }

    /// Begins an episode wherever the last one is over.
    pub(super) fn begin_episodes<E: Envs + ?Sized>(
        &mut self,
        envs: &mut E,
    ) -> Result<(), LearnerError> {
        let s = self.observations.len() / self.lanes.len();
        for (i, lane) in self.lanes.iter().enumerate() {
            if lane.phase == Phase::Over {
                envs.env(i).announce_reset(lane.next_seed());
            }
        }
        let mut first_error = None;
        let observations = self.observations.chunks_exact_mut(s);
        for (i, (lane, observation)) in self.lanes.iter_mut().zip(observations).enumerate() {
            if lane.phase == Phase::Over {
                match lane.reset::<T>(envs.env(i), self.steps + 1 + i as u64) {
                    Ok(()) => convert(&lane.observed, observation),
                    Err(error) => first_error = first_error.or(Some(error)),
                }
            }
        }
        first_error.map_or(Ok(()), Err)?;
        // In the order of the environments, whichever of them failed meanwhile: sums depend on it.
        for (lane, observation) in self.lanes.iter_mut().zip(self.observations.chunks_exact(s)) {
            if lane.phase == Phase::Begun {
                self.normaliser.see_observation(observation);
                lane.phase = Phase::UnderWay;
            }
        }
        Ok(())
    }

    /// Chooses all actions at once.
    pub(super) fn choose_actions(&mut self) -> ActionSource {
        let (source, chosen) = if self.steps < self.settings.warmup_steps {
            fill_uniform(&mut self.xi, 1.0, &mut self.streams.warm_up);
            (ActionSource::WarmUp, &self.xi[..])
        } else {
            fill_normal(&mut self.xi, &mut self.streams.policy);
            let (_, phi) = self.algorithm.policy();
            let (standardisation, s) = (self.normaliser.observations(), &self.observations);
            let chosen = self.actor.act(phi.as_slice(), standardisation, s, Some(&self.xi));
            (ActionSource::Policy, chosen)
        };
        let a = self.actions.len() / self.lanes.len();
        let actions = self.actions.chunks_exact_mut(a).zip(chosen.chunks_exact(a));
        for (lane, (action, chosen)) in self.lanes.iter().zip(actions) {
            // What was done already was done with the action of then.
            if lane.phase == Phase::UnderWay {
                action.copy_from_slice(chosen);
            }
        }
        source
    }

    /// Takes the actions, in all environments at the same time.
    pub(super) fn step_envs<E: Envs + ?Sized>(&mut self, envs: &mut E) -> Result<(), LearnerError> {
        let n = self.lanes.len();
        let (s, a) = (self.observations.len() / n, self.actions.len() / n);
        let actions = self.actions.chunks_exact(a);
        for (i, (lane, action)) in self.lanes.iter_mut().zip(actions).enumerate() {
            if lane.phase == Phase::UnderWay {
                self.actor.action_box().to_environment(action, &mut lane.applied);
                envs.env(i).announce_step(&lane.applied);
            }
        }
        let mut first_error = None;
        let next_observations = self.next_observations.chunks_exact_mut(s);
        for (i, (lane, next)) in self.lanes.iter_mut().zip(next_observations).enumerate() {
            if lane.phase == Phase::UnderWay {
                match lane.step::<T>(envs.env(i), self.steps + 1 + i as u64) {
                    Ok(()) => convert(&lane.observed, next),
                    Err(error) => first_error = first_error.or(Some(error)),
                }
                if lane.phase == Phase::Over {
                    self.normaliser.abandon_episode(i);
                }
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// Keeps the transitions, now that all are there.
    pub(super) fn store(&mut self) -> Result<(), LearnerError> {
        let n = self.lanes.len();
        let (s, a) = (self.observations.len() / n, self.actions.len() / n);
        for (i, lane) in self.lanes.iter_mut().enumerate() {
            let next_observation = &self.next_observations[i * s..][..s];
            self.replay.push_of(
                i,
                Transition {
                    observation: &self.observations[i * s..][..s],
                    action: &self.actions[i * a..][..a],
                    reward: T::of(lane.step.reward),
                    next_observation,
                    terminated: lane.step.terminated,
                    truncated: lane.step.truncated,
                },
            )?;
            let done = lane.step.done();
            lane.phase = if done { Phase::Over } else { Phase::UnderWay };
            self.normaliser.see_reward(i, lane.step.reward, done);
            if !done {
                self.normaliser.see_observation(next_observation);
            }
        }
        core::mem::swap(&mut self.observations, &mut self.next_observations);
        Ok(())
    }
}

fn convert<T: Scalar>(from: &[f64], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = T::of(from));
}
