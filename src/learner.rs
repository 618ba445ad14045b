//! The whole algorithm around its environments: act, store, learn.
//!
//! A learner acts in one environment, or in several in lockstep. Environment steps t = 1, 2, … come N at a time,
//! where N is the number of environments (Haarnoja et al., arXiv:1812.05905, Algorithm 1):
//!
//! 1. choose an action for each: uniform until `warmup_steps` were done, from the policy afterwards;
//! 2. step the environments, all at the same time, and keep the transitions with their true successors;
//! 3. if t > `learning_starts` and t/N is a multiple of `train_freq`, or t ends so many episodes, do
//!    `gradient_steps` updates, each on a minibatch of its own.

mod error;
mod lane;
mod lockstep;
mod memory;
mod rounds;
mod state;

use alloc::vec;
use alloc::vec::Vec;

use crate::Scalar;
use crate::agent::Settings;
use crate::agent::settings::OffPolicy;
use crate::agent::{Algorithm, UpdateNoise};
use crate::algorithms::sac::Sac;
use crate::env::{BoxSpace, Env, Envs, Step};
use crate::normalise::{Normaliser, Standardisation};
use crate::policy::{ActionBox, Actor};
use crate::random::{Purpose, Stream, lane_stream, stream};
use crate::replay::{Batch, ReplayBuffer, Successors};
use lane::{Lane, Phase};
use rounds::Rounds;

pub use crate::sac::preset;
pub use error::LearnerError;
pub use memory::MemoryPlan;

/// Where the actions of a step came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionSource {
    /// Uniform over the box, before learning.
    WarmUp,
    /// Sampled from the policy.
    Policy,
}

/// What one step of all environments did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Where the actions came from.
    pub source: ActionSource,
    /// How many updates are due after it.
    pub updates: u64,
}

/// An off-policy algorithm with its replay buffer and random streams; Soft Actor-Critic unless another is named.
///
/// All memory is taken in the beginning ([`memory_plan`](Learner::memory_plan)); steps and updates allocate nothing.
///
/// ```
/// use softac::agent::Algorithm;
/// use softac::env;
/// use softac::learner::Learner;
/// use softac::sac::SacConfig;
///
/// let mut env = env::make("bandit")?;
/// let config = SacConfig {
///     net_arch: vec![16].into(),
///     batch_size: 8,
///     buffer_size: 100,
///     learning_starts: 10,
///     ..SacConfig::default()
/// };
/// let mut learner = Learner::<f32>::new(config, env.as_ref(), 0)?;
/// for _ in 0..20 {
///     learner.step(env.as_mut(), |_metrics| {})?;
/// }
/// assert_eq!(learner.algorithm().updates(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Learner<T: Scalar, A: Algorithm<T> = Sac<T>> {
    algorithm: A,
    settings: OffPolicy,
    replay: ReplayBuffer<T>,
    batch: Batch<T>,
    noise: A::Noise,
    normaliser: Normaliser<T>,
    actor: Actor<T, A::Policy>,
    streams: Streams,
    /// Environment steps done.
    steps: u64,
    updates_due: u64,
    rounds: Rounds,
    /// The N environments' own.
    lanes: Vec<Lane>,
    /// s, `[N, S]`
    observations: Vec<T>,
    /// s′, `[N, S]`
    next_observations: Vec<T>,
    /// a, `[N, A]`
    actions: Vec<T>,
    /// ξ, or the uniform actions, `[N, A]`
    xi: Vec<T>,
}

#[derive(Clone)]
struct Streams {
    policy: Stream,
    replay: Stream,
    warm_up: Stream,
}

impl<T: Scalar, A: Algorithm<T>> Learner<T, A> {
    /// A learner for environments with the spaces of `env`, one at a time.
    ///
    /// # Errors
    /// A hyperparameter that cannot be, an unbounded action space, or no memory for the replay buffer.
    pub fn new<S>(settings: S, env: &dyn Env, seed: u64) -> Result<Self, LearnerError>
    where
        S: Settings<Algorithm<T> = A>,
        A: Algorithm<T, Settings = S>,
    {
        Self::in_lockstep(1, settings, env, seed)
    }

