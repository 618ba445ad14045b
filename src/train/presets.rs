//! Good settings for each environment.

use super::{Config, RunConfig, Task};
use crate::sac::{EntCoef, SacConfig};

/// The settings that [`Config::layered`](super::Config::layered) starts from: the environment's own where
/// it has any, otherwise the paper's.
#[must_use]
pub fn preset(task: &Task) -> Config {
    let mut config = match task.name() {
        "Pendulum-v1" | "gym:Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" | "gym:MountainCarContinuous-v0" => mountain_car(),
        "TwoArmedBandit-v0" => bandit(),
        "Chain-v0" => chain(),
        id if id.starts_with("Probe") => probe(),
        _ => paper(),
    };
    config.run.env = task.name().to_string();
    config
}

/// For locomotion and the like: Haarnoja et al., arXiv:1812.05905, table 1, with 10,000 uniform actions first, as
/// the authors' own code has for HalfCheetah. A checkpoint holds the replay buffer, hence they are rare.
fn paper() -> Config {
    Config {
        run: RunConfig {
            total_timesteps: 1_000_000,
            eval_freq: 10_000,
            checkpoint_freq: 50_000,
            ..RunConfig::default()
        },
        sac: SacConfig { learning_starts: 10_000, ..SacConfig::default() },
    }
}

fn pendulum() -> Config {
    Config {
        run: RunConfig {
            total_timesteps: 10_000,
            log_freq: 200,
            stats_window_size: 5,
            eval_freq: 500,
            ..RunConfig::default()
        },
        sac: SacConfig {
            learning_rate: 1e-3,
            buffer_size: 10_000,
            batch_size: 100,
            tau: 0.01,
            net_arch: vec![64, 64],
            ..SacConfig::default()
        },
    }
}

fn mountain_car() -> Config {
    Config {
        run: RunConfig { total_timesteps: 50_000, ..RunConfig::default() },
        sac: SacConfig {
            buffer_size: 50_000,
            batch_size: 256,
            net_arch: vec![64, 64],
            ..SacConfig::default()
        },
    }
}

fn bandit() -> Config {
    Config {
        sac: SacConfig { ent_coef: EntCoef::Fixed(0.5), ..small() },
        run: RunConfig { total_timesteps: 5_000, ..quick() },
    }
}

fn chain() -> Config {
    Config {
        sac: SacConfig { ent_coef: EntCoef::Fixed(0.05), gamma: 0.9, ..small() },
        run: RunConfig { total_timesteps: 10_000, ..quick() },
    }
}

fn probe() -> Config {
    Config {
        sac: SacConfig { ent_coef: EntCoef::Fixed(0.05), gamma: 0.9, ..small() },
        run: RunConfig { total_timesteps: 3_000, ..quick() },
    }
}

/// For environments that are solved in seconds.
fn small() -> SacConfig {
    SacConfig {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        batch_size: 64,
        net_arch: vec![32, 32],
        ..SacConfig::default()
    }
}

fn quick() -> RunConfig {
    RunConfig { log_freq: 200, eval_freq: 500, ..RunConfig::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::registry;

    #[test]
    fn what_is_gymnasiums_has_the_settings_of_the_paper_or_of_the_native_one() {
        let of = |name| preset(&Task::find(name).unwrap());
        let cheetah = of("gym:HalfCheetah-v5");
        let SacConfig { net_arch, batch_size, learning_rate, tau, gamma, .. } = &cheetah.sac;
        assert_eq!((net_arch.as_slice(), *batch_size), (&[256, 256][..], 256));
        assert_eq!((*learning_rate, *tau, *gamma), (3e-4, 0.005, 0.99));
        assert_eq!((cheetah.sac.learning_starts, cheetah.run.total_timesteps), (10_000, 1_000_000));
        let (native, theirs) = (of("pendulum"), of("gym:Pendulum-v1"));
        assert_eq!((native.sac, &*theirs.run.env), (theirs.sac, "gym:Pendulum-v1"));
    }

    #[test]
    fn every_preset_is_valid_for_its_environment() {
        for spec in registry() {
            let config = preset(&spec.into());
            assert_eq!(config.run.env, spec.id);
            assert!(config.validate(spec.make().action_space().len()).is_ok(), "{}", spec.id);
        }
    }
}
