//! 1,000 consecutive updates against PyTorch, and in `f32` against `f64`: same start, same batches, same
//! noise.
//!
//! The fixtures are written by `scripts/make_lockstep_fixtures.py`, whose header documents them. They hold
//! only what PyTorch learned; what goes in is drawn anew here, to the bit. Set the environment variable
//! `SOFTAC_LOCKSTEP_FIXTURES` to compare with a folder of your own. `-- --nocapture` prints the tables.
//!
//! All differences are `max |ours − theirs| / max |theirs|` over all parameters of one kind: those of the
//! policy, of all critics, of all targets, log α; and over the losses.
#![cfg(feature = "std")]

mod fixture;
#[path = "support/split_mix64.rs"]
mod split_mix64;

use std::collections::{BTreeMap, BTreeSet};

use fixture::Fixture;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::nn::Activation;
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::{Noise, Sac, UpdateMetrics};
use split_mix64::{Digest, SplitMix64};

/// In `f64`, of everything, at any time. Measured: 7.4e-16. It begins with the order in which sums are taken
/// and grows no faster than a nudge of one unit in the last place, which over other seeds reached 2e-14:
/// a gradient as small as Adam's ε is divided by it.
const DOUBLE: f64 = 1e-13;

/// In `f32`, of everything, with smooth networks. Measured: 8.3e-6; over 16 other seeds, 3e-5.
const SINGLE: f64 = 1e-4;

/// In `f32`, of α and the losses, with relu. Measured over 16 seeds: 4e-3.
const SINGLE_RELU: f64 = 2e-2;

#[test]
fn both_sides_draw_the_same_bits() {
    for fixture in fixtures() {
        let mut generator = SplitMix64(fixture.seed());
        let sac = learner::<f64>(&fixture, &mut generator);
        let mut digest = Digest(0);
        digest.record(sac.actor().params().as_slice());
        sac.critics().iter().for_each(|critic| digest.record(critic.params().as_slice()));
        for _ in 0..fixture.updates {
            let (batch, noise) = inputs(&fixture, &mut generator);
            let Batch { observations, actions, rewards, next_observations, terminated } = &batch;
            for drawn in [observations, actions, rewards, next_observations, terminated] {
                digest.record(drawn.as_slice().unwrap());
            }
            digest.record(noise.next.as_slice().unwrap());
            digest.record(noise.current.as_slice().unwrap());
        }
        assert_eq!(format!("{:016x}", digest.0), fixture.metadata["digest"], "{}", fixture.name);
    }
}

#[test]
fn double_precision_keeps_step_with_pytorch() {
    for fixture in fixtures() {
        let title = format!("{}, f64 against PyTorch {}", fixture.name, fixture.versions());
        let differences = compare(&run::<f64>(&fixture), &fixture.history());
        print(&title, &differences);
        for (k, of) in differences {
            assert!(
                of.iter().all(|&difference| difference <= DOUBLE),
                "{title}, update {k}: {of:?}"
            );
        }
    }
}

/// Were the updates to amplify rounding, the bound above would say little about the code.
#[test]
fn one_unit_in_the_last_place_does_not_grow() {
    for fixture in fixtures() {
        let nudged = run_with::<f64>(&fixture, |sac| {
            sac.actor_mut().params_mut().as_mut_slice().iter_mut().for_each(|w| *w = w.next_up());
        });
        let differences = compare(&nudged, &run::<f64>(&fixture));
        print(&format!("{}, the policy nudged by one unit", fixture.name), &differences);
        for (k, of) in differences {
            assert!(of.iter().all(|&difference| difference <= DOUBLE), "update {k}: {of:?}");
        }
    }
}

#[test]
fn a_discount_that_is_off_in_the_tenth_digit_is_seen() {
    for mut fixture in fixtures() {
        fixture.config.gamma *= 1.0 + 1e-10;
        let differences = compare(&run::<f64>(&fixture), &fixture.history());
        let [policy, critics, ..] = differences[&fixture.updates];
        assert!(policy > DOUBLE && critics > DOUBLE, "{}: {policy:e}, {critics:e}", fixture.name);
    }
}

#[test]
fn single_precision_keeps_step_with_double_where_networks_are_smooth() {
    for mut fixture in fixtures() {
        fixture.config.activation = Activation::Tanh;
        let differences = compare(&run::<f32>(&fixture), &run::<f64>(&fixture));
        print(&format!("{} with tanh, f32 against f64", fixture.name), &differences);
        for (k, of) in differences {
            assert!(of.iter().all(|&difference| difference <= SINGLE), "update {k}: {of:?}");
        }
    }
}

