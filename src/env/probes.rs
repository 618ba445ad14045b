//! Five probe environments that a broken learner fails one at a time.

use alloc::vec;
use alloc::vec::Vec;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::EnvError;
use super::gate::Gate;
use super::quadrature::soft_maximum;
use super::space::BoxSpace;
use super::{Env, Step};

/// The probes, in the order in which to run them: each needs one part more of the learner to work
/// than the one before.
///
/// After Andy L. Jones, "Debugging RL, Without the Agonizing Pain", 2021,
/// <https://andyljones.com/posts/rl-debugging.html>, whose two discrete actions become the interval
/// `[-1, 1]` here. In all of them the best action gives a reward of 1, unless the observation says
/// otherwise; [`Probe::optimal_value`] gives the value of acting best and [`Probe::soft_value`] that
/// of the entropy-regularised optimum, which is what Soft Actor-Critic learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// One step from the observation 0; the reward is 1. Tests that the critic learns a constant.
    Constant,
    /// One step from the observation −1 or 1, at random; the reward is the observation. Tests that
    /// the critic sees the observation.
    Observation,
    /// Two steps, from the observation 0 to the observation 1; the second gives the reward 1. Tests
    /// bootstrapping and discounting.
    Delayed,
    /// One step from the observation 0; the reward is `1 − (a − ½)²`. Tests that the policy climbs
    /// the critic.
    Action,
    /// One step from the observation `o` of −1 or 1, at random; the reward is `1 − (a − o/2)²`.
    /// Tests that the policy sees the observation.
    ObservationAction,
}

impl Probe {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Constant, Self::Observation, Self::Delayed, Self::Action, Self::ObservationAction];

    /// The name under which the environment is registered.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Constant => "ProbeConstant-v0",
            Self::Observation => "ProbeObservation-v0",
            Self::Delayed => "ProbeDelayed-v0",
            Self::Action => "ProbeAction-v0",
            Self::ObservationAction => "ProbeObservationAction-v0",
        }
    }

    /// The observations an episode may start from.
    #[must_use]
    pub fn starts(self) -> &'static [f64] {
        match self {
            Self::Constant | Self::Delayed | Self::Action => &[0.0],
            Self::Observation | Self::ObservationAction => &[-1.0, 1.0],
        }
    }

    /// The reward `r(o, a)`.
    #[must_use]
    pub fn reward(self, observation: f64, action: f64) -> f64 {
        match (self, self.optimal_action(observation)) {
            (Self::Observation | Self::Delayed, _) => observation,
            (_, Some(best)) => 1.0 - (action - best) * (action - best),
            (_, None) => 1.0,
        }
    }

    /// The best action, where the reward depends on the action at all.
    #[must_use]
    pub fn optimal_action(self, observation: f64) -> Option<f64> {
        match self {
            Self::Constant | Self::Observation | Self::Delayed => None,
            Self::Action => Some(0.5),
            Self::ObservationAction => Some(observation / 2.0),
        }
    }

    /// The observation that follows, or `None` where the episode terminates.
    fn next(self, observation: f64) -> Option<f64> {
        (self == Self::Delayed && observation == 0.0).then_some(1.0)
    }

    /// The value of acting best: the reward of the best action, or `γ` where it comes a step later.
    #[must_use]
    pub fn optimal_value(self, observation: f64, gamma: f64) -> f64 {
        let reward = self.reward(observation, self.optimal_action(observation).unwrap_or(0.0));
        let next = self.next(observation).map_or(0.0, |next| self.optimal_value(next, gamma));
        reward + gamma * next
    }

    /// The soft value `V(o) = α ln ∫₋₁¹ exp(Q(o, a)/α) da`, with `Q(o, a) = r(o, a) + γ V(o')`.
    ///
    /// Where the action does not matter it is the reward and the entropy `ln 2` of a uniform action
    /// on each step: `1 + α ln 2` in [`Probe::Constant`], `γ (1 + α ln 2) + α ln 2` at the start of
    /// [`Probe::Delayed`].
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless `alpha` is finite and above 0.
    pub fn soft_value(self, observation: f64, gamma: f64, alpha: f64) -> Result<f64, EnvError> {
        let next = self.next(observation).map(|next| self.soft_value(next, gamma, alpha));
        let future = gamma * next.transpose()?.unwrap_or(0.0);
        soft_maximum(|action| self.reward(observation, action) + future, alpha)
    }
}

