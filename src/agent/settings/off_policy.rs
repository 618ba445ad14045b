//! The settings that all off-policy algorithms have, declared once.

use super::error::{ConfigError, require};
use super::learning_rates::LearningRates;
use super::net_arch::NetArch;
use super::train_freq::TrainFreq;
use crate::Numerics;
use crate::nn::Activation;

/// The settings that the learner reads: those around the algorithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OffPolicy {
    /// Step sizes of the Adam optimisers, at the start of the training.
    pub learning_rates: LearningRates,
    /// Capacity of the replay buffer, in transitions.
    pub buffer_size: usize,
    /// Whether the replay buffer keeps each observation once.
    pub optimize_memory_usage: bool,
    /// Environment steps before the first update.
    pub learning_starts: u64,
    /// Environment steps with uniform actions.
    pub warmup_steps: u64,
    /// Transitions in a minibatch.
    pub batch_size: usize,
    /// Time between rounds of updates.
    pub train_freq: TrainFreq,
    /// Updates in a round; −1 for one per environment step.
    pub gradient_steps: i64,
    /// Discount γ.
    pub gamma: f64,
    /// Whether observations are standardised.
    pub norm_obs: bool,
    /// Whether rewards are scaled.
    pub norm_reward: bool,
    /// Largest absolute value of a standardised observation.
    pub clip_obs: f64,
    /// Largest absolute value of a scaled reward.
    pub clip_reward: f64,
    /// Rounding of products.
    pub numerics: Numerics,
}

impl OffPolicy {
    /// Refuses rounds of episodes in several environments, whose episodes end at different times.
    ///
    /// # Errors
    /// `train_freq`
    pub(crate) fn check_num_envs(&self, num_envs: u32) -> Result<(), ConfigError> {
        let rule = "episodes are counted in one environment: set `num_envs` to 1, or give a number of steps";
        let counted = num_envs == 1 || matches!(self.train_freq, TrainFreq::Steps(_));
        require(counted, "train_freq", self.train_freq, rule)
    }
}

/// A structure with the settings that all off-policy algorithms have, made by `off_policy_settings!`.
pub trait OffPolicySettings {
    /// The settings that the learner reads.
    fn off_policy(&self) -> OffPolicy;

    /// Sizes of the hidden layers of policy and critics.
    fn net_arch(&self) -> &NetArch;

    /// Activation of the hidden layers.
    fn activation(&self) -> Activation;
}

