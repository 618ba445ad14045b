//! The interface between an algorithm and everything around it.

use alloc::vec::Vec;

use super::equation::Equation;
use super::error::{Stage, UpdateError};
use super::memory::Memory;
use super::metrics::Metrics;
use super::network_pass::NetworkPass;
use super::settings::{ConfigError, Declared, LearningRates, OffPolicySettings};
use crate::Scalar;
use crate::nn::Params;
use crate::policy::{AnyPolicy, Policy};
use crate::random::Stream;
use crate::replay::Batch;
use crate::state::{Fingerprint, StateError, Visitor};
use crate::tape::Shape;

/// What learns from minibatches. It knows neither environment nor replay buffer: a batch and its noise come in, and
/// [`update`](Algorithm::update) is the one place that changes what was learned.
///
/// The learner, checkpoints, policy files, metrics, faults and the gradient checker know algorithms through this trait
/// alone.
pub trait Algorithm<T: Scalar>: Sized + Send + Sync + 'static {
    /// The hyperparameters, with the algorithm's name.
    type Settings: Settings<Algorithm<T> = Self>;
    /// The random numbers of one update, drawn beforehand.
    type Noise: UpdateNoise<T> + Send + Sync;
    /// The numbers that an update reports.
    type Metrics: Metrics;
    /// What acts, and is exported.
    type Policy: Policy + Clone + Into<AnyPolicy> + Send + Sync;

    /// The stages of an update, in their order.
    const STAGES: &'static [Stage];

    /// Freshly initialised networks, for observations of S and actions of A numbers.
    ///
    /// # Errors
    /// The first hyperparameter that cannot be.
    fn new(
        settings: Self::Settings,
        observation_dim: usize,
        action_dim: usize,
        init: &mut Stream,
    ) -> Result<Self, ConfigError>;

    /// The hyperparameters.
    fn settings(&self) -> &Self::Settings;

    /// One update of everything.
    ///
    /// # Errors
    /// [`UpdateError::Tape`] if batch or noise have other shapes than the networks; then nothing has changed.
    /// [`UpdateError::NotFinite`] says which number was NaN or infinite first. All that the stage at fault was computed
    /// from is then as it was, so that [`diagnose`](Algorithm::diagnose) finds it again.
    fn update(
        &mut self,
        batch: &Batch<T>,
        noise: &Self::Noise,
    ) -> Result<Self::Metrics, UpdateError>;

    /// Makes exactly the room that updates with such a batch take, so that none of them allocates anything. The
    /// numbers do not matter, and nothing is computed.
    ///
    /// # Errors
    /// [`UpdateError::Tape`] if batch or noise have other shapes than the networks.
    fn make_room(&mut self, batch: &Batch<T>, noise: &Self::Noise) -> Result<(), UpdateError>;

    /// Computes one stage of an update and changes nothing: what an update with this batch and noise would be
    /// refused for.
    ///
    /// # Errors
    /// As [`update`](Algorithm::update).
    fn diagnose(
        &mut self,
        stage: Stage,
        batch: &Batch<T>,
        noise: &Self::Noise,
    ) -> Result<(), UpdateError>;

    /// Updates done so far.
    fn updates(&self) -> u64;

    /// The memory that updates work in.
    fn memory(&self) -> Memory;

    /// What an update computes of its networks, in the order of the stages, to count its operations.
    fn passes(&self) -> Vec<NetworkPass>;

    /// Changes the step sizes of all optimisers, from the next update on. Moments and counts of steps stay, and the
    /// settings keep the step sizes that learning began with.
    ///
    /// # Errors
    /// Unless they are finite and 0 or more; then nothing has changed.
    fn set_learning_rates(&mut self, rates: LearningRates) -> Result<(), ConfigError>;

    /// The policy and its parameters φ.
    fn policy(&self) -> (&Self::Policy, &Params<T>);

    /// Everything that it differentiates, for the gradient checker: each equation on its own, and the stages of an update
    /// with all networks. The shape is a batch size and a number of action dimensions.
    fn equations(shape: Shape) -> Vec<Equation>;

    /// Shows everything that was learned, with the state of the optimisers.
    ///
    /// # Errors
    /// What the visitor said; then the state may be half one thing and half another.
    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError>;

    /// A short hash of everything that was learned, by which two trainings can be compared at a glance.
    #[must_use]
    fn fingerprint(&mut self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        let shown = self.visit(&mut fingerprint);
        debug_assert!(shown.is_ok(), "a hash takes everything and changes nothing");
        fingerprint.finish()
    }
}

/// The settings of an algorithm.
pub trait Settings: Declared + OffPolicySettings + Clone + 'static {
    /// The algorithm that they are for.
    type Algorithm<T: Scalar>: Algorithm<T, Settings = Self>;

    /// The algorithm's name: `algo = "sac"`.
    const NAME: &'static str;

    /// Good settings for the environment of this name.
    fn preset(env: &str) -> Self;

    /// The level that a column of the metrics is to reach, with its name: a line in its plot. The column's name is
    /// without its group.
    fn level(&self, _column: &str, _action_dim: usize) -> Option<(&'static str, f64)> {
        None
    }

    /// The networks that these settings ask for.
    fn networks(&self) -> Networks;

    /// Checks every value, for actions of this dimension. An algorithm with rules for several settings
    /// together adds them here.
    ///
    /// # Errors
    /// The first value that breaks a rule.
    fn validate(&self, _action_dim: usize) -> Result<(), ConfigError> {
        self.check_values()
    }
}

/// The networks of an algorithm, as far as its memory depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Networks {
    /// Number of critics, each with a target.
    pub critics: usize,
    /// Outputs of the policy for each dimension of the action.
    pub policy_outputs: usize,
    /// Whether the policy has a target.
    pub target_policy: bool,
}

/// The random numbers of one update, drawn beforehand: nothing that is differentiated draws random numbers.
pub trait UpdateNoise<T: Scalar> {
    /// Room for the noise of B transitions with actions of A numbers.
    fn new(batch_size: usize, action_dim: usize) -> Self;

    /// Draws it afresh.
    fn draw(&mut self, stream: &mut Stream);

    /// Shows all of it.
    ///
    /// # Errors
    /// What the visitor said.
    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError>;

    /// How many numbers there are.
    fn numbers(&self) -> usize;
}

/// The noise of an update that draws none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoNoise;

impl<T: Scalar> UpdateNoise<T> for NoNoise {
    fn new(_batch_size: usize, _action_dim: usize) -> Self {
        Self
    }

    fn draw(&mut self, _stream: &mut Stream) {}

    fn visit(&mut self, _visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        Ok(())
    }

    fn numbers(&self) -> usize {
        0
    }
}
