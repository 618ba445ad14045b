//! The updates of TD3 and DDPG against PyTorch: targets, losses, gradients, parameters and moments, number by number.
//!
//! The fixtures are written by `scripts/make_td3_fixtures.py`, whose header documents them. Set the environment
//! variables `SOFTAC_TD3_FIXTURES` and `SOFTAC_DDPG_FIXTURES` to compare with folders of your own.
//!
//! Two tensors agree if `max |ours − PyTorch's| ≤ 1e-10 · max |PyTorch's|`. A tensor of zeros has to be met exactly.

use ndarray::Array2;
use serde::de::DeserializeOwned;
use softac::agent::Settings;
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::{
    Td3, Td3Config, UpdateMetrics, actor_loss, critic_loss, smoothed_action, target,
};
use softac::nn::{Mlp, Params};
use softac::policy::Deterministic;
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::q_min;
use softac::tape::Tape;

use crate::agents::{Agent, shown, trained_names};
use crate::fixture::{Fixture, fixtures};

const TOLERANCE: f64 = 1e-10;

#[test]
fn targets_losses_and_gradients_are_those_of_pytorch() {
    for fixture in td3_fixtures().into_iter().chain(ddpg_fixtures().into_iter().map(as_td3)) {
        let (policy, critic) = networks(&fixture);
        for k in 0..fixture.updates {
            compare_target(&fixture, k, &policy, &critic);
            compare_critics(&fixture, k, &critic);
            if (k as u64 + 1).is_multiple_of(fixture.config.policy_delay) {
                compare_actor(&fixture, k, &policy, &critic);
            }
        }
    }
}

#[test]
fn consecutive_updates_of_td3_end_at_the_parameters_of_pytorch() {
    for fixture in td3_fixtures() {
        let delay = fixture.config.policy_delay;
        compare_updates::<Td3<f64>>(&fixture, delay);
    }
}

#[test]
fn consecutive_updates_of_ddpg_end_at_the_parameters_of_pytorch() {
    for fixture in ddpg_fixtures() {
        compare_updates::<Ddpg<f64>>(&fixture, 1);
    }
}

fn td3_fixtures() -> Vec<Fixture<Td3Config>> {
    fixtures("td3", "SOFTAC_TD3_FIXTURES", "softac-td3-1")
}

fn ddpg_fixtures() -> Vec<Fixture<DdpgConfig>> {
    fixtures("ddpg", "SOFTAC_DDPG_FIXTURES", "softac-ddpg-1")
}

/// DDPG's equations are TD3's, without its three parts.
fn as_td3(fixture: Fixture<DdpgConfig>) -> Fixture<Td3Config> {
    let Fixture { name, metadata, config, observation_dim, action_dim, updates, tensors } = fixture;
    let config = Td3Config {
        n_critics: 1,
        policy_delay: 1,
        target_policy_noise: 0.0,
        gamma: config.gamma,
        net_arch: config.net_arch,
        activation: config.activation,
        batch_size: config.batch_size,
        ..Td3Config::default()
    };
    Fixture { name, metadata, config, observation_dim, action_dim, updates, tensors }
}

// ── Stage by stage ─────────────────────────────────────────────────────────────────────────────

fn networks(fixture: &Fixture<Td3Config>) -> (Deterministic, Mlp) {
    let td3: Td3<f64> = fresh(fixture);
    let policy = softac::agent::Algorithm::policy(&td3).0.clone();
    (policy, td3.critic().clone())
}

/// ã and y, from the targets as they were before update k.
fn compare_target(fixture: &Fixture<Td3Config>, k: usize, policy: &Deterministic, critic: &Mlp) {
    let (batch, before) = (batch(fixture, k), before(k));
    let config = &fixture.config;
    let phi = params(fixture, policy.mlp(), &format!("{before}/policy_target"));
    let thetas = critics(fixture, critic, &format!("{before}/targets"));
    // DDPG has none.
    let none = || Array2::zeros(batch.actions.dim());
    let xi = fixture.tensors.get(&format!("{k}/noise/next")).cloned().unwrap_or_else(none);

    let tape = Tape::new();
    let s = tape.constant(&batch.next_observations);
    let action = policy.action(tape.params(phi.as_slice()), s);
    let (sigma, clip) = (config.target_policy_noise, config.target_noise_clip);
    let action = smoothed_action(action, tape.constant(&xi), sigma, clip);
    let critic = |theta| critic.forward(tape.params(Params::as_slice(theta)), s.concat(action));
    let q = q_min(thetas.iter().map(critic));
    let (r, d) = (tape.constant(&batch.rewards), tape.constant(&batch.terminated));
    let y = target(r, d, q, config.gamma);
    compare(fixture, &format!("{k}/result/next_action"), action.value().unwrap());
    compare(fixture, &format!("{k}/result/target"), y.value().unwrap());
}

