//! The parts of SAC, each of which can be replaced by a wrong one.

use softac::agent::Algorithm;
use softac::env::{BoxSpace, Env};
use softac::learner::{Learner, StepReport};
use softac::nn::{Adam, AdamConfig, polyak};
use softac::policy::{ActionBox, Gaussian, Sample, SquashedGaussian, entropy, log_tanh_jacobian};
use softac::random::{Purpose, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::sac::{
    Noise, Sac, SacConfig, TargetEntropy, UpdateMetrics, actor_loss, critic_loss, q_min,
    soft_target, temperature_loss,
};
use softac::tape::Var;

pub type Column<'t> = Var<'t, f64>;

/// The public equations and algorithms of the crate, or something in their place.
#[derive(Clone, Copy)]
pub struct Implementation {
    /// `u → log |det ∂tanh(u)/∂u|`
    pub log_tanh_jacobian: for<'t> fn(Var<'t, f64>) -> Var<'t, f64>,
    /// The same in single precision.
    pub log_tanh_jacobian_f32: for<'t> fn(Var<'t, f32>) -> Var<'t, f32>,
    /// `φ, s → μ, log σ`
    pub gaussian: for<'t> fn(&SquashedGaussian, Var<'t, f64>, Var<'t, f64>) -> Gaussian<'t, f64>,
    /// `ξ → a, log π`
    pub sample: for<'t> fn(Gaussian<'t, f64>, Var<'t, f64>) -> Sample<'t, f64>,
    /// `log π → Ĥ`
    pub entropy: for<'t> fn(Column<'t>) -> Var<'t, f64>,
    /// The environment's action for one in [−1, 1]ᴬ.
    pub to_environment: fn(&BoxSpace, &[f64], &mut [f64]),
    /// The log-scale of that map.
    pub log_scale: fn(&BoxSpace) -> f64,
    /// `r, d, min Q′, α, log π′, γ → y`
    pub soft_target: for<'t> fn([Column<'t>; 5], f64) -> Column<'t>,
    /// `Q, y → J_Q`
    pub critic_loss: for<'t> fn(Column<'t>, Column<'t>) -> Var<'t, f64>,
    /// `Q₁, Q₂, … → minᵢ Qᵢ`
    pub q_min: for<'t> fn(&[Column<'t>]) -> Column<'t>,
    /// `α, log π, min Q → J_π`
    pub actor_loss: for<'t> fn(Var<'t, f64>, Column<'t>, Column<'t>) -> Var<'t, f64>,
    /// `log α, log π, H̄ → J(α)`
    pub temperature_loss: for<'t> fn(Var<'t, f64>, Column<'t>, f64) -> Var<'t, f64>,
    /// H̄ for this many action dimensions.
    pub target_entropy: fn(usize) -> f64,
    /// Whether a learner takes this H̄ for one action dimension.
    pub accepts_target_entropy: fn(f64) -> bool,
    /// Adam for this many parameters.
    pub adam: fn(usize, AdamConfig) -> Box<dyn Optimiser>,
    /// `θ̄, θ, τ`
    pub polyak: fn(&mut [f64], &[f64], f64),
    /// What learns, from what is to be learned.
    pub updater: fn(Sac<f64>) -> Box<dyn Updater>,
    /// The whole loop for an environment, from its seed.
    pub learner: fn(SacConfig, &dyn Env, u64) -> Box<dyn Steps>,
    /// The loop for several environments that are stepped together, from its seed.
    pub together: fn(SacConfig, &[Boxed], u64) -> Box<dyn StepsTogether>,
    /// Which of the transitions 0, 1, 2, … a full minibatch has: `capacity, pushes, draws → numbers`.
    pub drawn: fn(usize, i64, usize) -> Vec<i64>,
}

/// Steps down gradients.
pub trait Optimiser {
    fn step(&mut self, theta: &mut [f64], gradient: &[f64]);
}

impl Optimiser for Adam<f64> {
    fn step(&mut self, theta: &mut [f64], gradient: &[f64]) {
        Adam::step(self, theta, gradient);
    }
}

/// Learns from batches.
pub trait Updater {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics;
    fn learned(&self) -> Learned;
}

/// Learns in an environment.
pub trait Steps {
    fn step(&mut self, env: &mut dyn Env) -> StepReport;
    fn replay(&self) -> &ReplayBuffer<f64>;
    fn sac(&self) -> &Sac<f64>;
}

