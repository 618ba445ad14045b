//! The whole algorithm around one environment: act, store, learn.
//!
//! Step t = 1, 2, … does the following (Haarnoja et al., arXiv:1812.05905, Algorithm 1):
//!
//! 1. choose an action: uniform while t ≤ `warmup_steps`, from the policy afterwards;
//! 2. step the environment, and keep the transition with its true successor;
//! 3. if t > `learning_starts` and t is a multiple of `train_freq`, do `gradient_steps` updates, each
//!    on a minibatch of its own.

mod error;
mod memory;
mod state;

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::Scalar;
use crate::env::{BoxSpace, Env, Step};
use crate::normalise::{Normaliser, Standardisation};
use crate::policy::ActionBox;
use crate::random::{Purpose, Stream, fill_normal, fill_uniform, stream};
use crate::replay::{Batch, ReplayBuffer, Successors, Transition};
use crate::sac::{Noise, Sac, SacConfig, UpdateMetrics};
use rand::Rng;

pub use error::LearnerError;
pub use memory::MemoryPlan;

/// Where an action came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionSource {
    /// Uniform over the box, before learning.
    WarmUp,
    /// Sampled from the policy.
    Policy,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// What the environment reported.
    pub step: Step,
    /// Where the action came from.
    pub source: ActionSource,
    /// How many updates are due after it.
    pub updates: u64,
}

/// Soft Actor-Critic with its replay buffer and random streams.
///
/// All memory is taken in the beginning ([`memory_plan`](Learner::memory_plan)); steps and updates allocate nothing.
///
/// ```
/// use softac::env;
/// use softac::learner::Learner;
/// use softac::sac::SacConfig;
///
/// let mut env = env::make("bandit")?;
/// let config = SacConfig {
///     net_arch: vec![16],
///     batch_size: 8,
///     buffer_size: 100,
///     learning_starts: 10,
///     ..SacConfig::default()
/// };
/// let mut learner = Learner::<f32>::new(config, env.as_ref(), 0)?;
/// for _ in 0..20 {
///     learner.step(env.as_mut(), |_metrics| {})?;
/// }
/// assert_eq!(learner.sac().updates(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Learner<T: Scalar> {
    sac: Sac<T>,
    replay: ReplayBuffer<T>,
    batch: Batch<T>,
    noise: Noise<T>,
    normaliser: Normaliser<T>,
    action_box: ActionBox,
    streams: Streams,
    steps: u64,
    updates_due: u64,
    episode_under_way: bool,
    /// s, `[S]`
    observation: Vec<T>,
    /// s as the policy is shown it, `[S]`
    shown: Vec<T>,
    /// s′, `[S]`
    next_observation: Vec<T>,
    /// The observation as the environment writes it, `[S]`
    observed: Vec<f64>,
    /// a, `[A]`
    action: Vec<T>,
    /// The action in the environment's units, `[A]`
    applied: Vec<f64>,
    /// ξ, `[A]`
    xi: Vec<T>,
}

#[derive(Clone)]
struct Streams {
    environment: Stream,
    policy: Stream,
    replay: Stream,
    warm_up: Stream,
}

impl<T: Scalar> Learner<T> {
    /// A learner for environments with the spaces of `env`.
    ///
    /// # Errors
    /// A hyperparameter that cannot be, an unbounded action space, or no memory for the replay buffer.
    pub fn new(config: SacConfig, env: &dyn Env, seed: u64) -> Result<Self, LearnerError> {
        Self::for_spaces(config, env.observation_space().len(), env.action_space(), seed)
    }

