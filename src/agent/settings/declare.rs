//! `settings!`: a structure of settings.

/// Declares a structure of settings: its fields with their documentation, which is also the help of the flags and
/// the text of the reference page; its defaults; the check of each value; and the list of all settings.
///
/// ```text
/// settings! {
///     /// The settings of something.
///     pub struct Something {
///         Own {                                      // a `Scope`
///             /// Polyak coefficient τ of the targets.
///             tau: f64 = 0.005, FROM_0_TO_1;         // type, default, and a rule of `rule.rs`, if any
///         }
///     }
///     with { tau: 0.01 }                             // defaults that differ from those above, if any
/// }
/// ```
macro_rules! settings {
    (@rule $type:ty) => {
        None
    };
    (@rule $type:ty, $rule:expr) => {{
        #[allow(unused_imports)]
        use $crate::agent::settings::rule::*;
        const RULE: Rule<<$type as $crate::agent::settings::Value>::Plain> = $rule;
        Some(RULE.text)
    }};
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($scope:ident {
                $(
                    $(#[doc = $help:literal])+
                    $field:ident: $type:ty = $default:expr $(, $rule:expr)?;
                )*
            })*
        }
        $(with { $($changed:ident: $other:expr),* $(,)? })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "std", serde(default, deny_unknown_fields))]
        $visibility struct $name {
            $($(
                $(#[doc = $help])+
                #[cfg_attr(
                    feature = "std",
                    serde(skip_serializing_if = "crate::agent::settings::is_absent")
                )]
                pub $field: $type,
            )*)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $($($changed: $other,)*)?
                    ..Self { $($($field: $default,)*)* }
                }
            }
        }

        impl $crate::agent::settings::Declared for $name {
            const LIST: &'static [$crate::agent::settings::Setting] = &[
                $($($crate::agent::settings::Setting {
                    name: stringify!($field),
                    help: concat!($($help),+).trim_ascii(),
                    kind: <$type as $crate::agent::settings::Value>::KIND,
                    optional: <$type as $crate::agent::settings::Value>::OPTIONAL,
                    rule: $crate::agent::settings::settings!(@rule $type $(, $rule)?),
                    default: || $crate::agent::settings::Value::text(&$name::default().$field),
                    scope: $crate::agent::settings::Scope::$scope,
                },)*)*
            ];

            fn check_values(&self) -> Result<(), $crate::agent::settings::ConfigError> {
                #[allow(unused_imports)]
                use $crate::agent::settings::rule::*;
                $($($(
                    $crate::agent::settings::check(stringify!($field), &self.$field, $rule)?;
                )?)*)*
                Ok(())
            }
        }
    };
}
pub(crate) use settings;
