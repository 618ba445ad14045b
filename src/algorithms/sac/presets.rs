//! Good settings of SAC for each environment.

use alloc::vec;

use super::config::SacConfig;
use super::ent_coef::EntCoef;

/// Settings that are known to do in the environment of this name: its own where it has any, otherwise the paper's. Gymnasium's, as `gym:Pendulum-v1`, have those of the native one.
///
/// ```
/// let pendulum = softac::learner::preset("Pendulum-v1");
/// assert_eq!((pendulum.net_arch, pendulum.batch_size), (vec![64, 64].into(), 100));
/// ```
#[must_use]
pub fn preset(env: &str) -> SacConfig {
    match env {
        "Pendulum-v1" | "gym:Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" | "gym:MountainCarContinuous-v0" => mountain_car(),
        "TwoArmedBandit-v0" => SacConfig { ent_coef: EntCoef::Fixed(0.5), ..small() },
        "Chain-v0" => SacConfig { ent_coef: EntCoef::Fixed(0.05), gamma: 0.9, ..small() },
        id if id.starts_with("Probe") => {
            SacConfig { ent_coef: EntCoef::Fixed(0.05), gamma: 0.9, ..small() }
        }
        _ => paper(),
    }
}

/// For locomotion and the like: Haarnoja et al., arXiv:1812.05905, table 1, with 10,000 uniform actions first, as
/// the authors' own code has for HalfCheetah.
fn paper() -> SacConfig {
    SacConfig { learning_starts: 10_000, ..SacConfig::default() }
}

fn pendulum() -> SacConfig {
    SacConfig {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        batch_size: 100,
        tau: 0.01,
        net_arch: vec![64, 64].into(),
        ..SacConfig::default()
    }
}

fn mountain_car() -> SacConfig {
    SacConfig {
        norm_obs: true,
        buffer_size: 50_000,
        batch_size: 256,
        net_arch: vec![64, 64].into(),
        ..SacConfig::default()
    }
}

/// For environments that are solved in seconds.
fn small() -> SacConfig {
    SacConfig {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        batch_size: 64,
        net_arch: vec![32, 32].into(),
        ..SacConfig::default()
    }
}
