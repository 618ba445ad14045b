//! The update written out with the public equations, every step on a tape of its own; and wrong on request.

use ndarray::Array2;
use softac::agent::Algorithm;
use softac::algorithms::td3::{
    Noise, Td3, Td3Config, UpdateMetrics, actor_loss, critic_loss, smoothed_action, target,
};
use softac::nn::{Adam, AdamConfig, Mlp, polyak};
use softac::policy::Deterministic;
use softac::replay::Batch;
use softac::sac::q_min;
use softac::tape::Tape;

use crate::implementation::{Learned, Updater};

/// What can be wrong with an update made of right equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// a′ comes from the online policy.
    TargetPolicyForgotten,
    /// The target policy stays as it was in the beginning.
    TargetPolicyNeverMoves,
    /// The target policy moves in every update.
    TargetPolicyEveryUpdate,
    /// The target critics move in every update.
    TargetCriticsEveryUpdate,
    /// The targets move before the policy's step.
    TargetsBeforePolicy,
    /// No delay.
    PolicyEveryUpdate,
    /// The policy climbs the minimum over the critics.
    PolicyOnMinimum,
    /// The policy's step is taken before those of the critics.
    PolicyBeforeCritics,
    /// The policy's loss steps the first critic too.
    CriticStepped,
    /// The target is the first target critic's alone.
    NoMinimum,
    /// a′ has no noise.
    NoSmoothing,
    /// All transitions have the noise of the first.
    NoiseOfTheFirst,
}

/// Networks that learn step by step.
pub struct ByHand {
    config: Td3Config,
    policy: Deterministic,
    critic: Mlp,
    now: Learned,
    adam_phi: Adam<f64>,
    adam_thetas: Vec<Adam<f64>>,
    updates: u64,
    wrong: Wrong,
}

impl ByHand {
    /// From where the crate's learner is, before its first update.
    pub fn new(td3: Td3<f64>, wrong: Wrong) -> Self {
        let config = td3.settings().clone();
        let now = td3.learned();
        let adam = |len| Adam::new(len, AdamConfig::with_learning_rate(config.learning_rate));
        Self {
            policy: td3.policy().0.clone(),
            critic: td3.critic().clone(),
            adam_phi: adam(now.phi.len()),
            adam_thetas: now.thetas.iter().map(|theta| adam(theta.len())).collect(),
            now,
            updates: 0,
            wrong,
            config,
        }
    }

    /// Step 1.
    fn targets(&self, batch: &Batch<f64>, xi: &Array2<f64>) -> Array2<f64> {
        let mut xi = xi.clone();
        if self.wrong == Wrong::NoiseOfTheFirst {
            let first = xi.row(0).to_owned();
            xi.rows_mut().into_iter().for_each(|mut row| row.assign(&first));
        }
        let tape = Tape::new();
        let s = tape.constant(&batch.next_observations);
        let phi = match self.wrong {
            Wrong::TargetPolicyForgotten => &self.now.phi,
            _ => &self.now.phi_target,
        };
        let sigma = match self.wrong {
            Wrong::NoSmoothing => 0.0,
            _ => self.config.target_policy_noise,
        };
        let action = self.policy.action(tape.frozen(phi), s);
        let clip = self.config.target_noise_clip;
        let action = smoothed_action(action, tape.constant(&xi), sigma, clip);
        let count = if self.wrong == Wrong::NoMinimum { 1 } else { self.now.targets.len() };
        let q = q_min(self.now.targets.iter().take(count).map(|theta| {
            self.critic.forward(tape.frozen(theta), s.concat(action)) // [B, 1]
        }));
        let (r, d) = (tape.constant(&batch.rewards), tape.constant(&batch.terminated));
        target(r, d, q, self.config.gamma).value().unwrap()
    }

    /// Step 2: the sum of the losses and the mean of the first critic's values.
    fn critics(&mut self, batch: &Batch<f64>, y: &Array2<f64>) -> (f64, f64) {
        let (mut losses, mut q_means) = (Vec::new(), Vec::new());
        for (theta, adam) in self.now.thetas.iter_mut().zip(&mut self.adam_thetas) {
            let tape = Tape::new();
            let leaf = tape.params(theta);
            let s_a = tape.constant(&batch.observations).concat(tape.constant(&batch.actions));
            let q = self.critic.forward(leaf, s_a);
            let loss = critic_loss(q, tape.constant(y));
            losses.push(loss.item().unwrap());
            q_means.push(q.mean().item().unwrap());
            let gradient = loss.backward().unwrap().leaf(leaf).to_vec();
            adam.step(theta, &gradient);
        }
        (losses.iter().sum(), q_means[0])
    }

    /// Step 3, judged by the first critic as it is.
    fn actor(&mut self, batch: &Batch<f64>) -> f64 {
        let tape = Tape::new();
        let (s, phi) = (tape.constant(&batch.observations), tape.params(&self.now.phi));
        let action = self.policy.action(phi, s);
        let stepped = self.wrong == Wrong::CriticStepped;
        let weights = |theta| if stepped { tape.params(theta) } else { tape.frozen(theta) };
        let leaves: Vec<_> = self.now.thetas.iter().map(|theta| weights(theta)).collect();
        let count = if self.wrong == Wrong::PolicyOnMinimum { leaves.len() } else { 1 };
        let judges = leaves.iter().take(count);
        let q = q_min(judges.map(|&theta| self.critic.forward(theta, s.concat(action))));
        let loss = actor_loss(q);
        let gradients = loss.backward().unwrap();
        let value = loss.item().unwrap();
        let of_policy = gradients.leaf(phi).to_vec();
        let of_critic = stepped.then(|| gradients.leaf(leaves[0]).to_vec());
        self.adam_phi.step(&mut self.now.phi, &of_policy);
        if let Some(gradient) = of_critic {
            self.adam_thetas[0].step(&mut self.now.thetas[0], &gradient);
        }
        value
    }

    fn move_target_policy(&mut self) {
        if self.wrong != Wrong::TargetPolicyNeverMoves {
            polyak(&mut self.now.phi_target, &self.now.phi, self.config.tau);
        }
    }

    fn move_target_critics(&mut self) {
        for (target, theta) in self.now.targets.iter_mut().zip(&self.now.thetas) {
            polyak(target, theta, self.config.tau);
        }
    }
}

impl Updater for ByHand {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics {
        self.updates += 1;
        let due = self.updates.is_multiple_of(self.config.policy_delay);
        let updates_policy = due || self.wrong == Wrong::PolicyEveryUpdate;
        let y = self.targets(batch, &noise.next);
        let policy_first = self.wrong == Wrong::PolicyBeforeCritics;
        let before = (policy_first && updates_policy).then(|| self.actor(batch));
        let (critic_loss, q_mean) = self.critics(batch, &y);
        if due && self.wrong == Wrong::TargetsBeforePolicy {
            self.move_target_policy();
        }
        let actor_loss = before.or_else(|| updates_policy.then(|| self.actor(batch)));
        if self.wrong == Wrong::TargetPolicyEveryUpdate
            || (due && self.wrong != Wrong::TargetsBeforePolicy)
        {
            self.move_target_policy();
        }
        if due || self.wrong == Wrong::TargetCriticsEveryUpdate {
            self.move_target_critics();
        }
        UpdateMetrics { critic_loss, q_mean, actor_loss }
    }

    fn learned(&self) -> Learned {
        self.now.clone()
    }
}
