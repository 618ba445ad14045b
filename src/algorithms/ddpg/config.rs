//! The settings of DDPG: those of TD3 without its three additions.

use crate::agent::settings::off_policy_settings;

off_policy_settings! {
    /// The settings of DDPG. There is one critic, no smoothing of the target, and no delay of the policy: what TD3 adds has
    /// no setting here.
    pub struct DdpgConfig {
        // ANCHOR: default
        /// Standard deviation of the exploration noise in training, in half ranges of the action.
        exploration_noise: f64 = 0.1, NOT_NEGATIVE;
        // ANCHOR_END: default
    }
}
