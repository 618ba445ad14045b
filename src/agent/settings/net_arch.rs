//! The hidden layers of policy and critics, as one setting.

use alloc::vec::Vec;
use core::fmt;

use super::value::{Value, ValueKind};

/// Sizes of the hidden layers of the policy and of every critic.
///
/// A list alone stands for both networks: `net_arch = [256, 256]`. A policy and critics of their own shapes are
/// `net_arch = { pi = [64, 64], qf = [256, 256] }`, under the names of Stable-Baselines3.
///
/// ```
/// use softac::agent::settings::NetArch;
/// let both = NetArch::from(vec![256, 256]);
/// assert_eq!((&both.pi, format!("{both:?}")), (&both.qf, "[256, 256]".to_string()));
/// let each = NetArch { pi: vec![64], ..both };
/// assert_eq!(format!("{each:?}"), "{ pi = [64], qf = [256, 256] }");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(from = "Written", into = "Written"))]
pub struct NetArch {
    /// Of the policy.
    pub pi: Vec<usize>,
    /// Of every critic.
    pub qf: Vec<usize>,
}

impl From<Vec<usize>> for NetArch {
    fn from(sizes: Vec<usize>) -> Self {
        Self { pi: sizes.clone(), qf: sizes }
    }
}

/// As `config.toml` has it.
impl fmt::Debug for NetArch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pi, qf } = self;
        if pi == qf { write!(f, "{pi:?}") } else { write!(f, "{{ pi = {pi:?}, qf = {qf:?} }}") }
    }
}

impl Value for NetArch {
    type Plain = Self;
    const KIND: ValueKind = ValueKind::NetArch;

    fn given(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The two forms in a file.
#[cfg(feature = "std")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a list of sizes, such as [256, 256], or { pi = [64, 64], qf = [256, 256] }"
)]
enum Written {
    Both(Vec<usize>),
    Each { pi: Vec<usize>, qf: Vec<usize> },
}

#[cfg(feature = "std")]
impl From<Written> for NetArch {
    fn from(written: Written) -> Self {
        match written {
            Written::Both(sizes) => sizes.into(),
            Written::Each { pi, qf } => Self { pi, qf },
        }
    }
}

#[cfg(feature = "std")]
impl From<NetArch> for Written {
    fn from(NetArch { pi, qf }: NetArch) -> Self {
        if pi == qf { Self::Both(pi) } else { Self::Each { pi, qf } }
    }
}