/// The critics' losses and gradients against PyTorch's y.
fn compare_critics(fixture: &Fixture<Td3Config>, k: usize, critic: &Mlp) {
    let (batch, before) = (batch(fixture, k), before(k));
    let y = fixture.matrix(&format!("{k}/result/target"));
    let mut losses = Vec::new();
    for (i, theta) in critics(fixture, critic, &format!("{before}/critics")).iter().enumerate() {
        let tape = Tape::new();
        let leaf = tape.params(theta.as_slice());
        let s_a = tape.constant(&batch.observations).concat(tape.constant(&batch.actions));
        let loss = critic_loss(critic.forward(leaf, s_a), tape.constant(&y));
        losses.push(loss.item().unwrap());
        let gradients = loss.backward().unwrap();
        compare_blocks(fixture, &format!("{k}/grad/critics/{i}"), theta, gradients.leaf(leaf));
    }
    compare(fixture, &format!("{k}/result/critic_losses"), losses);
}

/// The policy's loss and gradient, from the policy before the update and the first critic after its own.
fn compare_actor(fixture: &Fixture<Td3Config>, k: usize, policy: &Deterministic, critic: &Mlp) {
    let phi = params(fixture, policy.mlp(), &format!("{}/policy", before(k)));
    let theta = params(fixture, critic, &format!("{k}/after/critics/0"));
    let observations = batch(fixture, k).observations;

    let tape = Tape::new();
    let (leaf, s) = (tape.params(phi.as_slice()), tape.constant(&observations));
    let q = critic.forward(tape.frozen(theta.as_slice()), s.concat(policy.action(leaf, s)));
    let loss = actor_loss(q);
    let gradients = loss.backward().unwrap();
    compare(fixture, &format!("{k}/result/actor_loss"), [loss.item().unwrap()]);
    compare_blocks(fixture, &format!("{k}/grad/policy"), &phi, gradients.leaf(leaf));
}

// ── Update by update ───────────────────────────────────────────────────────────────────────────

fn compare_updates<A>(fixture: &Fixture<A::Settings>, policy_delay: u64)
where
    A: Agent<f64>,
    A::Settings: Settings<Algorithm<f64> = A> + DeserializeOwned,
{
    let mut agent: A = fresh(fixture);
    load(fixture, agent.actor_mut().params_mut(), "before/policy");
    load(fixture, agent.actor_target_mut(), "before/policy_target");
    for (i, critic) in agent.critics_mut().iter_mut().enumerate() {
        load(fixture, critic.params_mut(), &format!("before/critics/{i}"));
    }
    for (i, target) in agent.targets_mut().iter_mut().enumerate() {
        load(fixture, target, &format!("before/targets/{i}"));
    }
    for k in 0..fixture.updates {
        let noise = A::noise(fixture.tensors.get(&format!("{k}/noise/next")).cloned());
        let metrics = agent.update(&batch(fixture, k), &noise).unwrap();
        let due = (k as u64 + 1).is_multiple_of(policy_delay);
        compare_metrics(fixture, k, &metrics, due);
        compare_parameters(fixture, k, &agent);
    }
    compare_moments(fixture, &mut agent);
}

/// What update k reported.
fn compare_metrics<C: DeserializeOwned>(
    fixture: &Fixture<C>,
    k: usize,
    metrics: &UpdateMetrics,
    due: bool,
) {
    compare(fixture, &format!("{k}/result/critic_loss"), [metrics.critic_loss]);
    compare(fixture, &format!("{k}/result/q_mean"), [metrics.q_mean]);
    assert_eq!(metrics.actor_loss.is_some(), due, "{}, {k}", fixture.name);
    if let Some(loss) = metrics.actor_loss {
        compare(fixture, &format!("{k}/result/actor_loss"), [loss]);
    }
}

