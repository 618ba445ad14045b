//! What every native environment checks before it acts.

use super::error::EnvError;
use super::space::BoxSpace;

/// The spaces of an environment with one action, and whether an episode is under way.
///
/// An environment calls [`Gate::open`] in `reset`, [`Gate::admit`] in `step` and [`Gate::close`]
/// where an episode terminates. Both checks come before any change of state, so that a refused call
/// leaves the episode as it was.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    observation: BoxSpace,
    action: BoxSpace,
    under_way: bool,
}

impl Gate {
    /// A closed gate for observations in `observation` and actions in `[-bound, bound]`.
    pub(super) fn new(observation: BoxSpace, bound: f64) -> Self {
        Self { observation, action: BoxSpace::constant([-bound], [bound]), under_way: false }
    }

    pub(super) fn observation_space(&self) -> &BoxSpace {
        &self.observation
    }

    pub(super) fn action_space(&self) -> &BoxSpace {
        &self.action
    }

    /// Checks the arguments of `reset` and lets steps through from now on.
    pub(super) fn open(&mut self, observation: &[f64]) -> Result<(), EnvError> {
        self.observation.check_length(observation)?;
        self.under_way = true;
        Ok(())
    }

    /// Checks the arguments of `step` and gives the action's one component, not clipped yet.
    pub(super) fn admit(&self, action: &[f64], observation: &[f64]) -> Result<f64, EnvError> {
        self.observation.check_length(observation)?;
        let &[action] = action else {
            let expected = self.action.len();
            return Err(EnvError::ActionLength { expected, found: action.len() });
        };
        if !action.is_finite() {
            return Err(EnvError::NonFiniteAction { index: 0, value: action });
        }
        if self.under_way { Ok(action) } else { Err(EnvError::NeedsReset) }
    }

    /// Whether an episode is under way, as the first word of an environment's state.
    pub(super) fn word(&self) -> u64 {
        u64::from(self.under_way)
    }

    /// Goes back to what [`word`](Gate::word) gave, if the rest of the state is `possible`. Nothing has changed
    /// where that is refused.
    pub(super) fn restore(&mut self, word: u64, possible: bool) -> Option<()> {
        self.under_way = (word <= 1 && possible).then_some(word == 1)?;
        Some(())
    }

    /// Refuses steps until the next reset.
    pub(super) fn close(&mut self) {
        self.under_way = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_gate_admits_a_finite_action_of_the_right_length() {
        let mut gate = Gate::new(BoxSpace::constant([0.0; 2], [1.0; 2]), 1.0);
        let observation = [0.0; 2];
        assert_eq!(gate.admit(&[0.5], &observation), Err(EnvError::NeedsReset));
        assert_eq!(gate.open(&[0.0]), Err(EnvError::ObservationLength { expected: 2, found: 1 }));
        assert_eq!(gate.admit(&[0.5], &observation), Err(EnvError::NeedsReset));

        assert_eq!(gate.open(&observation), Ok(()));
        assert_eq!(gate.admit(&[7.0], &observation), Ok(7.0));
        let length = EnvError::ActionLength { expected: 1, found: 0 };
        assert_eq!(gate.admit(&[], &observation), Err(length));
        let infinite = EnvError::NonFiniteAction { index: 0, value: f64::INFINITY };
        assert_eq!(gate.admit(&[f64::INFINITY], &observation), Err(infinite));

        gate.close();
        assert_eq!(gate.admit(&[0.5], &observation), Err(EnvError::NeedsReset));
    }
}