/// With relu, parameters part sooner or later, and no bound on them would be honest.
///
/// Rounding moves the input of some unit across zero, in one row of one batch. The gradients of the weights
/// into this unit then differ by all that the row contributes, however small the crossing; Adam divides them
/// by their root mean square, so that the weights of a unit which is rarely active part by a good share of
/// the learning rate, and through the first moment for some ten updates more. That makes others cross. In
/// `f64` a crossing by 1e-16 would do the same; in 1,000 updates it does not happen.
///
/// What holds is asserted: step is kept until the first crossing, which for the median of three seeds comes
/// after more than 30 updates; and α and the losses agree to the end, because both learn the same.
#[test]
fn single_precision_learns_the_same_though_relu_parts_the_parameters() {
    for mut fixture in fixtures() {
        if fixture.config.activation != Activation::Relu {
            continue;
        }
        let mut largest: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for _ in 0..3 {
            let differences = compare(&run::<f32>(&fixture), &run::<f64>(&fixture));
            let title = format!("{} with relu, f32 against f64, seed", fixture.name);
            print(&format!("{title} {}", fixture.seed()), &differences);
            for (k, [policy, critics, targets, log_alpha, losses]) in differences {
                assert!(log_alpha <= SINGLE_RELU && losses <= SINGLE_RELU, "update {k}");
                largest.entry(k).or_default().push(policy.max(critics).max(targets));
            }
            let next = fixture.seed() + 1;
            fixture.metadata.insert("seed".into(), next.to_string());
        }
        for (k, mut differences) in largest.into_iter().filter(|(k, _)| *k <= 30) {
            differences.sort_by(f64::total_cmp);
            assert!(differences[1] <= SINGLE, "update {k}: {differences:?}");
        }
    }
}

/// Kind by kind, what has been learned.
const KINDS: [&str; 5] = ["policy", "critics", "targets", "log_alpha", "losses"];

/// Before the last update, the fixtures hold every eighth parameter of a network.
const STRIDE: usize = 8;

/// After the updates with these numbers, all numbers of each kind.
type History = BTreeMap<usize, [Vec<f64>; KINDS.len()]>;

type Differences = BTreeMap<usize, [f64; KINDS.len()]>;

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

fn print(title: &str, differences: &Differences) {
    println!(
        "\n{title}\n\n| update | {} |\n|{}",
        KINDS.join(" | "),
        "---|".repeat(1 + KINDS.len())
    );
    for (k, of) in differences {
        let of = of.map(|difference| format!("{difference:.1e}"));
        println!("| {k} | {} |", of.join(" | "));
    }
}

fn run<T: Scalar>(fixture: &Fixture) -> History {
    run_with::<T>(fixture, |_| ())
}

/// All updates, from a start that `change` may change.
fn run_with<T: Scalar>(fixture: &Fixture, change: impl Fn(&mut Sac<T>)) -> History {
    let mut generator = SplitMix64(fixture.seed());
    let mut sac = learner(fixture, &mut generator);
    change(&mut sac);
    let checkpoints = fixture.checkpoints();
    let mut history = History::new();
    for k in 1..=fixture.updates {
        let (batch, noise) = inputs(fixture, &mut generator);
        let metrics = sac.update(&batch, &noise).unwrap();
        if checkpoints.contains(&k) {
            history.insert(k, learned(&sac, &metrics));
        }
    }
    history
}

fn learned<T: Scalar>(sac: &Sac<T>, metrics: &UpdateMetrics) -> [Vec<f64>; KINDS.len()] {
    let flat = |networks: Vec<&[T]>| networks.concat().iter().map(|x| x.as_f64()).collect();
    let log_alpha =
        sac.log_alpha().map_or(sac.alpha().ln(), |trained| trained.params().as_slice()[0]);
    let mut losses = vec![metrics.critic_loss];
    losses.extend(metrics.actor.map(|actor| actor.actor_loss));
    losses.extend(metrics.actor.and_then(|actor| actor.ent_coef_loss));
    [
        flat(vec![sac.actor().params().as_slice()]),
        flat(sac.critics().iter().map(|critic| critic.params().as_slice()).collect()),
        flat(sac.targets().iter().map(|target| target.as_slice()).collect()),
        vec![log_alpha.as_f64()],
        losses,
    ]
}

fn fixtures() -> Vec<Fixture> {
    fixture::fixtures("lockstep", "SOFTAC_LOCKSTEP_FIXTURES", "softac-lockstep-1")
}

impl Fixture {
    fn seed(&self) -> u64 {
        self.metadata["seed"].parse().unwrap()
    }

    /// The updates after which PyTorch's numbers are kept.
    fn checkpoints(&self) -> BTreeSet<usize> {
        self.tensors.keys().map(|name| name.split('/').next().unwrap().parse().unwrap()).collect()
    }

    /// PyTorch's side.
    fn history(&self) -> History {
        let tensor = |k, kind| self.matrix(&format!("{k}/{kind}")).into_iter().collect();
        self.checkpoints().into_iter().map(|k| (k, KINDS.map(|kind| tensor(k, kind)))).collect()
    }
}

/// The learner before its first update.
fn learner<T: Scalar>(fixture: &Fixture, generator: &mut SplitMix64) -> Sac<T> {
    let init = &mut stream(0, Purpose::Init);
    let (s, a) = (fixture.observation_dim, fixture.action_dim);
    let mut sac = Sac::new(fixture.config.clone(), s, a, init).unwrap();
    let (policy, critic) = (sac.policy().mlp().clone(), sac.critic().clone());
    generator.fill(sac.actor_mut().params_mut().as_mut_slice(), &policy);
    for i in 0..sac.critics().len() {
        generator.fill(sac.critics_mut()[i].params_mut().as_mut_slice(), &critic);
        sac.targets_mut()[i] = sac.critics()[i].params().clone();
    }
    sac
}

/// Batch and noise of the next update.
fn inputs<T: Scalar>(fixture: &Fixture, generator: &mut SplitMix64) -> (Batch<T>, Noise<T>) {
    let sizes = [fixture.config.batch_size, fixture.observation_dim, fixture.action_dim];
    let batch = generator.batch(sizes);
    let [next, current] = std::array::from_fn(|_| generator.noise(sizes));
    (batch, Noise { next, current })
}
