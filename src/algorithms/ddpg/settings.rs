//! What the rest of the crate asks of these settings.

use super::agent::Ddpg;
use super::config::DdpgConfig;
use super::presets;
use crate::Scalar;
use crate::agent::{Networks, Settings};

impl Settings for DdpgConfig {
    type Algorithm<T: Scalar> = Ddpg<T>;

    const NAME: &'static str = "ddpg";

    fn preset(env: &str) -> Self {
        presets::preset(env)
    }

    fn networks(&self) -> Networks {
        Networks { critics: 1, policy_outputs: 1, target_policy: true }
    }
}
