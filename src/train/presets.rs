//! Good settings of a run for each environment.

use super::run_config::RunConfig;
use super::task::Task;

/// The settings of a run that are good in this environment.
pub(super) fn run_preset(task: &Task) -> RunConfig {
    let name = task.name();
    let run = match name {
        "Pendulum-v1" | "gym:Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" | "gym:MountainCarContinuous-v0" => {
            // Noise of its own in each step hardly ever swings the car up; an action held for eight steps does.
            RunConfig { total_timesteps: 50_000, action_repeat: 8, ..RunConfig::default() }
        }
        "TwoArmedBandit-v0" => RunConfig { total_timesteps: 5_000, ..quick() },
        "Chain-v0" => RunConfig { total_timesteps: 10_000, ..quick() },
        id if id.starts_with("Probe") => RunConfig { total_timesteps: 3_000, ..quick() },
        _ => long(),
    };
    RunConfig { env: name.to_string(), ..run }
}

/// For what takes a million steps. A checkpoint holds the replay buffer, hence they are rare.
fn long() -> RunConfig {
    RunConfig {
        total_timesteps: 1_000_000,
        eval_freq: 10_000,
        checkpoint_freq: 50_000,
        ..RunConfig::default()
    }
}

fn pendulum() -> RunConfig {
    RunConfig {
        total_timesteps: 10_000,
        log_freq: 200,
        stats_window_size: 5,
        eval_freq: 500,
        ..RunConfig::default()
    }
}

/// For environments that are solved in seconds.
fn quick() -> RunConfig {
    RunConfig { log_freq: 200, eval_freq: 500, ..RunConfig::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::registry;
    use crate::sac::SacConfig;
    use crate::train::{Algo, Config, preset};

    #[test]
    fn what_is_gymnasiums_has_the_settings_of_the_paper_or_of_the_native_one() {
        let of = |name| preset(&Task::find(name).unwrap(), "sac").unwrap();
        let cheetah = of("gym:HalfCheetah-v5");
        let sac = cheetah.algo.get::<SacConfig>().unwrap();
        assert_eq!((&sac.net_arch, sac.batch_size), (&vec![256, 256].into(), 256));
        assert_eq!((sac.learning_rate, sac.tau, sac.gamma), (3e-4, 0.005, 0.99));
        assert_eq!((sac.learning_starts, cheetah.run.total_timesteps), (10_000, 1_000_000));
        let (native, theirs) = (of("pendulum"), of("gym:Pendulum-v1"));
        assert_eq!((native.algo, &*theirs.run.env), (theirs.algo, "gym:Pendulum-v1"));
    }

    #[test]
    fn a_short_training_begins_to_learn_after_a_tenth_of_it_unless_it_is_told_when() {
        let task = Task::find("gym:HalfCheetah-v5").unwrap();
        let starts = |layer: &str| {
            let config = Config::layered(task.clone(), [layer.parse().unwrap()]).unwrap();
            (config.algo.off_policy().learning_starts, config.learns_nothing().is_some())
        };
        assert_eq!(starts("total_timesteps = 5_000"), (500, false));
        assert_eq!(starts("total_timesteps = 5e3"), (500, false));
        assert_eq!(starts("total_timesteps = 10_000"), (1_000, false));
        assert_eq!(starts("total_timesteps = 10_001"), (10_000, false));
        assert_eq!(starts("total_timesteps = 5_000\nlearning_starts = 5_000"), (5_000, true));
    }

    #[test]
    fn every_preset_is_valid_for_its_environment() {
        for algo in Algo::NAMES {
            for spec in registry() {
                let config = preset(&spec.into(), algo).unwrap();
                assert_eq!((&*config.run.env, config.algo.name()), (spec.id, *algo));
                assert!(config.validate(spec.make().action_space().len()).is_ok(), "{}", spec.id);
            }
        }
    }
}
