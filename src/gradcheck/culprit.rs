//! The operation that is to blame.

use alloc::vec::Vec;
use core::fmt;

use super::row::Row;
use crate::tape::Shape;

/// The first operation, in the order of the recording, whose derivative is wrong by itself.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Culprit {
    /// Its name.
    pub operation: &'static str,
    /// The shapes of its inputs.
    pub shapes: Vec<Shape>,
    /// The values of its inputs, row after row.
    pub values: Vec<Vec<f64>>,
    /// The worst component of its gradient; `p[i]` is its input number i.
    pub row: Row,
}

/// So many numbers of an input are shown.
const SHOWN: usize = 8;

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, row, .. } = self;
        write!(f, "The first operation that is wrong by itself is `{operation}`: ")?;
        write!(f, "its derivative by {} is {:e}, ", row.path, row.numeric)?;
        writeln!(f, "not {:e}. Its inputs were", row.analytic)?;
        for (input, (shape, values)) in self.shapes.iter().zip(&self.values).enumerate() {
            let shown = &values[..values.len().min(SHOWN)];
            let more = if values.len() > SHOWN { ", …" } else { "" };
            write!(f, "  p[{input}], {}×{}: ", shape[0], shape[1])?;
            for (i, value) in shown.iter().enumerate() {
                write!(f, "{}{value:.6}", if i > 0 { ", " } else { "" })?;
            }
            writeln!(f, "{more}")?;
        }
        Ok(())
    }
}
