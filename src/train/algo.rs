//! The algorithms that a run can be trained with.

use std::any::Any;

use toml::Table;

use super::dispatch::Work;
use super::error::TrainError;
use super::run_config::Precision;
use super::structure::structure;
use crate::agent::settings::{
    ConfigError, Declared, NetArch, OffPolicy, OffPolicySettings, Scope, Setting, ValueKind,
};
use crate::agent::{Algorithm, Column, Metrics, Networks, Settings};
use crate::algorithms::for_each_algorithm;
use crate::nn::Activation;

/// Makes the type for any algorithm of these; the first one is the default.
macro_rules! algorithms {
    ($($variant:ident($room:ident::$settings:ident),)+) => {
        algorithms! { @ $($variant(crate::algorithms::$room::$settings),)+ }
    };
    (@ $($variant:ident($settings:ty),)+) => {
        /// An algorithm, with its settings.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Algo {
            $(#[doc = concat!("See [`", stringify!($settings), "`].")] $variant($settings),)+
        }

        $(impl From<$settings> for Algo {
            fn from(settings: $settings) -> Self {
                Self::$variant(settings)
            }
        })+

        impl Algo {
            /// The names of all algorithms, the default first.
            pub const NAMES: &'static [&'static str] = &[$(<$settings as Settings>::NAME),+];

            /// All algorithms' settings by the names of the algorithms.
            pub const LISTS: &'static [(&'static str, &'static [Setting])] =
                &[$((<$settings as Settings>::NAME, <$settings as Declared>::LIST)),+];

            /// The settings of the algorithm of this name that are good in this environment.
            ///
            /// # Errors
            /// [`TrainError::UnknownAlgo`]
            pub fn preset(name: &str, env: &str) -> Result<Self, TrainError> {
                match name {
                    $(<$settings as Settings>::NAME => Ok(<$settings>::preset(env).into()),)+
                    _ => Err(unknown(name)),
                }
            }

            /// The algorithm of this name with these settings.
            pub(super) fn from_table(name: &str, settings: Table) -> Result<Self, TrainError> {
                match name {
                    $(<$settings as Settings>::NAME => structure(settings).map(Self::$variant),)+
                    _ => Err(unknown(name)),
                }
            }

            /// The algorithm's name.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$settings as Settings>::NAME,)+
                }
            }

            /// Its own and the common settings, as TOML.
            pub(super) fn to_table(&self) -> Result<Table, toml::ser::Error> {
                match self {
                    $(Self::$variant(settings) => Table::try_from(settings),)+
                }
            }

            /// Checks every value, for actions of this dimension.
            ///
            /// # Errors
            /// The first value that breaks a rule.
            pub fn validate(&self, action_dim: usize) -> Result<(), ConfigError> {
                match self {
                    $(Self::$variant(settings) => Settings::validate(settings, action_dim),)+
                }
            }

            /// The networks that its settings ask for.
            #[must_use]
            pub fn networks(&self) -> Networks {
                match self {
                    $(Self::$variant(settings) => settings.networks(),)+
                }
            }

            /// The columns of its metrics.
            #[must_use]
            pub fn columns(&self) -> &'static [Column] {
                match self {
                    $(Self::$variant(_) => columns_of::<$settings>(),)+
                }
            }

            /// The level that a column of its metrics is to reach, with its name, if there is one.
            #[must_use]
            pub fn level(&self, column: &str, action_dim: usize) -> Option<(&'static str, f64)> {
                match self {
                    $(Self::$variant(settings) => settings.level(column, action_dim),)+
                }
            }

            /// Does work with this algorithm in this precision.
            pub(super) fn dispatch<W: Work>(&self, precision: Precision, work: W) -> W::Output {
                match (self, precision) {
                    $(
                        (Self::$variant(_), Precision::F32) => {
                            work.run::<f32, <$settings as Settings>::Algorithm<f32>>()
                        }
                        (Self::$variant(_), Precision::F64) => {
                            work.run::<f64, <$settings as Settings>::Algorithm<f64>>()
                        }
                    )+
                }
            }

            /// What all algorithms have in common.
            fn common(&self) -> &dyn OffPolicySettings {
                match self {
                    $(Self::$variant(settings) => settings,)+
                }
            }

            fn any(&self) -> &dyn Any {
                match self {
                    $(Self::$variant(settings) => settings,)+
                }
            }

            fn any_mut(&mut self) -> &mut dyn Any {
                match self {
                    $(Self::$variant(settings) => settings,)+
                }
            }
        }

        impl Default for Algo {
            fn default() -> Self {
                [$(|| Algo::from(<$settings>::default())),+][0]()
            }
        }
    };
}

for_each_algorithm!(algorithms);

impl Algo {
    /// `algo` itself, as a setting.
    pub const SETTING: Setting = Setting {
        name: "algo",
        help: "Algorithm that learns.",
        kind: ValueKind::Word(Self::NAMES),
        optional: false,
        rule: None,
        default: || Self::NAMES[0].into(),
        scope: Scope::Run,
    };

    /// The settings that the learner reads.
    #[must_use]
    pub fn off_policy(&self) -> OffPolicy {
        self.common().off_policy()
    }

    /// Sizes of the hidden layers of policy and critics.
    #[must_use]
    pub fn net_arch(&self) -> &NetArch {
        self.common().net_arch()
    }

    /// Activation of the hidden layers.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.common().activation()
    }

    /// The settings, if they are those of this algorithm.
    ///
    /// ```
    /// use softac::sac::SacConfig;
    /// use softac::train::Algo;
    /// let algo = Algo::from(SacConfig { policy_delay: 2, ..SacConfig::default() });
    /// assert_eq!(algo.get::<SacConfig>().map(|sac| sac.policy_delay), Some(2));
    /// ```
    #[must_use]
    pub fn get<S: Settings + 'static>(&self) -> Option<&S> {
        self.any().downcast_ref()
    }

    /// The settings, to be changed, if they are those of this algorithm.
    #[must_use]
    pub fn get_mut<S: Settings + 'static>(&mut self) -> Option<&mut S> {
        self.any_mut().downcast_mut()
    }
}

fn columns_of<S: Settings>() -> &'static [Column] {
    <<S::Algorithm<f32> as Algorithm<f32>>::Metrics as Metrics>::COLUMNS
}

/// There is no algorithm of this name.
pub(super) fn unknown(name: &str) -> TrainError {
    TrainError::UnknownAlgo { name: name.to_string(), known: Algo::NAMES.join(", ") }
}
