//! Environments: the [`Env`] trait, spaces, native environments and probes.
//!
//! The interface follows Gymnasium: `reset` gives an observation; `step` gives an observation, a
//! reward, and says apart whether the episode *terminated* (the task ended: nothing follows) or was
//! *truncated* (a time limit cut it: the state has a value still). Only the first of the two cuts the
//! bootstrap of the critic's target.

use alloc::boxed::Box;
use alloc::vec::Vec;

mod action_repeat;
mod bandit;
mod chain;
mod check;
mod deferred;
mod envs;
pub(crate) mod episode;
mod error;
mod far_from_zero;
mod forward;
mod frame_stack;
mod gate;
mod mountain_car;
mod numpy;
mod pendulum;
mod picture;
mod probes;
mod quadrature;
mod registry;
mod space;
mod squashed;
mod time_limit;
mod two_arms;

pub use action_repeat::ActionRepeat;
pub use bandit::{BanditSolution, TwoArmedBandit};
pub use chain::{Chain, ChainSolution};
pub use check::{
    Advice, CheckConfig, CheckReport, Difference, Finding, Misuse, Moment, Problem, SpaceKind,
    check_env,
};
pub use deferred::Deferred;
pub use envs::Envs;
pub use episode::{Episode, episodes};
pub use error::{EnvError, ExternalFault};
pub use far_from_zero::FarFromZero;
pub use frame_stack::FrameStack;
pub use mountain_car::MountainCarContinuous;
pub use pendulum::Pendulum;
pub use picture::{Colour, Picture, Pixels, Scene, Shape, View};
pub use probes::{Probe, ProbeEnv};
pub use registry::{EnvSpec, find, make, registry};
pub use space::BoxSpace;
pub use squashed::SquashedNormal;
pub use time_limit::TimeLimit;
pub use two_arms::{RewardsError, TwoArms};

/// What one step of an environment reports besides the observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The reward `r(s, a)`.
    pub reward: f64,
    /// The task ended in the new state: its value is zero by definition.
    pub terminated: bool,
    /// The episode was cut for a reason outside the task, a time limit above all.
    pub truncated: bool,
}

impl Step {
    /// Whether the episode is over, for either reason.
    #[must_use]
    pub fn done(&self) -> bool {
        self.terminated || self.truncated
    }
}

/// A task with continuous observations and actions.
///
/// The observation is written to the caller's buffer, so that a step allocates nothing. Numbers are
/// `f64` whatever precision the learner computes in.
pub trait Env: Send {
    /// The name under which the environment is known, for instance `Pendulum-v1`.
    fn name(&self) -> &str;

    /// What computes it, with versions, where that is another program; `None` where it is this one.
    fn versions(&self) -> Option<&str> {
        None
    }

    /// The box in which observations lie; bounds may be infinite.
    fn observation_space(&self) -> &BoxSpace;

    /// The box of valid actions; bounds are finite.
    fn action_space(&self) -> &BoxSpace;

    /// Starts a new episode. The same seed gives the same episode start.
    ///
    /// # Errors
    /// [`EnvError::ObservationLength`] if `observation` does not have the observation space's length;
    /// [`EnvError::External`] where another program computes the environment, and has failed.
    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError>;

    /// Takes `action` (in the action space's own units) and writes the observation that follows.
    ///
    /// # Errors
    /// [`EnvError::ObservationLength`] or [`EnvError::ActionLength`] on buffers of another length
    /// than the spaces', [`EnvError::NonFiniteAction`] on NaN or infinite actions,
    /// [`EnvError::NeedsReset`] where no episode is under way; [`EnvError::External`] as for `reset`, after
    /// which [`state`](Env::state) still is that before the step.
    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError>;

    /// Tells whether the episode that ended with the last step succeeded. `None`, the default, means that the environment
    /// does not tell. Between two steps of an episode the answer means nothing.
    fn success(&self) -> Option<bool> {
        None
    }

    /// Announces that the next call will be [`reset`](Env::reset) with this seed: see
    /// [`announce_step`](Env::announce_step).
    fn announce_reset(&mut self, _seed: u64) {}

    /// Announces that the next call will be [`step`](Env::step) with this action, so that an environment that is
    /// computed elsewhere can go about it already: of several, all are told before the answer of any is awaited.
    ///
    /// It is about time alone, and the default does nothing. Whatever goes wrong is for `step` to say.
    fn announce_step(&mut self, _action: &[f64]) {}

    /// How it looks now, about to take `action`; at the end of an episode there is none. `None`, which is what an
    /// environment says that does not implement this, means that it cannot be looked at.
    ///
    /// # Errors
    /// [`EnvError::External`] where another program draws it, and has failed.
    ///
    /// ```
    /// use softac::env::{Env, Pendulum, View};
    /// let (mut env, mut observation) = (Pendulum::new(), [0.0; 3]);
    /// env.reset(7, &mut observation)?;
    /// let picture = env.picture(Some(&[1.5]))?.unwrap();
    /// assert_eq!(picture.caption, "torque +1.50");
    /// assert!(matches!(picture.view, View::Scene(scene) if scene.is_sound()));
    /// # Ok::<(), softac::env::EnvError>(())
    /// ```
    fn picture(&mut self, _action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        Ok(None)
    }

    /// What determines the rest of the episode, in words of 64 bits, from which
    /// [`restore`](Env::restore) makes an environment that goes on to the bit. `None`, which is what an
    /// environment says that does not implement this, means that a training can only be resumed with a new
    /// episode.
    ///
    /// ```
    /// use softac::env::{Env, Pendulum};
    /// let (mut env, mut other, mut observation) = (Pendulum::new(), Pendulum::new(), [0.0; 3]);
    /// env.reset(7, &mut observation)?;
    /// other.restore(&Env::state(&env).unwrap())?;
    /// let step = env.step(&[1.0], &mut observation)?;
    /// assert_eq!(other.step(&[1.0], &mut observation)?, step);
    /// # Ok::<(), softac::env::EnvError>(())
    /// ```
    fn state(&self) -> Option<Vec<u64>> {
        None
    }

    /// Goes to a state that [`state`](Env::state) gave.
    ///
    /// # Errors
    /// [`EnvError::InvalidState`] if it is no state of this environment, which is then as it was;
    /// [`EnvError::External`] if the program that computes it does not come to that state again, after which
    /// it needs a reset.
    fn restore(&mut self, _state: &[u64]) -> Result<(), EnvError> {
        Err(EnvError::invalid_state(self.name()))
    }
}

/// A boxed environment is an environment, so that wrappers take a `Box<dyn Env>` as they take any
/// other.
impl<E: Env + ?Sized> Env for Box<E> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn versions(&self) -> Option<&str> {
        (**self).versions()
    }

    fn observation_space(&self) -> &BoxSpace {
        (**self).observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        (**self).action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        (**self).reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        (**self).step(action, observation)
    }

    fn success(&self) -> Option<bool> {
        (**self).success()
    }

    fn announce_reset(&mut self, seed: u64) {
        (**self).announce_reset(seed);
    }

    fn announce_step(&mut self, action: &[f64]) {
        (**self).announce_step(action);
    }

    fn picture(&mut self, action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        (**self).picture(action)
    }

    fn state(&self) -> Option<Vec<u64>> {
        (**self).state()
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        (**self).restore(state)
    }
}