    /// A learner for environments with observations of S numbers and this action space.
    ///
    /// # Errors
    /// As [`new`](Learner::new).
    pub fn for_spaces(
        config: SacConfig,
        s: usize,
        action_space: &BoxSpace,
        seed: u64,
    ) -> Result<Self, LearnerError> {
        let a = action_space.len();
        let action_box = ActionBox::new(action_space)?;
        let mut sac = Sac::new(config, s, a, &mut stream(seed, Purpose::Init))?;
        let config = sac.config();
        let successors = match config.optimize_memory_usage {
            true => Successors::Shared,
            false => Successors::Stored,
        };
        let replay = ReplayBuffer::with_successors(successors, config.buffer_size, s, a)?;
        let (batch, noise) =
            (Batch::new(config.batch_size, s, a), Noise::new(config.batch_size, a));
        let room = sac.make_room(&batch, &noise);
        room.map_err(|error| LearnerError::in_update(error, 0, 0))?;
        let config = sac.config();
        Ok(Self {
            replay,
            batch,
            noise,
            normaliser: Normaliser::new(
                s,
                config.norm_obs.then_some(config.clip_obs),
                config.norm_reward.then_some(config.clip_reward),
                config.gamma,
            ),
            action_box,
            streams: Streams {
                environment: stream(seed, Purpose::Environment),
                policy: stream(seed, Purpose::Policy),
                replay: stream(seed, Purpose::Replay),
                warm_up: stream(seed, Purpose::WarmUp),
            },
            steps: 0,
            updates_due: 0,
            episode_under_way: false,
            observation: vec![T::zero(); s],
            shown: vec![T::zero(); s],
            next_observation: vec![T::zero(); s],
            observed: vec![0.0; s],
            action: vec![T::zero(); a],
            applied: vec![0.0; a],
            xi: vec![T::zero(); a],
            sac,
        })
    }

    /// What is being learned.
    #[must_use]
    pub fn sac(&self) -> &Sac<T> {
        &self.sac
    }

    /// What is being learned, to be changed or asked for actions.
    #[must_use]
    pub fn sac_mut(&mut self) -> &mut Sac<T> {
        &mut self.sac
    }

    /// What is done to observations before the policy is shown them, by the statistics so far; `None` unless
    /// `norm_obs` is set.
    #[must_use]
    pub fn standardisation(&self) -> Option<&Standardisation<T>> {
        self.normaliser.observations()
    }

    /// The transitions so far, as the environment gave them.
    #[must_use]
    pub fn replay(&self) -> &ReplayBuffer<T> {
        &self.replay
    }

    /// The minibatch of the last update with its noise, also of one that was refused.
    #[must_use]
    pub fn last_minibatch(&self) -> (&Batch<T>, &Noise<T>) {
        (&self.batch, &self.noise)
    }

    /// The map from the policy's actions to the environment's.
    #[must_use]
    pub fn action_box(&self) -> &ActionBox {
        &self.action_box
    }

    /// Environment steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// One step of the environment and the updates that are due after it, each of which is shown to
    /// `on_update`.
    ///
    /// # Errors
    /// As [`interact`](Learner::interact) and [`update`](Learner::update).
    // ANCHOR: step
    pub fn step(
        &mut self,
        env: &mut dyn Env,
        mut on_update: impl FnMut(&UpdateMetrics),
    ) -> Result<StepReport, LearnerError> {
        let report = self.interact(env)?;
        while let Some(metrics) = self.update()? {
            on_update(&metrics);
        }
        Ok(report)
    }

    /// One step of the environment, without the updates that are due after it. A new episode is begun where
    /// the last one is over.
    ///
    /// # Errors
    /// What environment or replay buffer refused; the learner is as if the step had not been tried. `env` must
    /// have the spaces given to [`new`](Learner::new).
    pub fn interact(&mut self, env: &mut dyn Env) -> Result<StepReport, LearnerError> {
        if !self.episode_under_way {
            self.begin_episode(env)?;
        }
        let t = self.steps + 1;
        let before = self.streams.clone();
        let source = self.choose_action(t);
        let step = match self.act_and_store(env) {
            Ok(step) => step,
            Err(error) => {
                self.streams = before;
                return Err(error);
            }
        };
        self.steps = t;
        let updates = self.updates_after(t);
        self.updates_due += updates;
        Ok(StepReport { step, source, updates })
    }

