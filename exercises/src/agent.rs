//! What one update of Soft Actor-Critic moves, step by step: the steps are given, their order is the hole.

use ndarray::Array2;
use softac::agent::Algorithm;
use softac::nn::{Adam, AdamConfig, Mlp, polyak};
use softac::policy::SquashedGaussian;
use softac::replay::Batch;
use softac::sac::{Sac, actor_loss, critic_loss, q_min, soft_target, temperature_loss};
use softac::tape::{Tape, TapeError};

/// Policy, critics, target critics and temperature. Each step changes what it is named after and nothing else.
pub struct Agent {
    policy: SquashedGaussian,
    critic: Mlp,
    gamma: f64,
    tau: f64,
    target_entropy: f64,
    phi: Learned,
    thetas: Vec<Learned>,
    theta_bars: Vec<Vec<f64>>,
    log_alpha: Learned,
    /// The steps that were taken, for the messages of the tests.
    taken: Vec<&'static str>,
}

/// Parameters with their optimiser.
struct Learned {
    parameters: Vec<f64>,
    adam: Adam<f64>,
}

impl Learned {
    fn new(parameters: &[f64], learning_rate: f64) -> Self {
        let config = AdamConfig::with_learning_rate(learning_rate);
        Self { parameters: parameters.to_vec(), adam: Adam::new(parameters.len(), config) }
    }

    fn step(&mut self, gradient: &[f64]) {
        self.adam.step(&mut self.parameters, gradient);
    }
}

impl Agent {
    /// One with the settings and the parameters that this learner has before its first update. Its temperature is
    /// learned.
    #[must_use]
    pub fn beginning_as(sac: &Sac<f64>) -> Self {
        let config = sac.settings();
        let learned = |parameters: &[f64]| Learned::new(parameters, config.learning_rate);
        Self {
            policy: sac.policy().clone(),
            critic: sac.critic().clone(),
            gamma: config.gamma,
            tau: config.tau,
            target_entropy: sac.target_entropy(),
            phi: learned(sac.actor().params().as_slice()),
            thetas: sac.critics().iter().map(|theta| learned(theta.params().as_slice())).collect(),
            theta_bars: sac.targets().iter().map(|theta| theta.as_slice().to_vec()).collect(),
            log_alpha: learned(&[sac.alpha().ln()]),
            taken: Vec::new(),
        }
    }

    /// The temperature α, as it is now.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.log_alpha.parameters[0].exp()
    }

    /// The targets y, `[B, 1]`, from the policy and the target critics as they are now. `xi: [B, A]` is the noise of the
    /// actions in s′.
    ///
    /// # Errors
    /// If batch and noise do not fit the networks.
    pub fn targets(
        &mut self,
        batch: &Batch<f64>,
        xi: &Array2<f64>,
        alpha: f64,
    ) -> Result<Array2<f64>, TapeError> {
        self.taken.push("targets");
        let tape = Tape::new();
        let s_next = tape.constant(&batch.next_observations); // [B, S]
        let phi = tape.frozen(&self.phi.parameters);
        let next = self.policy.sample(phi, s_next, tape.constant(xi));
        let s_a = s_next.concat(next.action);
        let q =
            q_min(self.theta_bars.iter().map(|theta| self.critic.forward(tape.frozen(theta), s_a))); // [B, 1]
        let [r, d] = [&batch.rewards, &batch.terminated].map(|x| tape.constant(x));
        soft_target(r, d, q, tape.scalar(alpha), next.log_pi, self.gamma).value()
    }

    /// Each critic takes a step on its loss against the targets `y: [B, 1]`.
    ///
    /// # Errors
    /// If the batch does not fit the networks.
    pub fn step_critics(&mut self, batch: &Batch<f64>, y: &Array2<f64>) -> Result<(), TapeError> {
        self.taken.push("critics");
        for learned in &mut self.thetas {
            let gradient = {
                let tape = Tape::new();
                let theta = tape.params(&learned.parameters);
                let [s, a] = [&batch.observations, &batch.actions].map(|x| tape.constant(x));
                let q = self.critic.forward(theta, s.concat(a)); // [B, 1]
                critic_loss(q, tape.constant(y)).backward()?.leaf(theta).to_vec()
            };
            learned.step(&gradient);
        }
        Ok(())
    }

    /// The policy takes a step, judged by the critics as they are now. `xi: [B, A]` is the noise of the actions in s.
    /// Returns the log π of before the step, `[B, 1]`.
    ///
    /// # Errors
    /// If batch and noise do not fit the networks.
    pub fn step_policy(
        &mut self,
        batch: &Batch<f64>,
        xi: &Array2<f64>,
        alpha: f64,
    ) -> Result<Array2<f64>, TapeError> {
        self.taken.push("policy");
        let (gradient, log_pi) = {
            let tape = Tape::new();
            let phi = tape.params(&self.phi.parameters);
            let s = tape.constant(&batch.observations); // [B, S]
            let sample = self.policy.sample(phi, s, tape.constant(xi));
            let s_a = s.concat(sample.action);
            let thetas = self.thetas.iter().map(|theta| tape.frozen(&theta.parameters));
            let q = q_min(thetas.map(|theta| self.critic.forward(theta, s_a))); // [B, 1]
            let loss = actor_loss(tape.scalar(alpha), sample.log_pi, q);
            (loss.backward()?.leaf(phi).to_vec(), sample.log_pi.value()?)
        };
        self.phi.step(&gradient);
        Ok(log_pi)
    }

    /// The temperature takes a step, on this `log_pi: [B, 1]`.
    ///
    /// # Errors
    /// If there are no numbers in it.
    pub fn step_temperature(&mut self, log_pi: &Array2<f64>) -> Result<(), TapeError> {
        self.taken.push("temperature");
        let gradient = {
            let tape = Tape::new();
            let log_alpha = tape.params(&self.log_alpha.parameters);
            let loss = temperature_loss(log_alpha, tape.constant(log_pi), self.target_entropy);
            loss.backward()?.leaf(log_alpha).to_vec()
        };
        self.log_alpha.step(&gradient);
        Ok(())
    }

    /// The target critics move a step of τ towards the critics as they are now.
    pub fn move_targets(&mut self) {
        self.taken.push("target critics");
        for (target, online) in self.theta_bars.iter_mut().zip(&self.thetas) {
            polyak(target, &online.parameters, self.tau);
        }
    }

    /// The parameters φ of the policy.
    #[must_use]
    pub fn phi(&self) -> &[f64] {
        &self.phi.parameters
    }

    /// The parameters θᵢ of a critic.
    #[must_use]
    pub fn theta(&self, i: usize) -> &[f64] {
        &self.thetas[i].parameters
    }

    /// The parameters θ̄ᵢ of a target critic.
    #[must_use]
    pub fn theta_bar(&self, i: usize) -> &[f64] {
        &self.theta_bars[i]
    }

    /// log α.
    #[must_use]
    pub fn log_alpha(&self) -> f64 {
        self.log_alpha.parameters[0]
    }

    /// The policy's network.
    #[must_use]
    pub fn policy(&self) -> &SquashedGaussian {
        &self.policy
    }

    /// The steps that were taken since this was last asked, in their order.
    pub fn taken(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.taken)
    }
}
