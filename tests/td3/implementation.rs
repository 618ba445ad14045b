//! The parts of TD3, each of which can be replaced by a wrong one.

use ndarray::Array2;
use softac::agent::{Algorithm, UpdateNoise};
use softac::algorithms::td3::{
    Noise, Td3, Td3Config, UpdateMetrics, actor_loss, critic_loss, smoothed_action, target,
};
use softac::env::Env;
use softac::learner::{Learner, StepReport};
use softac::nn::Params;
use softac::random::Stream;
use softac::replay::{Batch, ReplayBuffer};
use softac::tape::Var;

pub type Column<'t> = Var<'t, f64>;

/// The public equations and algorithms of the crate, or something in their place.
#[derive(Clone, Copy)]
pub struct Implementation {
    /// `a, ξ, σ, c → ã`
    pub smoothed_action: for<'t> fn(Var<'t, f64>, Var<'t, f64>, f64, f64) -> Var<'t, f64>,
    /// `r, d, min Q̄, γ → y`
    pub target: for<'t> fn([Column<'t>; 3], f64) -> Column<'t>,
    /// `Q, y → J_Q`
    pub critic_loss: for<'t> fn(Column<'t>, Column<'t>) -> Var<'t, f64>,
    /// `Q₁ → J_π`
    pub actor_loss: for<'t> fn(Column<'t>) -> Var<'t, f64>,
    /// The smoothing noise of a batch: `B, A → ξ`.
    pub noise: fn(usize, usize, &mut Stream) -> Array2<f64>,
    /// What learns, from what is to be learned.
    pub updater: fn(Td3<f64>) -> Box<dyn Updater>,
    /// The whole loop for an environment, from its seed.
    pub learner: fn(Td3Config, &dyn Env, u64) -> Box<dyn Steps>,
}

/// Learns from batches.
pub trait Updater {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics;
    fn learned(&self) -> Learned;
}

/// Everything learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    pub phi: Vec<f64>,
    pub phi_target: Vec<f64>,
    pub thetas: Vec<Vec<f64>>,
    pub targets: Vec<Vec<f64>>,
}

impl Updater for Td3<f64> {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics {
        Algorithm::update(self, batch, noise).unwrap()
    }

    fn learned(&self) -> Learned {
        let numbers = |params: &Params<f64>| params.as_slice().to_vec();
        Learned {
            phi: numbers(self.actor().params()),
            phi_target: numbers(self.actor_target()),
            thetas: self.critics().iter().map(|critic| numbers(critic.params())).collect(),
            targets: self.targets().iter().map(numbers).collect(),
        }
    }
}

/// Learns in an environment.
pub trait Steps {
    fn step(&mut self, env: &mut dyn Env) -> StepReport;
    /// The action of an evaluation, in the environment's units.
    fn evaluate(&mut self, observation: &[f64]) -> [f64; 2];
    fn replay(&self) -> &ReplayBuffer<f64>;
    fn td3(&self) -> &Td3<f64>;
}

impl Steps for Learner<f64, Td3<f64>> {
    fn step(&mut self, env: &mut dyn Env) -> StepReport {
        Learner::step(self, env, |_| {}).unwrap()
    }

    fn evaluate(&mut self, observation: &[f64]) -> [f64; 2] {
        let mut action = [f64::NAN; 2];
        self.act(observation, &mut action);
        action
    }

    fn replay(&self) -> &ReplayBuffer<f64> {
        Learner::replay(self)
    }

    fn td3(&self) -> &Td3<f64> {
        self.algorithm()
    }
}

impl Implementation {
    /// The crate's own.
    pub fn of_the_crate() -> Self {
        Self {
            smoothed_action,
            target: |[r, d, q], gamma| target(r, d, q, gamma),
            critic_loss,
            actor_loss,
            noise: |rows, actions, stream| {
                let mut noise = Noise::new(rows, actions);
                noise.draw(stream);
                noise.next
            },
            updater: |td3| Box::new(td3),
            learner: |config, env, seed| Box::new(Learner::new(config, env, seed).unwrap()),
        }
    }
}
