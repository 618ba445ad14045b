//! Settings, each declared once: name, type, default, rule and help.
//!
//! | file | holds |
//! |---|---|
//! | `declare.rs` | `settings!`: a structure of settings, its defaults, its checks and its list |
//! | `off_policy.rs` | `off_policy_settings!`: the settings that all off-policy algorithms have, and an algorithm's own |
//! | `setting.rs` | [`Setting`]: a setting as data, and the traits of structures of settings |
//! | `net_arch.rs` | [`NetArch`]: hidden layers of policy and critics |
//! | `learning_rates.rs` | [`LearningRates`]: step sizes of the optimisers |
//! | `train_freq.rs` | [`TrainFreq`]: time between rounds of updates |
//! | `value.rs` | [`Value`]: the types of settings, and how they are written |
//! | `rule.rs` | [`Rule`]: values that are allowed |
//!
//! The flags of the command, the keys of `config.toml`, the checks and the page of the book are made of
//! [`Declared::LIST`].

mod declare;
mod error;
mod learning_rates;
mod net_arch;
mod off_policy;
pub mod rule;
mod setting;
mod train_freq;
mod value;

pub(crate) use declare::settings;
pub use error::ConfigError;
pub(crate) use error::require;
pub use learning_rates::LearningRates;
pub use net_arch::NetArch;
pub(crate) use off_policy::off_policy_settings;
pub use off_policy::{OffPolicy, OffPolicySettings};
pub use rule::Rule;
pub(crate) use rule::check;
pub use setting::{Declared, Scope, Setting};
pub use train_freq::TrainFreq;
pub use value::{Value, ValueKind};
#[cfg(feature = "std")]
pub(crate) use value::{is_absent, words};
