//! 1,000 consecutive updates of TD3 and DDPG against PyTorch, and in `f32` against `f64`: same start, same batches,
//! same noise.
//!
//! The fixtures are written by `scripts/make_td3_fixtures.py`. They hold only what PyTorch learned; what goes in is
//! drawn anew here, to the bit. `-- --nocapture` prints the differences: `max |ours − theirs| / max |theirs|` over all
//! parameters of one kind.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use softac::Scalar;
use softac::agent::Settings;
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::{Td3, Td3Config, UpdateMetrics};
use softac::nn::{Mlp, Params};
use softac::policy::Policy;
use softac::random::{Purpose, stream};
use softac::replay::Batch;

use crate::agents::{Agent, shown, trained_names};
use crate::fixture::{Fixture, fixtures};
use crate::split_mix64::{Digest, SplitMix64};

/// In `f64`, of everything, at any time.
const DOUBLE: f64 = 1e-13;

/// In `f32`, of everything but the moments, with smooth networks. Measured: 3.6e-5.
const SINGLE: f64 = 1e-4;

/// In `f32`, of the moments, with smooth networks. Measured: 1.5e-4. They are averages of the latest gradients, which cancel
/// more than what they add up to: in `f64`, too, they are four times as far from PyTorch's as the policy is.
const SINGLE_MOMENTS: f64 = 1e-3;

/// Kind by kind, what has been learned.
const KINDS: [&str; 6] = ["policy", "critics", "policy_target", "targets", "moments", "losses"];

/// The fixtures hold every so manieth number of the moments; and of the networks, before the last update.
const STRIDE: usize = 16;

/// After the updates with these numbers, all numbers of each kind.
type History = BTreeMap<usize, [Vec<f64>; KINDS.len()]>;

type Differences = BTreeMap<usize, [f64; KINDS.len()]>;

/// The settings of an algorithm whose updates are fixed.
trait Lockstep: Settings + DeserializeOwned + Sized {
    const HAS_NOISE: bool;
    fn fixtures() -> Vec<Fixture<Self>>;
    fn batch_size(&self) -> usize;
    fn gamma_mut(&mut self) -> &mut f64;
    fn is_smooth(&self) -> bool;
}

macro_rules! lockstep {
    ($config:ident, $has_noise:literal, $name:literal, $variable:literal) => {
        impl Lockstep for $config {
            const HAS_NOISE: bool = $has_noise;

            fn fixtures() -> Vec<Fixture<Self>> {
                let format = concat!("softac-", $name, "-lockstep-1");
                fixtures(concat!($name, "-lockstep"), $variable, format)
            }

            fn batch_size(&self) -> usize {
                self.batch_size
            }

            fn gamma_mut(&mut self) -> &mut f64 {
                &mut self.gamma
            }

            fn is_smooth(&self) -> bool {
                self.activation == softac::nn::Activation::Tanh
            }
        }
    };
}

lockstep!(Td3Config, true, "td3", "SOFTAC_TD3_LOCKSTEP_FIXTURES");
lockstep!(DdpgConfig, false, "ddpg", "SOFTAC_DDPG_LOCKSTEP_FIXTURES");

fn both_sides_draw_the_same_bits<A: Agent<f64>>()
where
    A::Settings: Lockstep<Algorithm<f64> = A>,
{
    for fixture in A::Settings::fixtures() {
        let mut generator = generator(&fixture);
        let agent: A = start(&fixture, &mut generator);
        let mut digest = Digest(0);
        digest.record(agent.actor().params().as_slice());
        agent.critics().iter().for_each(|critic| digest.record(critic.params().as_slice()));
        for _ in 0..fixture.updates {
            let batch = generator.batch::<f64>(sizes(&fixture));
            let Batch { observations, actions, rewards, next_observations, terminated } = &batch;
            for drawn in [observations, actions, rewards, next_observations, terminated] {
                digest.record(drawn.as_slice().unwrap());
            }
            if A::Settings::HAS_NOISE {
                digest.record(generator.noise(sizes(&fixture)).as_slice().unwrap());
            }
        }
        assert_eq!(format!("{:016x}", digest.0), fixture.metadata["digest"], "{}", fixture.name);
    }
}

fn double_precision_keeps_step_with_pytorch<A: Agent<f64>>()
where
    A::Settings: Lockstep<Algorithm<f64> = A>,
{
    for fixture in A::Settings::fixtures() {
        let title = format!("{}, f64 against PyTorch {}", fixture.name, fixture.versions());
        let differences = compare(&run::<f64, A>(&fixture), &history(&fixture));
        println!("{title}: {:?}", differences.last_key_value());
        for (k, of) in differences {
            assert!(of.iter().all(|&d| d <= DOUBLE), "{title}, update {k}: {of:?}");
        }
    }
}

