//! One update, put together from the parts of an [`Implementation`], of which some may be wrong.

use ndarray::Array2;
use softac::agent::Algorithm;
use softac::nn::AdamConfig;
use softac::replay::Batch;
use softac::sac::{ActorMetrics, Noise, Sac, UpdateMetrics};
use softac::tape::Tape;
use softac_figures_zoo::Implementation;
use softac_figures_zoo::implementation::{Learned, Optimiser, Updater};

/// What learns by the parts it is given: [`Sac::update`] where all of them are right.
pub struct Assembled {
    parts: Implementation,
    /// Architecture and settings; its numbers are those of the beginning.
    sac: Sac<f64>,
    now: Learned,
    log_alpha: Option<f64>,
    adam_phi: Box<dyn Optimiser>,
    adam_thetas: Vec<Box<dyn Optimiser>>,
    adam_alpha: Box<dyn Optimiser>,
}

impl Assembled {
    /// From where `sac` is.
    pub fn new(parts: Implementation, sac: Sac<f64>) -> Self {
        let now = sac.learned();
        let config = AdamConfig::with_learning_rate(sac.settings().learning_rate);
        let adam = |len| (parts.adam)(len, config);
        Self {
            adam_phi: adam(now.phi.len()),
            adam_thetas: now.thetas.iter().map(|theta| adam(theta.len())).collect(),
            adam_alpha: adam(1),
            log_alpha: sac.log_alpha().map(|log_alpha| log_alpha.params().as_slice()[0]),
            parts,
            sac,
            now,
        }
    }

    fn tape<'p>(&self) -> Tape<'p, f64> {
        Tape::with_numerics(self.sac.settings().numerics)
    }

    /// Step 1.
    fn targets(&self, batch: &Batch<f64>, xi: &Array2<f64>) -> Array2<f64> {
        let (parts, critic, tape) = (&self.parts, self.sac.critic(), self.tape());
        let s = tape.constant(&batch.next_observations);
        let gaussian = (parts.gaussian)(self.sac.policy(), tape.frozen(&self.now.phi), s);
        let next = (parts.sample)(gaussian, tape.constant(xi));
        let s_a = s.concat(next.action);
        let qs = self.now.targets.iter().map(|theta| critic.forward(tape.frozen(theta), s_a));
        let q = (parts.q_min)(&qs.collect::<Vec<_>>()); // [B, 1]
        let (r, d) = (tape.constant(&batch.rewards), tape.constant(&batch.terminated));
        let inputs = [r, d, q, tape.scalar(self.now.alpha), next.log_pi];
        (parts.soft_target)(inputs, self.sac.settings().gamma).value().expect("the shapes fit")
    }

    /// Step 2: the sum of the losses and the mean of the first critic's values.
    fn critics(&mut self, batch: &Batch<f64>, y: &Array2<f64>) -> (f64, f64) {
        let (mut losses, mut q_means) = (0.0, vec![]);
        for i in 0..self.now.thetas.len() {
            let (theta, tape) = (self.now.thetas[i].clone(), self.tape());
            let leaf = tape.params(&theta);
            let s_a = tape.constant(&batch.observations).concat(tape.constant(&batch.actions));
            let q = self.sac.critic().forward(leaf, s_a);
            let loss = (self.parts.critic_loss)(q, tape.constant(y));
            losses += loss.item().expect("the shapes fit");
            q_means.push(q.mean().item().expect("the shapes fit"));
            let gradients = loss.backward().expect("the loss is a scalar");
            self.adam_thetas[i].step(&mut self.now.thetas[i], gradients.leaf(leaf));
        }
        (losses, q_means[0])
    }

    /// Step 3: loss, entropy and log π.
    fn actor(&mut self, batch: &Batch<f64>, xi: &Array2<f64>) -> (f64, f64, Array2<f64>) {
        let (parts, critic) = (&self.parts, self.sac.critic());
        let (phi, tape) = (self.now.phi.clone(), self.tape());
        let (s, leaf) = (tape.constant(&batch.observations), tape.params(&phi));
        let sample =
            (parts.sample)((parts.gaussian)(self.sac.policy(), leaf, s), tape.constant(xi));
        let s_a = s.concat(sample.action);
        let qs = self.now.thetas.iter().map(|theta| critic.forward(tape.frozen(theta), s_a));
        let q = (parts.q_min)(&qs.collect::<Vec<_>>());
        let loss = (parts.actor_loss)(tape.scalar(self.now.alpha), sample.log_pi, q);
        let entropy = (parts.entropy)(sample.log_pi).item().expect("the shapes fit");
        let log_pi = sample.log_pi.value().expect("the shapes fit");
        let gradients = loss.backward().expect("the loss is a scalar");
        self.adam_phi.step(&mut self.now.phi, gradients.leaf(leaf));
        (loss.item().expect("the shapes fit"), entropy, log_pi)
    }

    /// Step 4, from the log π of step 3, where the temperature is learned.
    fn temperature(&mut self, log_pi: &Array2<f64>) -> Option<f64> {
        let mut log_alpha = [self.log_alpha?];
        let (before, tape) = (log_alpha, self.tape());
        let (leaf, log_pi) = (tape.params(&before), tape.constant(log_pi));
        let loss = (self.parts.temperature_loss)(leaf, log_pi, self.sac.target_entropy());
        let gradients = loss.backward().expect("the loss is a scalar");
        self.adam_alpha.step(&mut log_alpha, gradients.leaf(leaf));
        self.log_alpha = Some(log_alpha[0]);
        self.now.alpha = softac::elementary::exp(log_alpha[0]);
        Some(loss.item().expect("it is a scalar"))
    }
}

impl Updater for Assembled {
    fn learn(&mut self, batch: &Batch<f64>, noise: &Noise<f64>) -> UpdateMetrics {
        let (alpha, tau) = (self.now.alpha, self.sac.settings().tau);
        let y = self.targets(batch, &noise.next);
        let (critic_loss, q_mean) = self.critics(batch, &y);
        let (actor_loss, entropy, log_pi) = self.actor(batch, &noise.current);
        let ent_coef_loss = self.temperature(&log_pi);
        for (target, theta) in self.now.targets.iter_mut().zip(&self.now.thetas) {
            (self.parts.polyak)(target, theta, tau);
        }
        let actor = Some(ActorMetrics { actor_loss, entropy, ent_coef_loss });
        UpdateMetrics { critic_loss, q_mean, ent_coef: alpha, actor }
    }

    fn learned(&self) -> Learned {
        self.now.clone()
    }
}
