//! Environments that are stepped together.

use alloc::boxed::Box;

use super::Env;

/// Environments in which a learner acts at a time: one, or a slice of several that have the same spaces.
///
/// ```
/// use softac::env::{self, Env, Envs};
/// let mut envs = [env::make("pendulum")?, env::make("pendulum")?];
/// assert_eq!((envs[..].count(), envs[0].count()), (2, 1));
/// assert_eq!(envs[..].env(1).name(), "Pendulum-v1");
/// # Ok::<(), softac::env::EnvError>(())
/// ```
pub trait Envs {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    ///
    /// # Panics
    /// If there are no more than `lane`.
    fn env(&mut self, lane: usize) -> &mut dyn Env;
}

impl<E: Env> Envs for E {
    fn count(&self) -> usize {
        1
    }

    fn env(&mut self, lane: usize) -> &mut dyn Env {
        assert_eq!(lane, 0, "there is one environment");
        self
    }
}

impl Envs for dyn Env + '_ {
    fn count(&self) -> usize {
        1
    }

    fn env(&mut self, lane: usize) -> &mut dyn Env {
        assert_eq!(lane, 0, "there is one environment");
        self
    }
}

impl Envs for [Box<dyn Env>] {
    fn count(&self) -> usize {
        self.len()
    }

    fn env(&mut self, lane: usize) -> &mut dyn Env {
        self[lane].as_mut()
    }
}