/// Were the updates to amplify rounding, the bounds would say little about the code.
fn one_unit_in_the_last_place_does_not_grow<A: Agent<f64>>()
where
    A::Settings: Lockstep<Algorithm<f64> = A>,
{
    for fixture in A::Settings::fixtures() {
        let nudged = run_with(&fixture, |agent: &mut A| {
            let phi = agent.actor_mut().params_mut().as_mut_slice();
            phi.iter_mut().for_each(|w| *w = w.next_up());
        });
        let differences = compare(&nudged, &run::<f64, A>(&fixture));
        let title = format!("{}, the policy nudged by one unit", fixture.name);
        println!("{title}: {:?}", differences.last_key_value());
        for (k, of) in differences {
            assert!(of.iter().all(|&d| d <= DOUBLE), "{title}, update {k}: {of:?}");
        }
    }
}

fn a_discount_that_is_off_in_the_tenth_digit_is_seen<A: Agent<f64>>()
where
    A::Settings: Lockstep<Algorithm<f64> = A>,
{
    for mut fixture in A::Settings::fixtures() {
        *fixture.config.gamma_mut() *= 1.0 + 1e-10;
        let differences = compare(&run::<f64, A>(&fixture), &history(&fixture));
        let [policy, critics, ..] = differences[&fixture.updates];
        assert!(policy > DOUBLE && critics > DOUBLE, "{}: {policy:e}, {critics:e}", fixture.name);
    }
}

fn single_precision_keeps_step_with_double_where_networks_are_smooth<S, A>()
where
    S: Agent<f32, Settings = A::Settings>,
    A: Agent<f64>,
    A::Settings: Lockstep<Algorithm<f64> = A> + Settings<Algorithm<f32> = S>,
{
    let smooth = |fixture: &Fixture<A::Settings>| fixture.config.is_smooth();
    for fixture in A::Settings::fixtures().into_iter().filter(smooth) {
        let differences = compare(&run::<f32, S>(&fixture), &run::<f64, A>(&fixture));
        println!("{}, f32 against f64: {:?}", fixture.name, differences.last_key_value());
        for (k, of) in differences {
            let bound = |kind| if kind == "moments" { SINGLE_MOMENTS } else { SINGLE };
            let kept = KINDS.iter().zip(of).all(|(&kind, d)| d <= bound(kind));
            assert!(kept, "{}, update {k}: {of:?}", fixture.name);
        }
    }
}

macro_rules! tests {
    ($module:ident, $agent:ident) => {
        mod $module {
            use super::*;

            #[test]
            fn both_sides_draw_the_same_bits() {
                super::both_sides_draw_the_same_bits::<$agent<f64>>();
            }

            #[test]
            fn double_precision_keeps_step_with_pytorch() {
                super::double_precision_keeps_step_with_pytorch::<$agent<f64>>();
            }

            #[test]
            fn one_unit_in_the_last_place_does_not_grow() {
                super::one_unit_in_the_last_place_does_not_grow::<$agent<f64>>();
            }

            #[test]
            fn a_discount_that_is_off_in_the_tenth_digit_is_seen() {
                super::a_discount_that_is_off_in_the_tenth_digit_is_seen::<$agent<f64>>();
            }

            #[test]
            fn single_precision_keeps_step_with_double_where_networks_are_smooth() {
                super::single_precision_keeps_step_with_double_where_networks_are_smooth::<
                    $agent<f32>,
                    $agent<f64>,
                >();
            }
        }
    };
}

tests!(td3, Td3);
tests!(ddpg, Ddpg);

// ── Running ────────────────────────────────────────────────────────────────────────────────────

fn generator<C>(fixture: &Fixture<C>) -> SplitMix64 {
    SplitMix64(fixture.metadata["seed"].parse().unwrap())
}

/// B, S and A.
fn sizes<C: Lockstep>(fixture: &Fixture<C>) -> [usize; 3] {
    [fixture.config.batch_size(), fixture.observation_dim, fixture.action_dim]
}

