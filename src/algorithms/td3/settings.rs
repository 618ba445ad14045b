//! What the rest of the crate asks of these settings.

use super::agent::Td3;
use super::config::Td3Config;
use super::presets;
use crate::Scalar;
use crate::agent::{Networks, Settings};

impl Settings for Td3Config {
    type Algorithm<T: Scalar> = Td3<T>;

    const NAME: &'static str = "td3";

    fn preset(env: &str) -> Self {
        presets::preset(env)
    }

    fn networks(&self) -> Networks {
        Networks { critics: self.n_critics, policy_outputs: 1, target_policy: true }
    }
}
