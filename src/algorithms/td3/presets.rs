//! Good settings of TD3 for each environment.

use alloc::vec;

use super::config::Td3Config;

/// Settings that are known to do in the environment of this name: its own where it has any, otherwise the authors'.
pub(super) fn preset(env: &str) -> Td3Config {
    match env {
        "Pendulum-v1" | "gym:Pendulum-v1" => pendulum(),
        "MountainCarContinuous-v0" | "gym:MountainCarContinuous-v0" => mountain_car(),
        "TwoArmedBandit-v0" => small(),
        "Chain-v0" => Td3Config { gamma: 0.9, ..small() },
        id if id.starts_with("Probe") => Td3Config { gamma: 0.9, ..small() },
        _ => authors(),
    }
}

/// For locomotion and the like: the authors' code, with 25,000 uniform actions first.
fn authors() -> Td3Config {
    Td3Config { learning_starts: 25_000, ..Td3Config::default() }
}

/// Targets that move in every second update alone take steps of twice the size of SAC's.
fn pendulum() -> Td3Config {
    Td3Config {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        learning_starts: 1_000,
        batch_size: 256,
        tau: 0.02,
        net_arch: vec![64, 64].into(),
        ..Td3Config::default()
    }
}

fn mountain_car() -> Td3Config {
    Td3Config {
        buffer_size: 50_000,
        batch_size: 256,
        net_arch: vec![64, 64].into(),
        exploration_noise: 0.5,
        ..Td3Config::default()
    }
}

/// For environments that are solved in seconds.
fn small() -> Td3Config {
    Td3Config {
        learning_rate: 1e-3,
        buffer_size: 10_000,
        batch_size: 64,
        net_arch: vec![32, 32].into(),
        ..Td3Config::default()
    }
}