/// Everything learned, after update k.
fn compare_parameters<A: Agent<f64>>(fixture: &Fixture<A::Settings>, k: usize, agent: &A)
where
    A::Settings: DeserializeOwned,
{
    let compare = |name: &str, ours: &Params<f64>| {
        compare_blocks(fixture, &format!("{k}/after/{name}"), ours, ours.as_slice());
    };
    compare("policy", agent.actor().params());
    compare("policy_target", agent.actor_target());
    for (i, (critic, target)) in agent.critics().iter().zip(agent.targets()).enumerate() {
        compare(&format!("critics/{i}"), critic.params());
        compare(&format!("targets/{i}"), target);
    }
}

/// Adam's moments, after the last update.
fn compare_moments<A: Agent<f64>>(fixture: &Fixture<A::Settings>, agent: &mut A)
where
    A::Settings: DeserializeOwned,
{
    let critics = agent.critics().len();
    let shown = shown(agent);
    for (ours, theirs) in trained_names(critics) {
        for moment in ["m", "v"] {
            let numbers = shown[&format!("{ours}.adam.{moment}")].clone();
            compare(fixture, &format!("adam/{theirs}/{moment}"), numbers);
        }
    }
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────

fn fresh<A>(fixture: &Fixture<A::Settings>) -> A
where
    A: Agent<f64>,
    A::Settings: Clone,
{
    let init = &mut stream(0, Purpose::Init);
    A::new(fixture.config.clone(), fixture.observation_dim, fixture.action_dim, init).unwrap()
}

fn batch<C: DeserializeOwned>(fixture: &Fixture<C>, k: usize) -> Batch<f64> {
    let part = |name: &str| fixture.matrix(&format!("{k}/batch/{name}"));
    Batch {
        observations: part("observations"),
        actions: part("actions"),
        rewards: part("rewards"),
        next_observations: part("next_observations"),
        terminated: part("terminated"),
    }
}

/// Where the parameters before update k stand.
fn before(k: usize) -> String {
    k.checked_sub(1).map_or("before".into(), |last| format!("{last}/after"))
}

fn params(fixture: &Fixture<Td3Config>, network: &Mlp, prefix: &str) -> Params<f64> {
    let mut params = network.zeros();
    load(fixture, &mut params, prefix);
    params
}

fn critics(fixture: &Fixture<Td3Config>, network: &Mlp, prefix: &str) -> Vec<Params<f64>> {
    let critic = |i| params(fixture, network, &format!("{prefix}/{i}"));
    (0..fixture.config.n_critics).map(critic).collect()
}

fn load<C: DeserializeOwned>(fixture: &Fixture<C>, params: &mut Params<f64>, prefix: &str) {
    for name in params.blocks().iter().map(|block| block.name.clone()).collect::<Vec<_>>() {
        let tensor: Array2<f64> = fixture.matrix(&format!("{prefix}/{name}"));
        assert_eq!(params.view(&name).unwrap().dim(), tensor.dim(), "{prefix}/{name}");
        params.set(&name, tensor.as_slice().unwrap()).unwrap();
    }
}

// ── Comparing ──────────────────────────────────────────────────────────────────────────────────

/// The error relative to the largest entry of PyTorch's tensor must be within tolerance.
fn compare<C: DeserializeOwned>(
    fixture: &Fixture<C>,
    name: &str,
    ours: impl IntoIterator<Item = f64>,
) {
    let theirs = fixture.matrix(name);
    let ours: Vec<f64> = ours.into_iter().collect();
    assert_eq!(ours.len(), theirs.len(), "{}: {name}", fixture.name);
    let scale = theirs.iter().fold(0.0, |scale: f64, y| scale.max(y.abs()));
    for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert!(
            (ours - theirs).abs() <= TOLERANCE * scale,
            "fixture {}, {}, tensor {name}, number {index}: {ours:e} where PyTorch has {theirs:e}; \
             the largest entry is {scale:e}",
            fixture.name,
            fixture.versions(),
        );
    }
}

/// As [`compare`], part by part of a buffer in the layout of `params`.
fn compare_blocks<C: DeserializeOwned>(
    fixture: &Fixture<C>,
    prefix: &str,
    params: &Params<f64>,
    ours: &[f64],
) {
    for block in params.blocks() {
        let numbers = ours[block.range()].iter().copied();
        compare(fixture, &format!("{prefix}/{}", block.name), numbers);
    }
}