    /// A learner for environments with the spaces of `env`, so many at a time.
    ///
    /// ```
    /// use softac::env;
    /// use softac::learner::Learner;
    /// use softac::sac::SacConfig;
    ///
    /// let mut envs = [env::make("pendulum")?, env::make("pendulum")?];
    /// let config = SacConfig { net_arch: vec![8].into(), buffer_size: 100, ..SacConfig::default() };
    /// let mut learner = Learner::<f32>::in_lockstep(2, config, envs[0].as_ref(), 0)?;
    /// learner.step(&mut envs[..], |_metrics| {})?;
    /// assert_eq!((learner.steps(), learner.last_steps().len()), (2, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Learner::new); [`ReplayError::NoCapacity`](crate::replay::ReplayError::NoCapacity) also for no
    /// environment at all.
    pub fn in_lockstep<S>(
        num_envs: u32,
        settings: S,
        env: &dyn Env,
        seed: u64,
    ) -> Result<Self, LearnerError>
    where
        S: Settings<Algorithm<T> = A>,
        A: Algorithm<T, Settings = S>,
    {
        let (s, action_space) = (env.observation_space().len(), env.action_space());
        Self::for_spaces(num_envs, settings, s, action_space, seed)
    }

    /// A learner for so many environments at a time, with observations of S numbers and this action space.
    ///
    /// # Errors
    /// As [`in_lockstep`](Learner::in_lockstep).
    pub fn for_spaces<S>(
        num_envs: u32,
        settings: S,
        s: usize,
        action_space: &BoxSpace,
        seed: u64,
    ) -> Result<Self, LearnerError>
    where
        S: Settings<Algorithm<T> = A>,
        A: Algorithm<T, Settings = S>,
    {
        let a = action_space.len();
        let action_box = ActionBox::new(action_space)?;
        let mut algorithm = A::new(settings, s, a, &mut stream(seed, Purpose::Init))?;
        let settings = algorithm.settings().off_policy();
        settings.check_num_envs(num_envs)?;
        let successors = match settings.optimize_memory_usage {
            true => Successors::Shared,
            false => Successors::Stored,
        };
        let n = num_envs as usize;
        let replay = ReplayBuffer::for_envs(n, successors, settings.buffer_size, s, a)?;
        let batch = Batch::new(settings.batch_size, s, a);
        let noise = A::Noise::new(settings.batch_size, a);
        let room = algorithm.make_room(&batch, &noise);
        room.map_err(|error| LearnerError::in_update(error, 0, 0))?;
        let lane = |lane| Lane::new(lane_stream(seed, Purpose::Environment, lane), s, a);
        let zeros = |width: usize| vec![T::zero(); n * width];
        Ok(Self {
            replay,
            batch,
            noise,
            normaliser: Normaliser::new(
                s,
                n,
                settings.norm_obs.then_some(settings.clip_obs),
                settings.norm_reward.then_some(settings.clip_reward),
                settings.gamma,
            ),
            actor: Actor::new(algorithm.policy().0.clone(), action_box, settings.numerics, n),
            streams: Streams {
                policy: stream(seed, Purpose::Policy),
                replay: stream(seed, Purpose::Replay),
                warm_up: stream(seed, Purpose::WarmUp),
            },
            steps: 0,
            updates_due: 0,
            rounds: Rounds::default(),
            lanes: (0..num_envs).map(lane).collect(),
            observations: zeros(s),
            next_observations: zeros(s),
            actions: zeros(a),
            xi: zeros(a),
            settings,
            algorithm,
        })
    }

