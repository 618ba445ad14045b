//! The update written out with the public equations, every step on a tape of its own; and wrong on request.

use ndarray::Array2;
use softac::agent::Algorithm;
use softac::nn::{Adam, AdamConfig, Mlp, polyak};
use softac::policy::{SquashedGaussian, entropy};
use softac::replay::Batch;
use softac::sac::{
    ActorMetrics, Noise, Sac, SacConfig, UpdateMetrics, actor_loss, critic_loss, q_min,
    soft_target, temperature_loss,
};
use softac::tape::Tape;

use crate::implementation::{Learned, Updater};

/// What can be wrong with an update made of right equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    /// a′ is the action in the buffer.
    BufferActionAsNextAction,
    /// ξ is ξ′: the sample of the targets serves the policy too.
    StaleNoise,
    /// Step 3 before step 2.
    PolicyBeforeCritics,
    /// Step 5 before step 2.
    TargetsBeforeCritics,
    /// The policy's loss steps the critics too.
    CriticsStepped,
    /// No gradient through the action.
    FrozenAction,
    /// α is learned as it is, not through its logarithm.
    AlphaItself,
    /// The temperature reported is that after the update.
    AlphaReportedAfter,
    /// The critics' loss is reported per critic.
    CriticLossReportedAsMean,
    /// The intervals are counted within one call.
    LocalCounters,
    /// The targets begin as copies of the first critic.
    OneTargetForAll,
    /// The targets of the first two critics move, and no other.
    LaterTargetsStay,
    /// The policy is judged by the first two critics.
    TwoJudges,
    /// log α shares its optimiser's state with nothing, but forgets it.
    ForgottenMoments,
}

/// Networks with a learned temperature, learning step by step.
pub struct ByHand {
    config: SacConfig,
    policy: SquashedGaussian,
    critic: Mlp,
    now: Learned,
    log_alpha: f64,
    adam_phi: Adam<f64>,
    adam_thetas: Vec<Adam<f64>>,
    adam_alpha: Adam<f64>,
    updates: u64,
    wrong: Wrong,
}

impl ByHand {
    /// From where the crate's learner is, before its first update.
    pub fn new(sac: Sac<f64>, wrong: Wrong) -> Self {
        let config = sac.settings().clone();
        let mut now = sac.learned();
        if wrong == Wrong::OneTargetForAll {
            now.targets.fill(now.thetas[0].clone());
        }
        let adam = |len| Adam::new(len, AdamConfig::with_learning_rate(config.learning_rate));
        Self {
            policy: sac.policy().clone(),
            critic: sac.critic().clone(),
            log_alpha: sac
                .log_alpha()
                .map_or(f64::NAN, |log_alpha| log_alpha.params().as_slice()[0]),
            adam_phi: adam(now.phi.len()),
            adam_thetas: now.thetas.iter().map(|theta| adam(theta.len())).collect(),
            adam_alpha: adam(1),
            now,
            updates: 0,
            wrong,
            config,
        }
    }

    /// Step 1.
    fn targets(&self, batch: &Batch<f64>, xi: &Array2<f64>) -> Array2<f64> {
        let tape = Tape::new();
        let s = tape.constant(&batch.next_observations);
        let next = self.policy.sample(tape.frozen(&self.now.phi), s, tape.constant(xi));
        let action = match self.wrong {
            Wrong::BufferActionAsNextAction => tape.constant(&batch.actions),
            _ => next.action,
        };
        let q = q_min(self.now.targets.iter().map(|theta| {
            self.critic.forward(tape.frozen(theta), s.concat(action)) // [B, 1]
        }));
        let (r, d) = (tape.constant(&batch.rewards), tape.constant(&batch.terminated));
        let alpha = tape.scalar(self.now.alpha);
        soft_target(r, d, q, alpha, next.log_pi, self.config.gamma).value().unwrap()
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
        let sum: f64 = losses.iter().sum();
        let reported = match self.wrong {
            Wrong::CriticLossReportedAsMean => sum / losses.len() as f64,
            _ => sum,
        };
        (reported, q_means[0])
    }

