//! The environments by name.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::Env;
use super::bandit::TwoArmedBandit;
use super::chain::Chain;
use super::error::EnvError;
use super::mountain_car::MountainCarContinuous;
use super::pendulum::Pendulum;
use super::probes::{Probe, ProbeEnv};
use super::time_limit::TimeLimit;

/// What is known about a registered environment.
#[derive(Clone, Copy, Debug)]
pub struct EnvSpec {
    /// The name, with its version, as Gymnasium writes it.
    pub id: &'static str,
    /// A short name.
    pub alias: &'static str,
    /// What the task is, in one line.
    pub summary: &'static str,
    /// The steps after which [`EnvSpec::make`] truncates an episode.
    pub max_episode_steps: Option<u32>,
    build: fn() -> Box<dyn Env>,
}

impl EnvSpec {
    /// A new environment of this kind, within its time limit.
    #[must_use]
    pub fn make(&self) -> Box<dyn Env> {
        let env = (self.build)();
        match self.max_episode_steps {
            Some(limit) => Box::new(TimeLimit::new(env, limit)),
            None => env,
        }
    }

    fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.alias.eq_ignore_ascii_case(name)
    }
}

static REGISTRY: [EnvSpec; 9] = [
    EnvSpec {
        id: "Pendulum-v1",
        alias: "pendulum",
        summary: "swing a pendulum up and hold it there (Gymnasium)",
        max_episode_steps: Some(200),
        build: || Box::new(Pendulum::new()),
    },
    EnvSpec {
        id: "MountainCarContinuous-v0",
        alias: "mountain-car",
        summary: "rock a weak car out of a valley (Gymnasium)",
        max_episode_steps: Some(999),
        build: || Box::new(MountainCarContinuous::new()),
    },
    EnvSpec {
        id: "TwoArmedBandit-v0",
        alias: "bandit",
        summary: "one step, a reward with two peaks; the soft optimum is known",
        max_episode_steps: None,
        build: || Box::new(TwoArmedBandit::new()),
    },
    EnvSpec {
        id: "Chain-v0",
        alias: "chain",
        summary: "a steered walk on five states; the soft optimum is known",
        max_episode_steps: Some(50),
        build: || Box::new(Chain::new()),
    },
    EnvSpec {
        id: "ProbeConstant-v0",
        alias: "probe-constant",
        summary: "probe: the reward is 1",
        max_episode_steps: None,
        build: || Box::new(ProbeEnv::new(Probe::Constant)),
    },
    EnvSpec {
        id: "ProbeObservation-v0",
        alias: "probe-observation",
        summary: "probe: the reward is the observation",
        max_episode_steps: None,
        build: || Box::new(ProbeEnv::new(Probe::Observation)),
    },
    EnvSpec {
        id: "ProbeDelayed-v0",
        alias: "probe-delayed",
        summary: "probe: the reward comes with the second step",
        max_episode_steps: None,
        build: || Box::new(ProbeEnv::new(Probe::Delayed)),
    },
    EnvSpec {
        id: "ProbeAction-v0",
        alias: "probe-action",
        summary: "probe: the reward depends on the action",
        max_episode_steps: None,
        build: || Box::new(ProbeEnv::new(Probe::Action)),
    },
    EnvSpec {
        id: "ProbeObservationAction-v0",
        alias: "probe-observation-action",
        summary: "probe: the reward depends on observation and action",
        max_episode_steps: None,
        build: || Box::new(ProbeEnv::new(Probe::ObservationAction)),
    },
];

/// All environments that [`make`] knows.
#[must_use]
pub fn registry() -> &'static [EnvSpec] {
    &REGISTRY
}

/// The registered environment of this name or alias, in upper or lower case.
///
/// # Errors
/// [`EnvError::Unknown`], which lists the names there are.
pub fn find(name: &str) -> Result<&'static EnvSpec, EnvError> {
    let spec = registry().iter().find(|spec| spec.is_named(name));
    spec.ok_or_else(|| EnvError::Unknown {
        name: name.to_string(),
        known: registry().iter().map(|spec| spec.id).collect::<Vec<_>>().join(", "),
    })
}

/// A new environment by its name or alias, in upper or lower case, within its time limit.
///
/// ```
/// let env = softac::env::make("pendulum")?;
/// assert_eq!(env.name(), "Pendulum-v1");
/// # Ok::<(), softac::env::EnvError>(())
/// ```
///
/// # Errors
/// [`EnvError::Unknown`], which lists the names there are.
pub fn make(name: &str) -> Result<Box<dyn Env>, EnvError> {
    find(name).map(EnvSpec::make)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_goes_by_its_id_and_its_alias_in_any_case() {
        for spec in registry() {
            for name in [spec.id, spec.alias, &spec.id.to_uppercase(), &spec.alias.to_uppercase()] {
                assert_eq!(make(name).unwrap().name(), spec.id);
            }
        }
    }

    #[test]
    fn names_are_unique() {
        for spec in registry() {
            for name in [spec.id, spec.alias] {
                assert_eq!(registry().iter().filter(|other| other.is_named(name)).count(), 1);
            }
        }
    }

    #[test]
    fn every_probe_is_registered() {
        for probe in Probe::ALL {
            assert!(registry().iter().any(|spec| spec.id == probe.id()));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = make("Humanoid-v5").err().unwrap().to_string();
        assert!(message.contains("Humanoid-v5"));
        assert!(registry().iter().all(|spec| message.contains(spec.id)));
    }
}
