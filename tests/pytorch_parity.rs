//! The update step against PyTorch: targets, losses, gradients and parameters, number by number.
//!
//! The fixtures are written by `scripts/make_update_fixtures.py`, whose header documents them. Set the
//! environment variable `SOFTAC_UPDATE_FIXTURES` to compare with a folder of your own.
//!
//! Two tensors agree if `max |ours − PyTorch's| ≤ 1e-10 · max |PyTorch's|`: the error is relative to the
//! tensor's largest entry, because entries near zero are differences of numbers of that size. A tensor
//! of zeros has to be met exactly.
#![cfg(feature = "std")]

mod fixture;

use fixture::Fixture;
use ndarray::Array2;
use softac::agent::Algorithm;
use softac::nn::{Mlp, Params};
use softac::policy::{SquashedGaussian, entropy};
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::{
    EntCoef, Noise, Sac, UpdateMetrics, actor_loss, critic_loss, q_min, soft_target,
    temperature_loss,
};
use softac::tape::Tape;

const TOLERANCE: f64 = 1e-10;

#[test]
fn targets_losses_and_gradients_are_those_of_pytorch() {
    for fixture in fixtures() {
        let errors = (0..fixture.updates).map(|k| {
            let y = fixture.matrix(&format!("{k}/result/target"));
            let critics = compare_critics(&fixture, k, &y);
            let actor = if fixture.updates_actor(k) { compare_actor(&fixture, k) } else { 0.0 };
            compare_target(&fixture, k).max(critics).max(actor)
        });
        let error = errors.fold(0.0, f64::max);
        println!("{}, {}: {error:.1e}", fixture.name, fixture.versions());
    }
}

#[test]
fn consecutive_updates_end_at_the_parameters_of_pytorch() {
    for fixture in fixtures() {
        let mut sac = fixture.learner();
        let errors = (0..fixture.updates).map(|k| {
            let metrics = sac.update(&fixture.batch(k), &fixture.noise(k)).unwrap();
            compare_parameters(&fixture, k, &sac).max(compare_metrics(&fixture, k, &metrics))
        });
        let error = errors.fold(0.0, f64::max);
        println!("{}, {}: {error:.1e}", fixture.name, fixture.versions());
    }
}

/// y, from policy and target critics as they were before update k.
fn compare_target(fixture: &Fixture, k: usize) -> f64 {
    let (policy, critic) = fixture.networks();
    let (batch, noise, before) = (fixture.batch(k), fixture.noise(k), fixture.before(k));
    let phi = fixture.params(policy.mlp(), &format!("{before}/policy"));
    let thetas = fixture.critics(&critic, &format!("{before}/targets"));

    let tape = Tape::new();
    let s = tape.constant(&batch.next_observations);
    let next = policy.sample(tape.params(phi.as_slice()), s, tape.constant(&noise.next));
    let critic =
        |theta| critic.forward(tape.params(Params::as_slice(theta)), s.concat(next.action));
    let y = soft_target(
        tape.constant(&batch.rewards),
        tape.constant(&batch.terminated),
        q_min(thetas.iter().map(critic)),
        tape.scalar(fixture.alpha(k)),
        next.log_pi,
        fixture.config.gamma,
    );
    fixture.compare(&format!("{k}/result/target"), y.value().unwrap())
}

/// The critics' losses and gradients against PyTorch's y.
fn compare_critics(fixture: &Fixture, k: usize, y: &Array2<f64>) -> f64 {
    let (_, critic) = fixture.networks();
    let (batch, before) = (fixture.batch(k), fixture.before(k));
    let (mut losses, mut error) = (Vec::new(), 0.0_f64);
    for (i, theta) in fixture.critics(&critic, &format!("{before}/critics")).iter().enumerate() {
        let tape = Tape::new();
        let leaf = tape.params(theta.as_slice());
        let s_a = tape.constant(&batch.observations).concat(tape.constant(&batch.actions));
        let loss = critic_loss(critic.forward(leaf, s_a), tape.constant(y));
        losses.push(loss.item().unwrap());
        let gradients = loss.backward().unwrap();
        let name = format!("{k}/grad/critics/{i}");
        error = error.max(fixture.compare_blocks(&name, theta, gradients.leaf(leaf)));
    }
    let sum = losses.iter().sum();
    error
        .max(fixture.compare(&format!("{k}/result/critic_losses"), losses))
        .max(fixture.compare(&format!("{k}/result/critic_loss"), [sum]))
}

