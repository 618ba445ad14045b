//! The temperature α, given or learned.

use alloc::boxed::Box;

use super::trained::Trained;
use crate::Scalar;
use crate::elementary;

/// α, given or learned through its logarithm.
pub(crate) enum Temperature<T: Scalar> {
    Fixed(T),
    /// log α
    Learned(Box<Trained<T>>),
}

impl<T: Scalar> Temperature<T> {
    /// A temperature that stays as it is.
    pub fn fixed(alpha: f64) -> Self {
        Self::Fixed(T::of(alpha))
    }

    /// A temperature that is learned, from this value on.
    pub fn learned(initial: f64, learning_rate: f64) -> Self {
        let log_alpha = T::of(elementary::ln(initial));
        Self::Learned(Box::new(Trained::scalar("log_alpha", log_alpha, learning_rate)))
    }

    /// α
    pub fn alpha(&self) -> T {
        match self {
            Self::Fixed(alpha) => *alpha,
            Self::Learned(log_alpha) => elementary::exp(log_alpha.params().as_slice()[0]),
        }
    }

    /// log α with its optimiser, if it is learned.
    pub fn log_alpha(&self) -> Option<&Trained<T>> {
        match self {
            Self::Fixed(_) => None,
            Self::Learned(log_alpha) => Some(log_alpha),
        }
    }

    /// The same, to be changed.
    pub fn log_alpha_mut(&mut self) -> Option<&mut Trained<T>> {
        match self {
            Self::Fixed(_) => None,
            Self::Learned(log_alpha) => Some(log_alpha),
        }
    }
}