    /// The deterministic action of the policy as it is now, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    pub fn act(&mut self, observation: &[f64], action: &mut [f64]) {
        let (_, phi) = self.algorithm.policy();
        let standardisation = self.normaliser.observations();
        self.actor.act_in_environment(phi.as_slice(), standardisation, observation, action);
    }

    /// What is being learned.
    #[must_use]
    pub fn algorithm(&self) -> &A {
        &self.algorithm
    }

    /// What is being learned, to be changed.
    #[must_use]
    pub fn algorithm_mut(&mut self) -> &mut A {
        &mut self.algorithm
    }

    /// What is done to observations before the policy is shown them, by the statistics so far; `None` unless
    /// `norm_obs` is set.
    #[must_use]
    pub fn standardisation(&self) -> Option<&Standardisation<T>> {
        self.normaliser.observations()
    }

    /// The transitions so far, as the environments gave them.
    #[must_use]
    pub fn replay(&self) -> &ReplayBuffer<T> {
        &self.replay
    }

    /// The minibatch of the last update with its noise, also of one that was refused.
    #[must_use]
    pub fn last_minibatch(&self) -> (&Batch<T>, &A::Noise) {
        (&self.batch, &self.noise)
    }

    /// The map from the policy's actions to the environment's.
    #[must_use]
    pub fn action_box(&self) -> &ActionBox {
        self.actor.action_box()
    }

    /// Environment steps so far, those of all environments.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What each environment reported of the last step.
    pub fn last_steps(&self) -> impl ExactSizeIterator<Item = Step> {
        self.lanes.iter().map(|lane| lane.step)
    }

    /// The success of the episodes that the last step ended, where their environments
    /// [tell](crate::env::Env::success); `None` for all others.
    pub fn last_successes(&self) -> impl ExactSizeIterator<Item = Option<bool>> {
        self.lanes.iter().map(|lane| lane.success)
    }

    /// The observation of each environment after the last step, as the environment gave it; at the end of an episode, its
    /// last one.
    pub fn last_observations(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.lanes.iter().map(|lane| &lane.observed[..])
    }

    /// One step of all environments and the updates that are due after it, each of which is shown to
    /// `on_update`.
    ///
    /// # Errors
    /// As [`interact`](Learner::interact) and [`update`](Learner::update).
    // ANCHOR: step
    pub fn step<E: Envs + ?Sized>(
        &mut self,
        envs: &mut E,
        mut on_update: impl FnMut(&A::Metrics),
    ) -> Result<StepReport, LearnerError> {
        let report = self.interact(envs)?;
        while let Some(metrics) = self.update()? {
            on_update(&metrics);
        }
        Ok(report)
    }

    /// One step of all environments, without the updates that are due after it. A new episode is begun wherever
    /// the last one is over.
    ///
    /// # Errors
    /// The first that an environment or the replay buffer refused; or another number of environments than it
    /// was made for. The learner is as if the step had not been tried, but that environments that did theirs
    /// wait for the others: to try again comes to the same bits. They must have the spaces given to
    /// [`new`](Learner::new).
    pub fn interact<E: Envs + ?Sized>(&mut self, envs: &mut E) -> Result<StepReport, LearnerError> {
        self.check_count(envs)?;
        self.begin_episodes(envs)?;
        let before = self.streams.clone();
        let source = self.choose_actions();
        if let Err(error) = self.step_envs(envs) {
            self.streams = before;
            return Err(error);
        }
        self.store()?;
        self.steps += self.lanes.len() as u64;
        let (n, ended) = (self.lanes.len() as u64, self.lanes[0].step.done());
        let updates = self.rounds.updates_after(&self.settings, n, self.steps, ended);
        self.updates_due += updates;
        Ok(StepReport { source, updates })
    }

    /// One of the updates that are due, on a minibatch of its own; `None` if none is due.
    ///
    /// # Errors
    /// What the update refused.
    pub fn update(&mut self) -> Result<Option<A::Metrics>, LearnerError> {
        if self.updates_due == 0 {
            return Ok(None);
        }
        self.replay.sample(&mut self.batch, &mut self.streams.replay)?;
        self.normaliser.apply(&mut self.batch);
        self.noise.draw(&mut self.streams.policy);
        let update = self.algorithm.updates() + 1;
        let metrics = self.algorithm.update(&self.batch, &self.noise);
        let metrics =
            metrics.map_err(|error| LearnerError::in_update(error, update, self.steps))?;
        self.updates_due -= 1;
        Ok(Some(metrics))
    }
    // ANCHOR_END: step

    /// Whether this environment is in the midst of an episode.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    #[must_use]
    pub fn episode_under_way(&self, lane: usize) -> bool {
        self.lanes[lane].episode_under_way()
    }

    /// Whether the next step begins an episode in this environment.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    #[must_use]
    pub fn needs_reset(&self, lane: usize) -> bool {
        self.lanes[lane].phase == Phase::Over
    }

    /// The seed that the next episode of this environment begins with.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    #[must_use]
    pub fn next_seed(&self, lane: usize) -> u64 {
        self.lanes[lane].next_seed()
    }

    /// Makes so many updates due, besides those that follow from the steps.
    pub fn add_updates(&mut self, updates: u64) {
        self.updates_due = self.updates_due.saturating_add(updates);
    }

    /// Counts environment steps from 0 again, so that warm-up and `learning_starts` begin anew. What was learned, the
    /// replay buffer and the random streams stay.
    pub fn count_anew(&mut self) {
        self.steps = 0;
        self.rounds = Rounds::default();
    }

    /// Gives the episode under way up, because its environment cannot go on: the next step begins another.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    pub fn abandon_episode(&mut self, lane: usize) {
        self.lanes[lane].phase = Phase::Over;
        self.normaliser.abandon_episode(lane);
    }
}

impl<T: Scalar> Learner<T, Sac<T>> {
    /// [`algorithm`](Learner::algorithm), by its name.
    #[must_use]
    pub fn sac(&self) -> &Sac<T> {
        &self.algorithm
    }

    /// [`algorithm_mut`](Learner::algorithm_mut), by its name.
    #[must_use]
    pub fn sac_mut(&mut self) -> &mut Sac<T> {
        &mut self.algorithm
    }
}