    /// Step 3, judged by the critics as they are: loss, entropy and log π.
    fn actor(&mut self, batch: &Batch<f64>, xi: &Array2<f64>) -> (f64, f64, Array2<f64>) {
        let tape = Tape::new();
        let (s, phi) = (tape.constant(&batch.observations), tape.params(&self.now.phi));
        let sample = self.policy.sample(phi, s, tape.constant(xi));
        let action = match self.wrong {
            Wrong::FrozenAction => sample.action.detach(),
            _ => sample.action,
        };
        let stepped = self.wrong == Wrong::CriticsStepped;
        let weights = |theta| if stepped { tape.params(theta) } else { tape.frozen(theta) };
        let leaves: Vec<_> = self.now.thetas.iter().map(|theta| weights(theta)).collect();
        let count = if self.wrong == Wrong::TwoJudges { 2 } else { leaves.len() };
        let judges = leaves.iter().take(count);
        let q = q_min(judges.map(|&theta| self.critic.forward(theta, s.concat(action))));
        let loss = actor_loss(tape.scalar(self.now.alpha), sample.log_pi, q);
        let gradients = loss.backward().unwrap();
        let metrics = (
            loss.item().unwrap(),
            entropy(sample.log_pi).item().unwrap(),
            sample.log_pi.value().unwrap(),
        );
        let of_policy = gradients.leaf(phi).to_vec();
        let of_critics: Vec<_> =
            leaves.iter().map(|&theta| gradients.wrt(theta).to_owned()).collect();
        self.adam_phi.step(&mut self.now.phi, &of_policy);
        if stepped {
            let critics = self.now.thetas.iter_mut().zip(&mut self.adam_thetas);
            for ((theta, adam), gradient) in critics.zip(&of_critics) {
                adam.step(theta, gradient.as_slice().unwrap());
            }
        }
        metrics
    }

    /// Step 4, from the log π of step 3.
    fn temperature(&mut self, log_pi: &Array2<f64>) -> f64 {
        let itself = self.wrong == Wrong::AlphaItself;
        if self.wrong == Wrong::ForgottenMoments {
            let rate = AdamConfig::with_learning_rate(self.config.learning_rate);
            self.adam_alpha = Adam::new(1, rate);
        }
        let target_entropy = self.config.target_entropy.resolve(self.policy.action_dim());
        let mut parameter = [if itself { self.now.alpha } else { self.log_alpha }];
        let tape = Tape::new();
        let (leaf, log_pi) = (tape.params(&parameter), tape.constant(log_pi));
        let loss = match itself {
            true => -(leaf * (log_pi + target_entropy).mean()),
            false => temperature_loss(leaf, log_pi, target_entropy),
        };
        let gradient = loss.backward().unwrap().leaf(leaf).to_vec();
        let value = loss.item().unwrap();
        self.adam_alpha.step(&mut parameter, &gradient);
        let [parameter] = parameter;
        (self.log_alpha, self.now.alpha) =
            if itself { (f64::NAN, parameter) } else { (parameter, parameter.exp()) };
        value
    }

    /// Step 5.
    fn move_targets(&mut self) {
        let count = if self.wrong == Wrong::LaterTargetsStay { 2 } else { self.now.targets.len() };
        for (target, theta) in self.now.targets.iter_mut().zip(&self.now.thetas).take(count) {
            polyak(target, theta, self.config.tau);
        }
    }

    fn is_due(&self, interval: u64) -> bool {
        let counted = if self.wrong == Wrong::LocalCounters { 1 } else { self.updates };
        counted % interval == 0
    }
}

impl Updater for ByHand {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics {
        self.updates += 1;
        // 0. α
        let alpha = self.now.alpha;
        let xi = if self.wrong == Wrong::StaleNoise { &noise.next } else { &noise.current };
        let y = self.targets(batch, &noise.next);
        let is_due = self.is_due(self.config.policy_delay);
        let early = |wrong| self.wrong == wrong;
        let (policy_first, targets_first) =
            (early(Wrong::PolicyBeforeCritics), early(Wrong::TargetsBeforeCritics));
        if targets_first {
            self.move_targets();
        }
        let before = (policy_first && is_due).then(|| self.actor(batch, xi));
        let (critic_loss, q_mean) = self.critics(batch, &y);
        let actor = is_due.then(|| {
            let (actor_loss, entropy, log_pi) = before.unwrap_or_else(|| self.actor(batch, xi));
            let ent_coef_loss = Some(self.temperature(&log_pi));
            ActorMetrics { actor_loss, entropy, ent_coef_loss }
        });
        if !targets_first && self.is_due(self.config.target_update_interval) {
            self.move_targets();
        }
        let ent_coef = if self.wrong == Wrong::AlphaReportedAfter { self.now.alpha } else { alpha };
        UpdateMetrics { critic_loss, q_mean, ent_coef, actor }
    }

    fn learned(&self) -> Learned {
        self.now.clone()
    }
}