/// The policy's loss and gradient, from the policy before the update, the critics after theirs, and the
/// temperature of the update's start.
fn compare_actor(fixture: &Fixture, k: usize) -> f64 {
    let (policy, critic) = fixture.networks();
    let (batch, noise, before) = (fixture.batch(k), fixture.noise(k), fixture.before(k));
    let phi = fixture.params(policy.mlp(), &format!("{before}/policy"));
    let thetas = fixture.critics(&critic, &format!("{k}/after/critics"));

    let tape = Tape::new();
    let leaf = tape.params(phi.as_slice());
    let s = tape.constant(&batch.observations);
    let sample = policy.sample(leaf, s, tape.constant(&noise.current));
    let q = q_min(thetas.iter().map(|theta| {
        critic.forward(tape.frozen(theta.as_slice()), s.concat(sample.action)) // [B, 1]
    }));
    let loss = actor_loss(tape.scalar(fixture.alpha(k)), sample.log_pi, q);
    let gradients = loss.backward().unwrap();
    let error = fixture
        .compare(&format!("{k}/result/log_pi"), sample.log_pi.value().unwrap())
        .max(fixture.compare(&format!("{k}/result/q_min"), q.value().unwrap()))
        .max(fixture.compare(&format!("{k}/result/actor_loss"), [loss.item().unwrap()]))
        .max(fixture.compare_blocks(&format!("{k}/grad/policy"), &phi, gradients.leaf(leaf)));
    if fixture.learns_alpha() { error.max(compare_temperature(fixture, k)) } else { error }
}

/// The temperature's loss and slope at PyTorch's log π.
fn compare_temperature(fixture: &Fixture, k: usize) -> f64 {
    let log_alpha = fixture.matrix(&format!("{}/log_alpha", fixture.before(k)));
    let log_pi = fixture.matrix(&format!("{k}/result/log_pi"));
    let target_entropy = fixture.config.target_entropy.resolve(fixture.action_dim);
    let tape = Tape::new();
    let log_alpha = tape.leaf(&log_alpha);
    let loss = temperature_loss(log_alpha, tape.constant(&log_pi), target_entropy);
    let slope = loss.backward().unwrap().wrt(log_alpha)[[0, 0]];
    fixture
        .compare(&format!("{k}/result/ent_coef_loss"), [loss.item().unwrap()])
        .max(fixture.compare(&format!("{k}/grad/log_alpha"), [slope]))
}

/// Everything learned, after update k.
fn compare_parameters(fixture: &Fixture, k: usize, sac: &Sac<f64>) -> f64 {
    let compare = |name: &str, ours: &Params<f64>| {
        fixture.compare_blocks(&format!("{k}/after/{name}"), ours, ours.as_slice())
    };
    let log_alpha =
        sac.log_alpha().map_or(sac.alpha().ln(), |trained| trained.params().as_slice()[0]);
    let mut error = compare("policy", sac.actor().params())
        .max(fixture.compare(&format!("{k}/after/log_alpha"), [log_alpha]));
    for (i, (critic, target)) in sac.critics().iter().zip(sac.targets()).enumerate() {
        error = error.max(compare(&format!("critics/{i}"), critic.params()));
        error = error.max(compare(&format!("targets/{i}"), target));
    }
    error
}

/// What update k reported.
fn compare_metrics(fixture: &Fixture, k: usize, metrics: &UpdateMetrics) -> f64 {
    let compare = |name: &str, ours| fixture.compare(&format!("{k}/result/{name}"), [ours]);
    assert!((metrics.ent_coef - fixture.alpha(k)).abs() <= TOLERANCE * fixture.alpha(k));
    let mut error = compare("critic_loss", metrics.critic_loss);
    assert_eq!(metrics.actor.is_some(), fixture.updates_actor(k), "{}, {k}", fixture.name);
    if let Some(actor) = metrics.actor {
        error = error.max(compare("actor_loss", actor.actor_loss));
        let log_pi = fixture.matrix(&format!("{k}/result/log_pi"));
        let tape = Tape::new();
        let theirs = entropy(tape.constant(&log_pi)).item().unwrap();
        assert!((actor.entropy - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0));
        assert_eq!(actor.ent_coef_loss.is_some(), fixture.learns_alpha());
        if let Some(loss) = actor.ent_coef_loss {
            error = error.max(compare("ent_coef_loss", loss));
        }
    }
    error
}

/// Each a learner, the inputs of consecutive updates, and what PyTorch made of them.
fn fixtures() -> Vec<Fixture> {
    fixture::fixtures("update", "SOFTAC_UPDATE_FIXTURES", "softac-update-1")
}

