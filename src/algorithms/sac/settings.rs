//! What the rest of the crate asks of these settings.

use core::f64::consts::LN_2;

use super::agent::Sac;
use super::config::SacConfig;
use super::ent_coef::EntCoef;
use super::presets;
use crate::Scalar;
use crate::agent::settings::{ConfigError, Declared, require};
use crate::agent::{Networks, Settings};

impl Settings for SacConfig {
    type Algorithm<T: Scalar> = Sac<T>;

    const NAME: &'static str = "sac";

    fn preset(env: &str) -> Self {
        presets::preset(env)
    }

    /// The target entropy, if the temperature is learned.
    fn level(&self, column: &str, action_dim: usize) -> Option<(&'static str, f64)> {
        let EntCoef::Auto { .. } = self.ent_coef else { return None };
        let target_entropy = self.target_entropy.resolve(action_dim);
        (column == "entropy").then_some(("target entropy", target_entropy))
    }

    /// The policy gives mean and standard deviation of each action.
    fn networks(&self) -> Networks {
        Networks { critics: self.n_critics, policy_outputs: 2, target_policy: false }
    }

    /// Also refuses a target entropy above `dim(A) · ln 2`, that of uniform actions: no policy reaches it, and α
    /// would grow without bound.
    fn validate(&self, action_dim: usize) -> Result<(), ConfigError> {
        self.check_values()?;
        let target = self.target_entropy.resolve(action_dim);
        let reachable = target.is_finite() && target <= action_dim as f64 * LN_2;
        let rule = "no policy over [-1, 1]^dim has more entropy than dim * ln 2 nats";
        require(reachable, "target_entropy", target, rule)
    }
}