/// The agent before its first update.
fn start<T: Scalar, A: Agent<T>>(fixture: &Fixture<A::Settings>, generator: &mut SplitMix64) -> A {
    let init = &mut stream(0, Purpose::Init);
    let (s, a) = (fixture.observation_dim, fixture.action_dim);
    let mut agent = A::new(fixture.config.clone(), s, a, init).unwrap();
    let policy: Mlp = agent.policy().0.mlp().clone();
    let critic: Mlp = agent.critic().clone();
    generator.fill(agent.actor_mut().params_mut().as_mut_slice(), &policy);
    *agent.actor_target_mut() = agent.actor().params().clone();
    for i in 0..agent.critics().len() {
        generator.fill(agent.critics_mut()[i].params_mut().as_mut_slice(), &critic);
        agent.targets_mut()[i] = agent.critics()[i].params().clone();
    }
    agent
}

/// All updates.
fn run<T: Scalar, A: Agent<T>>(fixture: &Fixture<A::Settings>) -> History
where
    A::Settings: Lockstep,
{
    run_with(fixture, |_: &mut A| {})
}

/// All updates of an agent to which something was done first.
fn run_with<T: Scalar, A: Agent<T>>(
    fixture: &Fixture<A::Settings>,
    change: impl Fn(&mut A),
) -> History
where
    A::Settings: Lockstep,
{
    let mut generator = generator(fixture);
    let mut agent: A = start(fixture, &mut generator);
    change(&mut agent);
    let checkpoints = checkpoints(fixture);
    let mut history = History::new();
    for k in 1..=fixture.updates {
        let batch = generator.batch(sizes(fixture));
        let noise = A::noise(A::Settings::HAS_NOISE.then(|| generator.noise(sizes(fixture))));
        let metrics = agent.update(&batch, &noise).unwrap();
        if checkpoints.contains(&k) {
            history.insert(k, learned(&mut agent, &metrics));
        }
    }
    history
}

fn learned<T: Scalar, A: Agent<T>>(
    agent: &mut A,
    metrics: &UpdateMetrics,
) -> [Vec<f64>; KINDS.len()] {
    let shown = shown(agent);
    let moments = trained_names(agent.critics().len()).flat_map(|(name, _)| {
        ["m", "v"].into_iter().flat_map(move |moment| [format!("{name}.adam.{moment}")])
    });
    let moments: Vec<f64> =
        moments.flat_map(|name| shown[&name].iter().map(|x| x.as_f64())).collect();
    let flat = |networks: Vec<&[T]>| networks.concat().iter().map(|x| x.as_f64()).collect();
    let losses = [metrics.critic_loss, metrics.q_mean].into_iter().chain(metrics.actor_loss);
    [
        flat(vec![agent.actor().params().as_slice()]),
        flat(agent.critics().iter().map(|critic| critic.params().as_slice()).collect()),
        flat(vec![agent.actor_target().as_slice()]),
        flat(agent.targets().iter().map(Params::as_slice).collect()),
        moments.into_iter().step_by(STRIDE).collect(),
        losses.collect(),
    ]
}

// ── Comparing ──────────────────────────────────────────────────────────────────────────────────

/// The updates after which PyTorch's numbers are kept.
fn checkpoints<C>(fixture: &Fixture<C>) -> BTreeSet<usize> {
    let names = fixture.tensors.keys();
    names.map(|name| name.split('/').next().unwrap().parse().unwrap()).collect()
}

/// PyTorch's side.
fn history<C: DeserializeOwned>(fixture: &Fixture<C>) -> History {
    let tensor = |k, kind| fixture.matrix(&format!("{k}/{kind}")).into_iter().collect();
    checkpoints(fixture).into_iter().map(|k| (k, KINDS.map(|kind| tensor(k, kind)))).collect()
}

fn compare(ours: &History, theirs: &History) -> Differences {
    let relative = |(ours, theirs): (&Vec<f64>, &Vec<f64>)| {
        let stride = if ours.len() == theirs.len() { 1 } else { STRIDE };
        let ours: Vec<_> = ours.iter().step_by(stride).collect();
        assert_eq!(ours.len(), theirs.len());
        let differences = ours.into_iter().zip(theirs).map(|(x, y)| (x - y).abs());
        // What is not a number is the worst, and stays it.
        let worst = differences.fold(0.0, |worst, next| if next <= worst { worst } else { next });
        let scale = theirs.iter().fold(0.0, |scale: f64, y| scale.max(y.abs()));
        if worst == 0.0 { 0.0 } else { worst / scale }
    };
    let kinds =
        |k: &usize| std::array::from_fn(|kind| relative((&ours[k][kind], &theirs[k][kind])));
    theirs.keys().map(|k| (*k, kinds(k))).collect()
}