/// One of the [probes](Probe) as an environment, with observations and actions in `[-1, 1]`.
#[derive(Clone, Debug)]
pub struct ProbeEnv {
    gate: Gate,
    probe: Probe,
    observation: f64,
}

impl ProbeEnv {
    /// The probe before its first episode.
    #[must_use]
    pub fn new(probe: Probe) -> Self {
        let gate = Gate::new(BoxSpace::constant([-1.0], [1.0]), 1.0);
        Self { gate, probe, observation: 0.0 }
    }
}

impl Env for ProbeEnv {
    fn name(&self) -> &str {
        self.probe.id()
    }

    fn observation_space(&self) -> &BoxSpace {
        self.gate.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.gate.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.gate.open(observation)?;
        let starts = self.probe.starts();
        self.observation = starts[ChaCha8Rng::seed_from_u64(seed).random_range(0..starts.len())];
        observation.fill(self.observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action = self.gate.admit(action, observation)?.clamp(-1.0, 1.0);
        let reward = self.probe.reward(self.observation, action);
        let next = self.probe.next(self.observation);
        match next {
            Some(next) => self.observation = next,
            None => self.gate.close(),
        }
        observation.fill(self.observation);
        Ok(Step { reward, terminated: next.is_none(), truncated: false })
    }

    fn state(&self) -> Option<Vec<u64>> {
        Some(vec![self.gate.word(), self.observation.to_bits()])
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let &[gate, observation] = state else { return Err(invalid) };
        let observation = f64::from_bits(observation);
        let possible = self.observation_space().contains(&[observation]);
        self.gate.restore(gate, possible).ok_or(invalid)?;
        self.observation = observation;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::f64::consts::LN_2;

    use super::*;

    #[test]
    fn acting_best_earns_the_optimal_value() {
        let gamma = 0.9;
        for probe in Probe::ALL {
            let (mut env, mut observation) = (ProbeEnv::new(probe), [0.0]);
            for seed in 0..8 {
                env.reset(seed, &mut observation).unwrap();
                let expected = probe.optimal_value(observation[0], gamma);
                let (mut value, mut weight, mut over) = (0.0, 1.0, false);
                while !over {
                    let action = probe.optimal_action(observation[0]).unwrap_or(-0.3);
                    let step = env.step(&[action], &mut observation).unwrap();
                    value += weight * step.reward;
                    weight *= gamma;
                    over = step.terminated;
                }
                assert_eq!(value, expected, "{probe:?}");
                assert_eq!(env.step(&[0.0], &mut observation), Err(EnvError::NeedsReset));
            }
        }
    }

    #[test]
    fn episodes_start_from_every_observation() {
        for probe in Probe::ALL {
            let (mut env, mut observation) = (ProbeEnv::new(probe), [0.0]);
            for start in probe.starts() {
                let mut seeds = 0..20;
                assert!(seeds.any(|seed| {
                    env.reset(seed, &mut observation).unwrap();
                    observation == [*start]
                }));
            }
        }
    }

    #[test]
    fn where_the_action_does_not_matter_entropy_adds_alpha_ln_2_a_step() {
        let (gamma, alpha) = (0.9, 0.2);
        let bonus = alpha * LN_2;
        let close = |probe: Probe, observation, expected: f64| {
            let value = probe.soft_value(observation, gamma, alpha).unwrap();
            assert!((value - expected).abs() < 1e-12, "{probe:?}: {value}");
        };
        close(Probe::Constant, 0.0, 1.0 + bonus);
        close(Probe::Observation, -1.0, -1.0 + bonus);
        close(Probe::Delayed, 1.0, 1.0 + bonus);
        close(Probe::Delayed, 0.0, gamma * (1.0 + bonus) + bonus);
    }

    #[test]
    fn the_soft_value_nears_the_optimal_value_as_the_temperature_falls() {
        for probe in Probe::ALL {
            for &start in probe.starts() {
                let soft = probe.soft_value(start, 0.9, 1e-4).unwrap();
                assert!((soft - probe.optimal_value(start, 0.9)).abs() < 1e-3, "{probe:?}");
            }
        }
    }
}
