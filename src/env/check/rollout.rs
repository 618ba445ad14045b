//! What one environment does alone.

use super::Check;
use super::advice::{Advice, LARGE};
use super::problem::Problem;
use super::report::Finding;
use super::subject::{Actions, Subject, is_not_written};
use super::terms::{Misuse, Moment};
use crate::env::error::EnvError;
use crate::env::far_from_zero::FarFromZero;
use crate::env::{Env, Step};
use crate::moments::Moments;

/// How far out of bounds actions are tried, in widths of the box; negative is below the lower bounds.
const REACHES: [f64; 4] = [1.0, -1.0, 1e6, -1e6];

/// Valid steps after an action out of bounds.
const AFTER_OUTSIDE: u32 = 3;

/// The largest numbers of a rollout, and the moments of its observations.
struct Seen {
    observation: Option<(Moment, usize, f64)>,
    reward: Option<(Moment, f64)>,
    /// Of as many components as the caller's buffer has.
    moments: Moments,
}

impl Seen {
    fn new(s: usize) -> Self {
        Self { observation: None, reward: None, moments: Moments::of_samples(s) }
    }
}

impl Check {
    /// A step before the first reset must be refused.
    pub(super) fn before_reset<E: Env>(&mut self, subject: &mut Subject<E>) {
        let mut actions = Actions::new(&self.action_space, self.config.seed);
        let answer = subject.step(actions.next()).err();
        self.refused(Misuse::StepBeforeReset, answer);
    }

    /// Adds a problem unless the misuse was answered as it should be.
    pub(super) fn refused(&mut self, misuse: Misuse, answer: Option<EnvError>) -> bool {
        let refused = answer.as_ref().is_some_and(|error| misuse.is_answered_by(error));
        if !refused {
            self.report.add(Problem::NotRefused { misuse, answer });
        }
        refused
    }

    /// Plays episodes one after the other, each to its end, until the steps are used up.
    pub(super) fn rollout<E: Env>(&mut self, subject: &mut Subject<E>) {
        let mut actions = Actions::new(&self.action_space, self.config.seed);
        let (mut left, mut after_end, mut ended) = (self.config.steps, false, false);
        let mut seen = Seen::new(subject.observation.len());
        for episode in 0.. {
            if left == 0 {
                break;
            }
            let seed = self.config.seed.wrapping_add(episode);
            if let Err(error) = subject.reset(seed) {
                // An episode takes a step even if it does not begin, so that this comes to an end.
                left -= 1;
                let moment = subject.moment;
                self.give_up(match after_end {
                    true => Problem::CannotRestart { moment, error },
                    false => Problem::ResetRefused { moment, error },
                });
                continue;
            }
            if !self.observed(subject, &mut seen) {
                return;
            }
            after_end = self.episode(subject, &mut actions, &mut left, after_end, &mut seen);
            ended |= after_end;
        }
        self.advise(&seen);
        if !ended && self.can_go_on() {
            self.report.advice.push(Advice::NoEnd { steps: self.config.steps });
        }
    }

    /// Plays an episode that was begun; whether it ended by itself, or the one before did and stays over.
    fn episode<E: Env>(
        &mut self,
        subject: &mut Subject<E>,
        actions: &mut Actions,
        left: &mut u32,
        after_end: bool,
        seen: &mut Seen,
    ) -> bool {
        while *left > 0 {
            *left -= 1;
            match subject.step(actions.next()) {
                Ok(step) => {
                    self.rewarded(subject.moment, &step, seen);
                    if !self.observed(subject, seen) {
                        *left = 0;
                    } else if step.done() {
                        let end = subject.moment;
                        let answer = subject.step(actions.next()).err();
                        self.refused(Misuse::StepAfterEnd(end), answer);
                        return true;
                    }
                }
                Err(error) => {
                    let moment = subject.moment;
                    let stays_over = after_end && moment.step == 1 && error == EnvError::NeedsReset;
                    let action = actions.action.clone();
                    self.give_up(match stays_over {
                        true => Problem::CannotRestart { moment, error },
                        false => Problem::StepRefused { moment, action, error },
                    });
                    return stays_over;
                }
            }
        }
        false
    }

