//! The settings of TD3, under the names that Stable-Baselines3 made known.

use crate::agent::settings::off_policy_settings;

off_policy_settings! {
    /// The settings of TD3. Their defaults are those of the authors' code, but for `learning_starts`, which is that of
    /// Stable-Baselines3.
    pub struct Td3Config {
        // ANCHOR: default
        /// Updates the policy in every k-th update, and with it the temperature of `sac`, or all targets of `td3`.
        policy_delay: u64 = 2, at_least_1();
        /// Number of critics, over which the minimum is taken.
        n_critics: usize = 2, at_least_1();
        /// Standard deviation of the smoothing noise on the target policy's action, in half ranges of the action.
        target_policy_noise: f64 = 0.2, NOT_NEGATIVE;
        /// Largest absolute value of the smoothing noise, in half ranges of the action.
        target_noise_clip: f64 = 0.5, NOT_NEGATIVE;
        /// Standard deviation of the exploration noise in training, in half ranges of the action.
        exploration_noise: f64 = 0.1, NOT_NEGATIVE;
        // ANCHOR_END: default
    }
}
