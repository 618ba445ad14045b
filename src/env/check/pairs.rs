//! Two environments side by side, which must do the same.

use alloc::vec;
use alloc::vec::Vec;

use super::Check;
use super::problem::Problem;
use super::subject::{Actions, Subject, difference};
use super::terms::{Difference, Misuse};
use crate::env::Env;
use crate::env::error::EnvError;

/// The longest episodes of the comparison by seeds: several begin in the midst of others.
const EPISODE: u32 = 100;

/// What came of the same step in both.
enum Together {
    Goes,
    Ends,
    /// Both refuse it.
    Refused(EnvError),
    Differs(Difference),
}

impl Check {
    /// Plays the same episodes in both; whether they are the same.
    ///
    /// The first has been played in, the second is new: neither another history nor another environment may
    /// make a difference.
    pub(super) fn same_seed<E: Env>(
        &mut self,
        first: &mut Subject<E>,
        second: &mut Subject<E>,
    ) -> bool {
        let mut actions = Actions::new(&self.action_space, self.config.seed);
        let mut left = self.config.steps.min(5 * EPISODE);
        let mut same = true;
        for episode in 0.. {
            if left == 0 {
                break;
            }
            let steps = left.min(EPISODE);
            let (seed, played) = (self.config.seed.wrapping_add(episode), left);
            if let Some(difference) = self.begin(first, second, seed) {
                same = false;
                left -= 1;
                let moment = second.moment;
                self.report.add(Problem::NotReproducible { moment, difference });
                continue;
            }
            if !self.can_go_on() {
                return false;
            }
            while left > played - steps {
                left -= 1;
                match together(first, second, actions.next()) {
                    Together::Goes => {}
                    Together::Ends => break,
                    Together::Refused(error) => {
                        let (moment, action) = (second.moment, actions.action.clone());
                        self.give_up(Problem::StepRefused { moment, action, error });
                        return false;
                    }
                    Together::Differs(difference) => {
                        same = false;
                        let moment = second.moment;
                        self.report.add(Problem::NotReproducible { moment, difference });
                        break;
                    }
                }
            }
        }
        same
    }

    /// Begins the same episode in both, and tells how they differ.
    fn begin<E: Env>(
        &mut self,
        first: &mut Subject<E>,
        second: &mut Subject<E>,
        seed: u64,
    ) -> Option<Difference> {
        match (first.reset(seed), second.reset(seed)) {
            (Ok(()), Ok(())) => first.difference(second),
            (Err(error), Err(_)) => {
                self.give_up(Problem::ResetRefused { moment: first.moment, error });
                None
            }
            (a, b) => Some(Difference::Refusal { first: a.err(), second: b.err() }),
        }
    }

    /// Misuses the first before every step of an episode, and compares it with the second, if it is known that
    /// the same seed makes the `same` episode; or else only once.
    pub(super) fn misuses<E: Env>(
        &mut self,
        first: &mut Subject<E>,
        second: &mut Subject<E>,
        same: bool,
    ) {
        let steps = if same { (self.config.steps / 10).clamp(1, EPISODE) } else { 0 };
        let (o, a) = (self.observation_space.len(), self.action_space.len());
        let mut misuses = Vec::new();
        for index in if a > 1 { vec![0, a - 1] } else { vec![0] } {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                misuses.push(Misuse::NonFiniteAction { index, value });
            }
        }
        // Last, since environments that do not look at lengths tend to panic.
        misuses.extend([a + 1, a - 1].map(Misuse::ActionLength));
        misuses.extend([o + 1, o - 1].map(Misuse::StepBuffer));
        misuses.extend([o + 1, o - 1].map(Misuse::ResetBuffer));
        for (misuse, number) in misuses.into_iter().zip(0..) {
            let seed = self.config.seed.wrapping_add(number);
            self.misuse(first, second, misuse, seed, steps);
        }
    }

    fn misuse<E: Env>(
        &mut self,
        first: &mut Subject<E>,
        second: &mut Subject<E>,
        misuse: Misuse,
        seed: u64,
        steps: u32,
    ) {
        let mut actions = Actions::new(&self.action_space, seed);
        if first.reset(seed).and_then(|()| second.reset(seed)).is_err() {
            return;
        }
        for step in 0..=steps {
            let answer = first.misuse(misuse, actions.next());
            if !self.refused(misuse, answer) || step == steps {
                return;
            }
            match together(first, second, &actions.action) {
                Together::Goes => {}
                Together::Ends | Together::Refused(_) => return,
                Together::Differs(difference) => {
                    let moment = second.moment;
                    self.report.add(Problem::Disturbed { misuse, moment, difference });
                    return;
                }
            }
        }
    }
}

/// The same step in both.
fn together<E: Env>(first: &mut Subject<E>, second: &mut Subject<E>, action: &[f64]) -> Together {
    let (a, b) = (first.step(action), second.step(action));
    let found = difference(&a, &b).or_else(|| b.is_ok().then(|| first.difference(second))?);
    match (found, b) {
        (Some(found), _) => Together::Differs(found),
        (None, Ok(step)) if step.done() => Together::Ends,
        (None, Ok(_)) => Together::Goes,
        (None, Err(error)) => Together::Refused(error),
    }
}

impl<E: Env> Subject<E> {
    /// Makes a call that must be refused, with this valid action; the error, if it was.
    fn misuse(&mut self, misuse: Misuse, action: &[f64]) -> Option<EnvError> {
        let mut action = action.to_vec();
        let mut buffer = self.observation.clone();
        match misuse {
            Misuse::StepBeforeReset | Misuse::StepAfterEnd(_) => {}
            Misuse::ResetBuffer(len) | Misuse::StepBuffer(len) => buffer.resize(len, 0.0),
            Misuse::ActionLength(len) => action.resize(len, 0.0),
            Misuse::NonFiniteAction { index, value } => action[index] = value,
        }
        match misuse {
            Misuse::ResetBuffer(_) => {
                self.env.reset(self.moment.seed.wrapping_add(1), &mut buffer).err()
            }
            _ => self.env.step(&action, &mut buffer).err(),
        }
    }
}