impl Fixture {
    fn batch(&self, k: usize) -> Batch<f64> {
        let part = |name: &str| self.matrix(&format!("{k}/batch/{name}"));
        Batch {
            observations: part("observations"),
            actions: part("actions"),
            rewards: part("rewards"),
            next_observations: part("next_observations"),
            terminated: part("terminated"),
        }
    }

    fn noise(&self, k: usize) -> Noise<f64> {
        let part = |name: &str| self.matrix(&format!("{k}/noise/{name}"));
        Noise { next: part("next"), current: part("current") }
    }

    /// Where the parameters before update k stand.
    fn before(&self, k: usize) -> String {
        k.checked_sub(1).map_or("before".into(), |last| format!("{last}/after"))
    }

    /// α in all losses of update k.
    fn alpha(&self, k: usize) -> f64 {
        self.matrix(&format!("{}/log_alpha", self.before(k)))[[0, 0]].exp()
    }

    fn learns_alpha(&self) -> bool {
        matches!(self.config.ent_coef, EntCoef::Auto { .. })
    }

    fn updates_actor(&self, k: usize) -> bool {
        (k as u64 + 1).is_multiple_of(self.config.policy_delay)
    }

    fn networks(&self) -> (SquashedGaussian, Mlp) {
        let sac = self.fresh();
        (sac.policy().clone(), sac.critic().clone())
    }

    fn fresh(&self) -> Sac<f64> {
        let init = &mut stream(0, Purpose::Init);
        Sac::new(self.config.clone(), self.observation_dim, self.action_dim, init).unwrap()
    }

    fn params(&self, network: &Mlp, prefix: &str) -> Params<f64> {
        let mut params = network.zeros();
        self.load(&mut params, prefix);
        params
    }

    fn critics(&self, network: &Mlp, prefix: &str) -> Vec<Params<f64>> {
        (0..self.config.n_critics).map(|i| self.params(network, &format!("{prefix}/{i}"))).collect()
    }

    fn load(&self, params: &mut Params<f64>, prefix: &str) {
        for name in params.blocks().iter().map(|block| block.name.clone()).collect::<Vec<_>>() {
            let tensor = self.matrix(&format!("{prefix}/{name}"));
            assert_eq!(params.view(&name).unwrap().dim(), tensor.dim(), "{prefix}/{name}");
            params.set(&name, tensor.as_slice().unwrap()).unwrap();
        }
    }

    /// The learner before its first update.
    fn learner(&self) -> Sac<f64> {
        let mut sac = self.fresh();
        self.load(sac.actor_mut().params_mut(), "before/policy");
        for (i, critic) in sac.critics_mut().iter_mut().enumerate() {
            self.load(critic.params_mut(), &format!("before/critics/{i}"));
        }
        for (i, target) in sac.targets_mut().iter_mut().enumerate() {
            self.load(target, &format!("before/targets/{i}"));
        }
        if let Some(log_alpha) = sac.log_alpha_mut() {
            self.load(log_alpha.params_mut(), "before");
        }
        sac
    }

    /// The error relative to the largest entry of PyTorch's tensor, which must be within tolerance.
    fn compare(&self, name: &str, ours: impl IntoIterator<Item = f64>) -> f64 {
        let theirs = self.matrix(name);
        let ours: Vec<f64> = ours.into_iter().collect();
        assert_eq!(ours.len(), theirs.len(), "{}: {name}", self.name);
        let difference = |(x, y): (&f64, &f64)| (x - y).abs();
        let (index, worst) = ours.iter().zip(&theirs).map(difference).enumerate().fold(
            (0, 0.0),
            // What is not a number is the worst, and stays it.
            |worst, next| if next.1 > worst.1 || next.1.is_nan() { next } else { worst },
        );
        let scale = theirs.iter().fold(0.0, |scale: f64, y| scale.max(y.abs()));
        assert!(
            worst <= TOLERANCE * scale,
            "fixture {}, update {}, tensor {name}, index {:?}: \
             {:e} where PyTorch has {:e}; the largest difference is {worst:e}, the largest entry {scale:e}",
            self.name,
            name.split('/').next().unwrap_or_default(),
            [index / theirs.ncols(), index % theirs.ncols()],
            ours[index],
            theirs.as_slice().unwrap()[index],
        );
        if scale > 0.0 { worst / scale } else { 0.0 }
    }

    /// As [`compare`](Fixture::compare), part by part of a buffer in the layout of `params`.
    fn compare_blocks(&self, prefix: &str, params: &Params<f64>, ours: &[f64]) -> f64 {
        let blocks = params.blocks().iter().map(|block| {
            self.compare(&format!("{prefix}/{}", block.name), ours[block.range()].iter().copied())
        });
        blocks.fold(0.0, f64::max)
    }
}