impl Steps for Learner<f64> {
    fn step(&mut self, env: &mut dyn Env) -> StepReport {
        Learner::step(self, env, |_| {}).unwrap()
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        Learner::replay(self)
    }

    fn sac(&self) -> &Sac<f64> {
        Learner::sac(self)
    }
}

/// An environment among several.
pub type Boxed = Box<dyn Env>;

/// Learns in several environments at a time.
pub trait StepsTogether {
    fn step(&mut self, envs: &mut [Boxed]) -> StepReport;
    fn replay(&self) -> &ReplayBuffer<f64>;
    fn sac(&self) -> &Sac<f64>;
    /// The last minibatch, as it was learned from.
    fn minibatch(&self) -> &Batch<f64>;
    /// Mean and scale of the observations, if they are standardised.
    fn statistics(&self) -> Option<(Vec<f64>, Vec<f64>)>;
}

impl StepsTogether for Learner<f64> {
    fn step(&mut self, envs: &mut [Boxed]) -> StepReport {
        Learner::step(self, envs, |_| {}).unwrap()
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        Learner::replay(self)
    }

    fn sac(&self) -> &Sac<f64> {
        Learner::sac(self)
    }

    fn minibatch(&self) -> &Batch<f64> {
        self.last_minibatch().0
    }

    fn statistics(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let (mean, scale, _) = self.standardisation()?.parts();
        Some((mean.to_vec(), scale.to_vec()))
    }
}

/// Everything learned: policy, critics, targets, α.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    pub phi: Vec<f64>,
    pub thetas: Vec<Vec<f64>>,
    pub targets: Vec<Vec<f64>>,
    pub alpha: f64,
}

impl Updater for Sac<f64> {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics {
        self.update(batch, noise).unwrap()
    }

    fn learned(&self) -> Learned {
        let numbers = |params: &softac::nn::Params<f64>| params.as_slice().to_vec();
        Learned {
            phi: numbers(self.actor().params()),
            thetas: self.critics().iter().map(|critic| numbers(critic.params())).collect(),
            targets: self.targets().iter().map(numbers).collect(),
            alpha: self.alpha(),
        }
    }
}

impl Implementation {
    /// The crate's own.
    pub fn of_the_crate() -> Self {
        Self {
            log_tanh_jacobian,
            log_tanh_jacobian_f32: log_tanh_jacobian,
            gaussian: |policy, phi, s| policy.gaussian(phi, s),
            sample: |gaussian, xi| gaussian.sample(xi),
            entropy,
            to_environment: |space, a, out| map(space).to_environment(a, out),
            log_scale: |space| map(space).log_scale(),
            soft_target: |[r, d, q, alpha, log_pi], gamma| {
                soft_target(r, d, q, alpha, log_pi, gamma)
            },
            critic_loss,
            q_min: |qs| q_min(qs.iter().copied()),
            actor_loss,
            temperature_loss,
            target_entropy: |action_dim| TargetEntropy::Auto.resolve(action_dim),
            accepts_target_entropy: |nats| {
                let target_entropy = TargetEntropy::Nats(nats);
                SacConfig { target_entropy, ..SacConfig::default() }.validate(1).is_ok()
            },
            adam: |len, config| Box::new(Adam::new(len, config)),
            polyak,
            updater: |sac| Box::new(sac),
            learner: |config, env, seed| Box::new(Learner::new(config, env, seed).unwrap()),
            together: |config, envs, seed| {
                let (n, env) = (u32::try_from(envs.len()).unwrap(), envs[0].as_ref());
                Box::new(Learner::in_lockstep(n, config, env, seed).unwrap())
            },
            drawn: |capacity, pushes, draws| {
                let mut buffer = ReplayBuffer::new(capacity, 1, 1).unwrap();
                for id in 0..pushes {
                    let number = [id as f64 + 1.0];
                    let (observation, action, next_observation) = (&number, &number, &number);
                    let (reward, terminated, truncated) = (0.0, false, false);
                    let transition = Transition {
                        observation,
                        action,
                        reward,
                        next_observation,
                        terminated,
                        truncated,
                    };
                    buffer.push(transition).unwrap();
                }
                let mut batch = Batch::new(draws, 1, 1);
                buffer.sample(&mut batch, &mut stream(3, Purpose::Replay)).unwrap();
                batch.observations.iter().map(|&number| number as i64 - 1).collect()
            },
        }
    }
}

fn map(space: &BoxSpace) -> ActionBox {
    ActionBox::new(space).unwrap()
}
