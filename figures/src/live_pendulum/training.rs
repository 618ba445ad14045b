//! The training itself: `softac train pendulum --set numerics=portable`, one environment step at a time.

use softac::Numerics;
use softac::agent::Algorithm;
use softac::env::{self, Env, EnvError, Episode, Step, episodes};
use softac::learner::{Learner, LearnerError, preset};
use softac::sac::{EntCoef, SacConfig, UpdateMetrics};

use super::bias::q_bias;

/// Environment steps of a training, as the preset of the command has it.
pub const STEPS: u64 = 10_000;
/// The settings of the command for its rows and evaluations.
const LOG_FREQ: u64 = 200;
const EVAL_FREQ: u64 = 500;
const EVAL_EPISODES: usize = 10;
const EVAL_SEED: u64 = 0;

/// A training under way.
pub struct Training {
    learner: Learner<f32>,
    env: Watched,
    eval_env: Box<dyn Env>,
    episode: Episode,
    means: Means,
    /// What has been seen so far.
    pub seen: Seen,
}

/// What a training has shown of itself. Each number stands with the environment steps after which it was taken.
#[derive(Default)]
pub struct Seen {
    /// Returns of the training's episodes.
    pub episodes: Vec<(u64, f64)>,
    /// Mean returns of episodes without noise.
    pub evaluations: Vec<(u64, f64)>,
    /// How far the values lie above what the policy gets.
    pub biases: Vec<(u64, f64)>,
    /// The rows of `metrics.csv`.
    pub rows: Vec<(u64, Row)>,
    /// The last update.
    pub update: Option<Update>,
    /// Why it stopped before its end.
    pub fault: Option<String>,
}

/// What is taken every 200 steps.
#[derive(Clone, Copy)]
pub struct Row {
    /// Mean entropy of the updates since the last row, in nats.
    pub entropy: Option<f64>,
    /// Mean temperature of the updates since the last row.
    pub alpha: Option<f64>,
    /// Norm of the last gradient of the policy.
    pub actor_norm: Option<f64>,
    /// The fingerprint of everything that is learned.
    pub hash: u64,
}

/// What an update saw.
#[derive(Clone, Copy)]
pub struct Update {
    /// Ĥ over the batch, in nats.
    pub entropy: f64,
    /// α
    pub alpha: f64,
    /// Norms of the gradients of the policy and of the first critic.
    pub norms: [f64; 2],
}

impl Training {
    /// The training of this seed before its first step; the temperature is learned or given.
    pub fn new(seed: u64, ent_coef: EntCoef) -> Result<Self, LearnerError> {
        let config = SacConfig { ent_coef, numerics: Numerics::Portable, ..preset("Pendulum-v1") };
        let env = Watched::new(env::make("pendulum")?);
        Ok(Self {
            learner: Learner::new(config, &env, seed)?,
            env,
            eval_env: env::make("pendulum")?,
            episode: Episode::NONE,
            means: Means::default(),
            seen: Seen::default(),
        })
    }

    /// Environment steps so far.
    pub fn steps(&self) -> u64 {
        self.learner.steps()
    }

    /// Updates so far.
    pub fn updates(&self) -> u64 {
        self.learner.sac().updates()
    }

    /// The pendulum as it is.
    pub fn pendulum(&self) -> &Watched {
        &self.env
    }

    /// One environment step with all that is due after it: whether there are more to come.
    pub fn step(&mut self) -> bool {
        if self.seen.fault.is_some() || self.steps() >= STEPS {
            return false;
        }
        if let Err(error) = self.try_step() {
            self.seen.fault = Some(error.to_string());
        }
        self.seen.fault.is_none() && self.steps() < STEPS
    }

    fn try_step(&mut self) -> Result<(), LearnerError> {
        let Self { learner, env, means, .. } = self;
        let mut last = None;
        learner.step(env, |metrics| {
            means.add(metrics);
            last = Some(*metrics);
        })?;
        let step = learner.last_steps().next();
        let finished = step.and_then(|step| self.episode.count(&step, None));
        let t = self.steps();
        if let Some(Episode { reward, .. }) = finished {
            self.seen.episodes.push((t, reward));
        }
        if let Some(UpdateMetrics { ent_coef, actor: Some(actor), .. }) = last {
            let norms = self.norms().unwrap_or_default();
            self.seen.update = Some(Update { entropy: actor.entropy, alpha: ent_coef, norms });
        }
        if t.is_multiple_of(LOG_FREQ) {
            let row = self.row();
            self.seen.rows.push((t, row));
        }
        if t.is_multiple_of(EVAL_FREQ) {
            let reward = self.evaluate()?;
            self.seen.evaluations.push((t, reward));
            self.seen.biases.push((t, q_bias(&self.learner, EVAL_SEED)?));
        }
        Ok(())
    }

    fn norms(&self) -> Option<[f64; 2]> {
        let sac = self.learner.sac();
        Some([sac.actor().gradient_norm()?, sac.critics().first()?.gradient_norm()?])
    }

    fn row(&mut self) -> Row {
        let Means { entropy, alpha } = std::mem::take(&mut self.means);
        let hash = self.learner.sac_mut().fingerprint();
        let actor_norm = self.norms().map(|[actor, _]| actor);
        Row { entropy: entropy.get(), alpha: alpha.get(), actor_norm, hash }
    }

    /// The mean return of episodes without noise, from the start states that the command takes.
    fn evaluate(&mut self) -> Result<f64, EnvError> {
        let Self { learner, eval_env, .. } = self;
        let done = episodes(eval_env.as_mut(), EVAL_EPISODES, EVAL_SEED, |observation, action| {
            learner.act(observation, action);
        })?;
        let sum: f64 = done.iter().map(|episode| episode.reward).sum();
        Ok(sum / done.len() as f64)
    }
}

/// Means over the updates since the last row.
#[derive(Default)]
struct Means {
    entropy: Mean,
    alpha: Mean,
}

impl Means {
    fn add(&mut self, update: &UpdateMetrics) {
        self.alpha.add(update.ent_coef);
        if let Some(actor) = update.actor {
            self.entropy.add(actor.entropy);
        }
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, x: f64) {
        self.sum += x;
        self.count += 1;
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

/// An environment that remembers what it was last asked and what it said.
pub struct Watched {
    env: Box<dyn Env>,
    /// cos θ, sin θ and θ̇; hanging at rest before the first episode.
    pub observation: [f64; 3],
    /// The torque.
    pub torque: f64,
}

impl Watched {
    fn new(env: Box<dyn Env>) -> Self {
        Self { env, observation: [-1.0, 0.0, 0.0], torque: 0.0 }
    }

    fn remember(&mut self, observation: &[f64], torque: f64) {
        self.observation.iter_mut().zip(observation).for_each(|(to, &from)| *to = from);
        self.torque = torque;
    }
}

impl Env for Watched {
    softac::forward_env! { env: name, observation_space, action_space }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.env.reset(seed, observation)?;
        self.remember(observation, 0.0);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let step = self.env.step(action, observation)?;
        self.remember(observation, action.first().copied().unwrap_or(0.0));
        Ok(step)
    }
}