    /// Checks the observation and the spaces after a call; whether the spaces are what they were.
    fn observed<E: Env>(&mut self, subject: &Subject<E>, seen: &mut Seen) -> bool {
        let moment = subject.moment;
        if !self.spaces_hold(subject, Some(moment)) {
            return false;
        }
        let observation = subject.observation.iter();
        if observation.clone().all(|x| x.is_finite()) {
            seen.moments.update(observation.copied());
        }
        let bounds = self.observation_space.low().iter().zip(self.observation_space.high());
        for (index, (&value, (&low, &high))) in subject.observation.iter().zip(bounds).enumerate() {
            if is_not_written(value) {
                self.report.add(Problem::ObservationNotWritten { moment, index });
            } else if !value.is_finite() {
                self.report.add(Problem::ObservationNotFinite { moment, index, value });
            } else if !self.observation_space.admits(index, value) {
                self.report.add(Problem::ObservationOutside { moment, index, value, low, high });
            } else if !(low.is_finite() && high.is_finite())
                && value.abs() > seen.observation.map_or(LARGE, |(_, _, largest)| largest.abs())
            {
                seen.observation = Some((moment, index, value));
            }
        }
        true
    }

    fn rewarded(&mut self, moment: Moment, step: &Step, seen: &mut Seen) {
        let value = step.reward;
        if !value.is_finite() {
            self.report.add(Problem::RewardNotFinite { moment, value });
        } else if value.abs() > seen.reward.map_or(LARGE, |(_, largest)| largest.abs()) {
            seen.reward = Some((moment, value));
        }
    }

    fn advise(&mut self, seen: &Seen) {
        let far = FarFromZero::find(&seen.moments);
        // To scale what is far from zero brings nothing back.
        let can_be_scaled = |index| far.is_none_or(|far| far.index != index);
        let observation = seen.observation.filter(|&(_, index, _)| can_be_scaled(index));
        let observation = observation.map(|(moment, index, value)| Advice::LargeObservation {
            moment,
            index,
            value,
        });
        let reward = seen.reward.map(|(moment, value)| Advice::LargeReward { moment, value });
        self.report.advice.extend(observation);
        self.report.advice.extend(far.map(Advice::FarFromZero));
        self.report.advice.extend(reward);
    }

    /// Finite actions out of bounds must not make NaN.
    pub(super) fn outside<E: Env>(&mut self, subject: &mut Subject<E>) {
        let makes_none = |found: &Finding| {
            !matches!(
                found.problem,
                Problem::ObservationNotWritten { .. }
                    | Problem::ObservationNotFinite { .. }
                    | Problem::RewardNotFinite { .. }
            )
        };
        // NaN that valid actions make, too, are no news.
        if !self.report.problems.iter().all(makes_none) {
            return;
        }
        for (reach, number) in REACHES.into_iter().zip(0..) {
            let mut actions = Actions::new(&self.action_space, self.config.seed);
            let Some(outside) = actions.outside(reach).map(<[f64]>::to_vec) else { continue };
            if subject.reset(self.config.seed.wrapping_add(number)).is_err() {
                continue;
            }
            let mut step = subject.step(&outside);
            for _ in 0..=AFTER_OUTSIDE {
                let Ok(done) = step.as_ref().map(Step::done) else { break };
                let nan = subject.observation.iter().position(|x| x.is_nan());
                if nan.is_some() || step.is_ok_and(|step| step.reward.is_nan()) {
                    let (moment, action) = (subject.moment, outside);
                    self.report.add(Problem::NanOutside { moment, action, index: nan });
                    break;
                }
                if done {
                    break;
                }
                step = subject.step(actions.next());
            }
        }
    }
}
