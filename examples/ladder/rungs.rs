//! What the ladders have in common: their rungs, and how far these are apart.

use std::error::Error;
use std::fmt;

use ndarray::Array2;
use softac::gradcheck::Report;
use softac::random::{Stream, fill_normal};

/// A loss and its gradient, which is flat, in the order of the parameters.
pub struct Rung {
    pub loss: f64,
    pub gradient: Vec<f64>,
}

/// One loss, climbed.
pub struct Ladder {
    /// What is differentiated, by what.
    pub name: &'static str,
    /// By formulas, in plain `ndarray`.
    pub by_hand: Rung,
    /// By the crate's equations on the crate's tape.
    pub tape: Rung,
    /// By finite differences of the loss, held against the tape.
    pub differences: Report,
}

/// A ladder, or what the tape or the parameters refused.
pub type Climbed = Result<Ladder, Box<dyn Error>>;

impl Ladder {
    /// The largest difference between the gradient by hand and that of the tape, and between the losses.
    pub fn tape_error(&self) -> f64 {
        assert_eq!(self.by_hand.gradient.len(), self.tape.gradient.len());
        let pairs = self.by_hand.gradient.iter().zip(&self.tape.gradient);
        let losses = (self.by_hand.loss - self.tape.loss).abs();
        pairs.map(|(by_hand, tape)| (by_hand - tape).abs()).fold(losses, f64::max)
    }

    /// The largest difference between the gradient of the tape and finite differences.
    pub fn difference_error(&self) -> f64 {
        self.differences.rows.iter().map(|row| row.abs_error()).fold(0.0, f64::max)
    }

    /// The largest error that finite differences admit of themselves.
    pub fn bound(&self) -> f64 {
        self.differences.rows.iter().map(|row| row.bound).fold(0.0, f64::max)
    }
}

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let components = self.by_hand.gradient.len();
        let coverage = &self.differences.coverage;
        writeln!(f, "{}, components: {components}", self.name)?;
        writeln!(f, "  1 by hand      loss {:+.15}", self.by_hand.loss)?;
        let (loss, error) = (self.tape.loss, self.tape_error());
        writeln!(f, "  2 the tape     loss {loss:+.15}  off rung 1 by at most {error:.1e}")?;
        let (error, bound) = (self.difference_error(), self.bound());
        write!(f, "  3 differences  {:>2} of {components:>2} agree", coverage.passed)?;
        writeln!(f, "           off rung 2 by at most {error:.1e}, with the bound {bound:.1e}")
    }
}

/// Normal numbers in a matrix.
pub fn normal(shape: [usize; 2], stream: &mut Stream) -> Array2<f64> {
    let mut x = Array2::zeros(shape);
    fill_normal(x.as_slice_mut().unwrap_or_default(), stream);
    x
}
