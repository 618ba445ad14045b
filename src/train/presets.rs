//! Good settings for each environment.

use super::{Config, RunConfig};
use crate::env::EnvSpec;
use crate::sac::{EntCoef, SacConfig};

/// The settings that [`Config::layered`](super::Config::layered) starts from: the environment's own where
/// it has any, otherwise the paper's.
#[must_use]
pub fn preset(env: &EnvSpec) -> Config {
    let mut config = match env.id {
        "Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" => mountain_car(),
        "TwoArmedBandit-v0" => bandit(),
        "Chain-v0" => chain(),
        id if id.starts_with("Probe") => probe(),
        _ => Config::default(),
    };
    config.run.env = env.id.to_string();
    config
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
    fn every_preset_is_valid_for_its_environment() {
        for spec in registry() {
            let config = preset(spec);
            assert_eq!(config.run.env, spec.id);
            assert!(config.validate(spec.make().action_space().len()).is_ok(), "{}", spec.id);
        }
    }
}
