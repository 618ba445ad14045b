//! Good settings of DDPG for each environment.

use alloc::vec;

use super::config::DdpgConfig;

/// Settings that are known to do in the environment of this name: its own where it has any, otherwise those of TD3's
/// authors.
pub(super) fn preset(env: &str) -> DdpgConfig {
    match env {
        "Pendulum-v1" | "gym:Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" | "gym:MountainCarContinuous-v0" => mountain_car(),
        "TwoArmedBandit-v0" => small(),
        "Chain-v0" => DdpgConfig { gamma: 0.9, ..small() },
        id if id.starts_with("Probe") => DdpgConfig { gamma: 0.9, ..small() },
        _ => authors(),
    }
}

/// For locomotion and the like: the code of TD3's authors, with 25,000 uniform actions first.
fn authors() -> DdpgConfig {
    DdpgConfig { learning_starts: 25_000, ..DdpgConfig::default() }
}

fn pendulum() -> DdpgConfig {
    DdpgConfig {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        learning_starts: 1_000,
        batch_size: 256,
        tau: 0.01,
        net_arch: vec![64, 64].into(),
        ..DdpgConfig::default()
    }
}

fn mountain_car() -> DdpgConfig {
    DdpgConfig {
        buffer_size: 50_000,
        batch_size: 256,
        net_arch: vec![64, 64].into(),
        exploration_noise: 0.5,
        ..DdpgConfig::default()
    }
}

/// For environments that are solved in seconds.
fn small() -> DdpgConfig {
    DdpgConfig {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        batch_size: 64,
        net_arch: vec![32, 32].into(),
        ..DdpgConfig::default()
    }
}