/// Declares the settings of an off-policy algorithm: those that all have, and its own, in the form of `settings!`.
///
/// ```text
/// off_policy_settings! {
///     /// The settings of TD3.
///     pub struct Td3Config {
///         /// Standard deviation of the exploration noise, in half ranges of the action.
///         exploration_noise: f64 = 0.1, NOT_NEGATIVE;
///     }
///     with { learning_starts: 25_000 }     // defaults of the common settings that differ, if any
/// }
/// ```
macro_rules! off_policy_settings {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident { $($own:tt)* }
        $(with { $($changed:tt)* })?
    ) => {
        $crate::agent::settings::settings! {
            $(#[$meta])*
            $visibility struct $name {
                // ANCHOR: off_policy
                OffPolicy {
                    /// Step size of all Adam optimisers. `lin_3e-4` and `cos_3e-4` set `learning_rate_schedule`, too.
                    learning_rate: f64 = 3e-4, ABOVE_ZERO;
                    /// Step size of the critics' Adam optimisers; if not set, `learning_rate`. `lin_3e-4` and `cos_3e-4` set
                    /// `critic_learning_rate_schedule`, too.
                    critic_learning_rate: Option<f64> = None, ABOVE_ZERO;
                    /// Clips the gradient of each network to this norm; if not set, gradients are not clipped.
                    max_grad_norm: Option<f64> = None, ABOVE_ZERO;
                    /// Capacity of the replay buffer, in transitions.
                    buffer_size: usize = 1_000_000, at_least_1();
                    /// Keeps each observation once in the replay buffer: almost half the memory, and one
                    /// transition fewer per episode.
                    optimize_memory_usage: bool = false;
                    /// Environment steps before the first update.
                    learning_starts: u64 = 100;
                    /// Environment steps with uniform actions; if not set, as many as `learning_starts`.
                    warmup_steps: Option<u64> = None;
                    /// Transitions in a minibatch.
                    batch_size: usize = 256, at_least_1();
                    /// Polyak coefficient τ of the target networks.
                    tau: f64 = 0.005, FROM_0_TO_1;
                    /// Discount γ of future rewards.
                    gamma: f64 = 0.99, FROM_0_TO_1;
                    /// Steps of each environment between rounds of updates; or episodes, as in `1 episode`, in one environment
                    /// alone.
                    train_freq: $crate::agent::settings::TrainFreq = 1.into(), Rule {
                        kept: |train_freq| train_freq.count() >= 1,
                        text: "it must be at least 1",
                    };
                    /// Updates in a round; -1 for one per environment step since the last round.
                    gradient_steps: i64 = 1, Rule {
                        kept: |steps| *steps == -1 || *steps > 0,
                        text: "it must be at least 1, or -1 for one update per environment step",
                    };
                    /// Sizes of the hidden layers of policy and critics: one list for both, or one for each, as in
                    /// `{ pi = [64, 64], qf = [256, 256] }`.
                    net_arch: $crate::agent::settings::NetArch = $crate::alloc::vec![256, 256].into(), NO_EMPTY_LAYER;
                    /// Activation of the hidden layers.
                    activation: $crate::nn::Activation = $crate::nn::Activation::Relu;
                    /// Standardises observations by their running mean and variance.
                    norm_obs: bool = false;
                    /// Divides rewards by the running standard deviation of the discounted return.
                    norm_reward: bool = false;
                    /// Largest absolute value of an observation standardised by `norm_obs`.
                    clip_obs: f64 = 10.0, ABOVE_ZERO;
                    /// Largest absolute value of a reward scaled by `norm_reward`.
                    clip_reward: f64 = 10.0, ABOVE_ZERO;
                    /// Rounding of products: `fast`, or `portable` for the same bits on every processor.
                    numerics: $crate::Numerics = $crate::Numerics::Fast;
                }
                // ANCHOR_END: off_policy
                Own { $($own)* }
            }
            $(with { $($changed)* })?
        }

        impl $crate::agent::settings::OffPolicySettings for $name {
            fn off_policy(&self) -> $crate::agent::settings::OffPolicy {
                $crate::agent::settings::OffPolicy {
                    learning_rates: self.learning_rates(),
                    buffer_size: self.buffer_size,
                    optimize_memory_usage: self.optimize_memory_usage,
                    learning_starts: self.learning_starts,
                    warmup_steps: self.warmup_steps(),
                    batch_size: self.batch_size,
                    train_freq: self.train_freq,
                    gradient_steps: self.gradient_steps,
                    gamma: self.gamma,
                    norm_obs: self.norm_obs,
                    norm_reward: self.norm_reward,
                    clip_obs: self.clip_obs,
                    clip_reward: self.clip_reward,
                    numerics: self.numerics,
                }
            }

            fn net_arch(&self) -> &$crate::agent::settings::NetArch {
                &self.net_arch
            }

            fn activation(&self) -> $crate::nn::Activation {
                self.activation
            }
        }

        impl $name {
            /// Step sizes of the Adam optimisers, at the start of the training.
            #[must_use]
            pub fn learning_rates(&self) -> $crate::agent::settings::LearningRates {
                let critics = self.critic_learning_rate.unwrap_or(self.learning_rate);
                $crate::agent::settings::LearningRates { actor: self.learning_rate, critics }
            }

            /// Environment steps with uniform actions.
            #[must_use]
            pub fn warmup_steps(&self) -> u64 {
                self.warmup_steps.unwrap_or(self.learning_starts)
            }

            /// Checks every value, for actions of this dimension.
            ///
            /// # Errors
            /// The first value that breaks a rule: see [`Settings::validate`](crate::agent::Settings::validate).
            pub fn validate(&self, action_dim: usize) -> Result<(), $crate::agent::settings::ConfigError> {
                $crate::agent::Settings::validate(self, action_dim)
            }
        }
    };
}
pub(crate) use off_policy_settings;
