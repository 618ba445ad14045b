//! Why an update was refused.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::tape::TapeError;

/// A part of an update, in the order in which updates compute them. An algorithm may have fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Stage {
    /// The targets y, from the policy and the target critics.
    Targets,
    /// The critics' losses against y.
    Critics,
    /// The policy's loss.
    Actor,
    /// The temperature's loss, on the log π of the policy's.
    Temperature,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Targets => "targets",
            Self::Critics => "critics",
            Self::Actor => "actor",
            Self::Temperature => "temperature",
        })
    }
}

/// Why an update was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum UpdateError {
    /// Batch or noise have other shapes than the networks. Nothing has changed.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A number that is NaN or infinite. Nothing of its stage and of the stages after it has changed, and of
    /// policy and temperature neither has changed where the other is at fault.
    #[error(transparent)]
    NotFinite(Box<NotFinite>),
}

/// The first number of an update that was NaN or infinite.
///
/// Two are equal, too, where both values are NaN.
#[derive(Clone, Debug, thiserror::Error)]
pub struct NotFinite {
    /// The stage of the update.
    pub stage: Stage,
    /// The critic, counted from 0, if it was computed for one or if its parameters are at fault; in the stage of
    /// the targets it is that target critic.
    pub critic: Option<usize>,
    /// What it was: an input of the stage if that was at fault already, such as ``parameter `0.weight`[3, 5]``,
    /// `reward of transition 7` or `alpha`; if not, what was to be used, such as `loss` or
    /// ``gradient of `1.bias`[2]``. Transitions are counted from 0, within the minibatch.
    pub quantity: String,
    /// Its value.
    pub value: f64,
    /// The first operation of the computation that gave such a number, unless an input was at fault.
    pub operation: Option<Operation>,
}

/// An operation on the tape whose result was NaN or infinite, though its inputs were not.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Whether its value was at fault, or its derivative.
    pub sweep: Sweep,
    /// Row and column in its value or, backwards, in what it gave to the adjoint of one of its inputs. Rows are
    /// counted from the first of those that were computed together, its shard.
    pub index: [usize; 2],
    /// The number there.
    pub value: f64,
}

/// One of the two sweeps over a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Values are computed.
    Forward,
    /// Adjoints are computed.
    Backward,
}

/// Equality that takes one NaN for another.
fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

impl PartialEq for NotFinite {
    fn eq(&self, other: &Self) -> bool {
        let Self { stage, critic, quantity, value, operation } = self;
        (stage, critic, quantity) == (&other.stage, &other.critic, &other.quantity)
            && same(*value, other.value)
            && *operation == other.operation
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, sweep, index, value } = *self;
        (name, sweep, index) == (other.name, other.sweep, other.index) && same(value, other.value)
    }
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, critic, quantity, value, operation } = self;
        write!(f, "{stage}")?;
        match (critic, stage) {
            (Some(critic), Stage::Targets) => write!(f, " (target critic {critic})")?,
            (Some(critic), _) => write!(f, " (critic {critic})")?,
            (None, _) => {}
        }
        write!(f, ": {quantity} is {value}")?;
        operation.map_or(Ok(()), |operation| write!(f, "; first at {operation}"))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, sweep, index: [row, column], value } = self;
        let of = match sweep {
            Sweep::Forward => "",
            Sweep::Backward => "the derivative of ",
        };
        write!(f, "{of}`{name}`, which gave {value} at [{row}, {column}]")
    }
}