    /// One of the updates that are due, on a minibatch of its own; `None` if none is due.
    ///
    /// # Errors
    /// What the update refused.
    pub fn update(&mut self) -> Result<Option<UpdateMetrics>, LearnerError> {
        if self.updates_due == 0 {
            return Ok(None);
        }
        self.replay.sample(&mut self.batch, &mut self.streams.replay)?;
        self.normaliser.apply(&mut self.batch);
        self.noise.draw(&mut self.streams.policy);
        let update = self.sac.updates() + 1;
        let metrics = self.sac.update(&self.batch, &self.noise);
        let metrics =
            metrics.map_err(|error| LearnerError::in_update(error, update, self.steps))?;
        self.updates_due -= 1;
        Ok(Some(metrics))
    }
    // ANCHOR_END: step

    /// Whether an episode has begun and is not over.
    #[must_use]
    pub fn episode_under_way(&self) -> bool {
        self.episode_under_way
    }

    /// Gives the episode under way up, because its environment cannot go on: the next step begins another.
    pub fn abandon_episode(&mut self) {
        self.episode_under_way = false;
        self.normaliser.abandon_episode();
    }

    fn begin_episode(&mut self, env: &mut dyn Env) -> Result<(), LearnerError> {
        let mut starts = self.streams.environment.clone();
        env.reset(starts.next_u64(), &mut self.observed)?;
        self.check_finite(env, None)?;
        self.streams.environment = starts;
        convert(&self.observed, &mut self.observation);
        self.normaliser.see_observation(&self.observation);
        self.episode_under_way = true;
        Ok(())
    }

    fn choose_action(&mut self, t: u64) -> ActionSource {
        if t <= self.sac.config().warmup_steps() {
            fill_uniform(&mut self.action, 1.0, &mut self.streams.warm_up);
            return ActionSource::WarmUp;
        }
        fill_normal(&mut self.xi, &mut self.streams.policy);
        self.shown.copy_from_slice(&self.observation);
        if let Some(standardisation) = self.normaliser.observations() {
            standardisation.apply(&mut self.shown);
        }
        self.sac.act(&self.shown, Some(&self.xi), &mut self.action);
        ActionSource::Policy
    }

    fn act_and_store(&mut self, env: &mut dyn Env) -> Result<Step, LearnerError> {
        self.action_box.to_environment(&self.action, &mut self.applied);
        let step = env.step(&self.applied, &mut self.observed)?;
        // The environment has moved on, and cannot be taken back.
        self.check_finite(env, Some(step.reward)).inspect_err(|_| self.abandon_episode())?;
        convert(&self.observed, &mut self.next_observation);
        self.replay.push(Transition {
            observation: &self.observation,
            action: &self.action,
            reward: T::of(step.reward),
            next_observation: &self.next_observation,
            terminated: step.terminated,
            truncated: step.truncated,
        })?;
        core::mem::swap(&mut self.observation, &mut self.next_observation);
        self.episode_under_way = !step.done();
        self.normaliser.see_reward(step.reward, step.done());
        if self.episode_under_way {
            self.normaliser.see_observation(&self.observation);
        }
        Ok(step)
    }

    /// Refuses what would turn every parameter into NaN some steps later.
    fn check_finite(&self, env: &dyn Env, reward: Option<f64>) -> Result<(), LearnerError> {
        let observed = self.observed.iter().enumerate();
        let wrong = observed.map(|(i, &x)| (Some(i), x)).chain(reward.map(|reward| (None, reward)));
        let Some((index, value)) = wrong.into_iter().find(|(_, x)| !x.is_finite()) else {
            return Ok(());
        };
        let quantity = index.map_or("reward".into(), |i| format!("observation[{i}]"));
        let (env, step) = (env.name().into(), self.steps + 1);
        Err(LearnerError::NotFinite { env, quantity, value, step })
    }

    fn updates_after(&self, t: u64) -> u64 {
        let config = self.sac.config();
        if t <= config.learning_starts || !t.is_multiple_of(config.train_freq) {
            return 0;
        }
        // −1 means one update for each environment step of the round.
        u64::try_from(config.gradient_steps).unwrap_or(config.train_freq)
    }
}

fn convert<T: Scalar>(from: &[f64], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = T::of(from));
}
