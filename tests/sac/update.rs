//! The update step: its order, its intervals, what each part changes, and what it reports.
//!
//! That its numbers are right is held by `../pytorch_parity.rs`.

use ndarray::Array2;
use softac::Scalar;
use softac::agent::{Algorithm, UpdateNoise};
use softac::nn::Scratch;
use softac::policy::Policy;
use softac::random::{Purpose, Stream, fill_normal, stream};
use softac::replay::Batch;
use softac::sac::{EntCoef, Noise, Sac, SacConfig, UpdateMetrics};

use crate::Implementation;
use crate::by_hand::{ByHand, Wrong};
use crate::implementation::{Learned, Updater};
use crate::recounted::Recounted;

crate::properties! {
    an_update_is_its_equations_in_the_documented_order_and_reports_them,
    the_numbers_reported_belong_together,
    the_temperature_stays_above_zero,
    the_intervals_count_updates,
    the_targets_begin_as_exact_copies_of_critics_that_differ,
    the_policys_update_does_not_touch_the_critics,
    the_critic_of_an_action_moves_the_policy,
    targets_stay_for_tau_zero_and_are_the_critics_for_tau_one,
}

const OBSERVATIONS: usize = 3;
const ACTIONS: usize = 2;
pub const BATCH: usize = 8;

pub fn config() -> SacConfig {
    SacConfig {
        net_arch: vec![16, 16].into(),
        learning_rate: 1e-2,
        tau: 0.1,
        ent_coef: EntCoef::Auto { initial: 0.3 },
        ..SacConfig::default()
    }
}

pub fn learner<T: Scalar>(config: SacConfig) -> Sac<T> {
    learner_of(ACTIONS, config)
}

/// A learner for so many action dimensions.
fn learner_of<T: Scalar>(actions: usize, config: SacConfig) -> Sac<T> {
    Sac::new(config, OBSERVATIONS, actions, &mut stream(4, Purpose::Init)).unwrap()
}

/// A random batch with its noise.
pub fn inputs<T: Scalar>(rows: usize, numbers: &mut Stream) -> (Batch<T>, Noise<T>) {
    inputs_of(ACTIONS, rows, numbers)
}

fn inputs_of<T: Scalar>(
    action_dim: usize,
    rows: usize,
    numbers: &mut Stream,
) -> (Batch<T>, Noise<T>) {
    let mut batch = Batch::new(rows, OBSERVATIONS, action_dim);
    let Batch { observations, actions, rewards, next_observations, .. } = &mut batch;
    for matrix in [observations, actions, rewards, next_observations] {
        fill_normal(matrix.as_slice_mut().unwrap(), numbers);
    }
    batch.actions.mapv_inplace(T::tanh);
    batch.terminated[[rows - 1, 0]] = T::one();
    let mut noise = Noise::new(rows, action_dim);
    noise.draw(numbers);
    (batch, noise)
}

pub fn updates<T: Scalar>(sac: &mut Sac<T>, count: usize) -> Vec<UpdateMetrics> {
    let numbers = &mut stream(5, Purpose::Policy);
    let inputs = (0..count).map(|_| inputs(BATCH, numbers));
    inputs.map(|(batch, noise)| sac.update(&batch, &noise).unwrap()).collect()
}

/// All parameters of policy, critics, targets and temperature, one after another.
pub fn parameters<T: Scalar>(sac: &Sac<T>) -> Vec<T> {
    let trained = [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
    let sets = trained.map(|trained| trained.params()).chain(sac.targets());
    sets.flat_map(|params| params.as_slice().iter().copied()).collect()
}

// ── Order ──────────────────────────────────────────────────────────────────────────────────────

fn an_update_is_its_equations_in_the_documented_order_and_reports_them(sac: &Implementation) {
    for (n_critics, actions) in [(2, ACTIONS), (5, 5)] {
        let config = SacConfig { n_critics, ..config() };
        let mut updater = (sac.updater)(learner_of(actions, config.clone()));
        let mut by_hand = ByHand::new(learner_of(actions, config), Wrong::Nothing);
        let numbers = &mut stream(5, Purpose::Policy);
        // Batches of different sizes, so that nothing in a kept buffer can pass for new.
        for rows in [BATCH, 3, 11] {
            let (batch, noise) = inputs_of(actions, rows, numbers);
            assert_eq!(updater.learn(&batch, &noise), by_hand.learn(&batch, &noise));
            assert_eq!(updater.learned(), by_hand.learned());
        }
    }
}

fn the_numbers_reported_belong_together(sac: &Implementation) {
    let mut updater = (sac.updater)(learner(config()));
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..5 {
        let alpha = updater.learned().alpha;
        let (batch, noise) = inputs(BATCH, numbers);
        let metrics = updater.learn(&batch, &noise);
        assert_eq!(metrics.ent_coef, alpha, "the temperature before the update");
        assert_ne!(metrics.ent_coef, updater.learned().alpha);
        // J(α) = E[−α (log π + H̄)] = α (Ĥ − H̄), with H̄ = −dim(A).
        let actor = metrics.actor.unwrap();
        let loss = alpha * (actor.entropy + ACTIONS as f64);
        assert!((actor.ent_coef_loss.unwrap() - loss).abs() < 1e-14);
    }
}

fn the_temperature_stays_above_zero(sac: &Implementation) {
    // The entropy is above its target, so that α falls, by steps that are larger than it is.
    let ent_coef = EntCoef::Auto { initial: 0.015 };
    let mut updater = (sac.updater)(learner(SacConfig { ent_coef, ..config() }));
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..3 {
        let (batch, noise) = inputs(BATCH, numbers);
        let before = updater.learned().alpha;
        updater.learn(&batch, &noise);
        let after = updater.learned().alpha;
        assert!(0.0 < after && after < before, "{before}, {after}");
    }
}

// ── Intervals ──────────────────────────────────────────────────────────────────────────────────

fn the_intervals_count_updates(sac: &Implementation) {
    let intervals = SacConfig { policy_delay: 2, target_update_interval: 3, ..config() };
    let mut updater = (sac.updater)(learner(intervals));
    let numbers = &mut stream(5, Purpose::Policy);
    for n in 1..=12_u64 {
        let before = updater.learned();
        let (batch, noise) = inputs(BATCH, numbers);
        let metrics = updater.learn(&batch, &noise);
        let after = updater.learned();
        let critics =
            before.thetas.iter().zip(&after.thetas).all(|(before, after)| before != after);
        assert!(critics, "update {n}");
        assert_eq!(before.phi != after.phi, n % 2 == 0, "update {n}");
        assert_eq!(before.alpha != after.alpha, n % 2 == 0, "update {n}");
        assert_eq!(metrics.actor.is_some(), n % 2 == 0, "update {n}");
        assert_eq!(before.targets != after.targets, n % 3 == 0, "update {n}");
    }
}

/// As from a checkpoint: around each count at which a narrower counter would begin again.
#[test]
fn the_intervals_count_updates_however_many_were_done() {
    let intervals = SacConfig { policy_delay: 3, target_update_interval: 7, ..config() };
    let mut sac = learner::<f64>(intervals);
    let numbers = &mut stream(5, Purpose::Policy);
    for done in [8, 16, 32, 53].map(|bits| (1_u64 << bits) - 11) {
        sac.visit(&mut Recounted(done)).unwrap();
        for n in done + 1..done + 22 {
            let before = sac.learned();
            let (batch, noise) = inputs(BATCH, numbers);
            let metrics = sac.learn(&batch, &noise);
            let after = sac.learned();
            assert_eq!(before.phi != after.phi, n % 3 == 0, "update {n}");
            assert_eq!(metrics.actor.is_some(), n % 3 == 0, "update {n}");
            assert_eq!(before.targets != after.targets, n % 7 == 0, "update {n}");
            assert_eq!(sac.updates(), n);
        }
    }
}

#[test]
fn every_optimiser_counts_its_own_steps() {
    let mut sac = learner::<f64>(SacConfig { policy_delay: 2, ..config() });
    updates(&mut sac, 12);
    assert_eq!(sac.updates(), 12);
    assert_eq!([sac.actor(), sac.log_alpha().unwrap()].map(|set| set.adam().steps()), [6, 6]);
    assert!(sac.critics().iter().all(|critic| critic.adam().steps() == 12));
}

// ── What each part changes ─────────────────────────────────────────────────────────────────────

fn the_targets_begin_as_exact_copies_of_critics_that_differ(sac: &Implementation) {
    let config = SacConfig { n_critics: 5, ..config() };
    let Learned { thetas, targets, .. } = (sac.updater)(learner(config)).learned();
    assert_eq!(thetas, targets);
    assert_eq!(thetas.len(), 5);
    for (i, theta) in thetas.iter().enumerate() {
        assert!(!thetas[..i].contains(theta), "critic {i}");
    }
}

/// What has been learned after some updates.
fn after(sac: &Implementation, config: SacConfig, count: usize) -> Learned {
    let mut updater = (sac.updater)(learner(config));
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..count {
        let (batch, noise) = inputs(BATCH, numbers);
        updater.learn(&batch, &noise);
    }
    updater.learned()
}

fn the_policys_update_does_not_touch_the_critics(sac: &Implementation) {
    let with = after(sac, config(), 1);
    let without = after(sac, SacConfig { policy_delay: 2, ..config() }, 1);
    assert_ne!(with.phi, without.phi);
    assert_eq!((with.thetas, with.targets), (without.thetas, without.targets));
}

fn the_critic_of_an_action_moves_the_policy(sac: &Implementation) {
    // One update, with the temperature at nothing to speak of: what moves the policy is Q alone. Adam
    // makes a step of any size out of any gradient, but none out of zero.
    let ent_coef = EntCoef::Auto { initial: 1e-300 };
    let rows = after(sac, SacConfig { ent_coef, ..config() }, 1).phi;
    let before = (sac.updater)(learner(config())).learned().phi;
    let moved = rows.iter().zip(&before).filter(|(after, before)| after != before).count();
    assert!(moved > before.len() / 2, "{moved} of {}", before.len());
}

fn targets_stay_for_tau_zero_and_are_the_critics_for_tau_one(sac: &Implementation) {
    let start = (sac.updater)(learner(config())).learned();
    assert_eq!(after(sac, SacConfig { tau: 0.0, ..config() }, 5).targets, start.targets);
    let copied = after(sac, SacConfig { tau: 1.0, ..config() }, 5);
    assert_eq!(copied.targets, copied.thetas);
    assert_ne!(copied.targets, start.targets);
}

#[test]
fn a_fixed_temperature_never_changes() {
    for alpha in [0.0, 0.2] {
        let mut sac = learner::<f64>(SacConfig { ent_coef: EntCoef::Fixed(alpha), ..config() });
        for metrics in updates(&mut sac, 5) {
            assert_eq!(metrics.ent_coef, alpha);
            assert_eq!(metrics.actor.unwrap().ent_coef_loss, None);
        }
        assert_eq!(sac.alpha(), alpha);
        assert!(sac.log_alpha().is_none());
    }
}

#[test]
fn acting_changes_nothing_learned() {
    let (mut acts, mut rests) = (learner::<f64>(config()), learner::<f64>(config()));
    updates(&mut acts, 2);
    updates(&mut rests, 2);
    let mut action = [0.0; ACTIONS];
    let phi = acts.actor().params().as_slice();
    for xi in [None, Some(&[1.0, -1.0][..])] {
        acts.policy().act(phi, &[0.1, 0.2, 0.3], xi, &mut Scratch::default(), &mut action);
    }
    updates(&mut acts, 2);
    updates(&mut rests, 2);
    assert_eq!(parameters(&acts), parameters(&rests));
}

// ── Numbers ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn equal_inputs_give_equal_bits() {
    fn run<T: Scalar>() -> (Vec<UpdateMetrics>, Vec<T>) {
        let mut sac = learner(config());
        (updates(&mut sac, 5), parameters(&sac))
    }
    assert_eq!(run::<f32>(), run::<f32>());
    assert_eq!(run::<f64>(), run::<f64>());
}

#[test]
fn single_precision_stays_close_to_double() {
    let (mut single, mut double) = (learner::<f32>(config()), learner::<f64>(config()));
    let singles = updates(&mut single, 3);
    for (single, double) in singles.iter().zip(updates(&mut double, 3)) {
        let pairs = [
            (single.critic_loss, double.critic_loss),
            (single.actor.unwrap().actor_loss, double.actor.unwrap().actor_loss),
            (single.actor.unwrap().entropy, double.actor.unwrap().entropy),
        ];
        for (single, double) in pairs {
            assert!((single - double).abs() < 1e-5 * double.abs().max(1.0), "{single} {double}");
        }
    }
    // A few gradients are near zero, where Adam makes much of little.
    let distance = |single: &[f32], double: &[f64]| {
        let squares = single.iter().zip(double).map(|(x, y)| (x.as_f64() - y).powi(2));
        (squares.sum::<f64>() / double.len() as f64).sqrt()
    };
    let of_critics = single.critics().iter().zip(double.critics());
    for (single, double) in [(single.actor(), double.actor())].into_iter().chain(of_critics) {
        let (single, double) = (single.params().as_slice(), double.params().as_slice());
        assert!(distance(single, double) < 1e-5);
    }
}

// ── Shards and threads ─────────────────────────────────────────────────────────────────────────

/// Rows that make several shards, the last with fewer rows, of networks as small as these.
pub const MANY: usize = 70_001;

#[test]
fn a_batch_in_shards_is_learned_from_as_a_whole() {
    let mut sac = learner::<f64>(config());
    let mut by_hand = ByHand::new(learner(config()), Wrong::Nothing);
    let (batch, noise) = inputs(MANY, &mut stream(7, Purpose::Policy));
    for _ in 0..2 {
        let (shards, whole) = (sac.update(&batch, &noise).unwrap(), by_hand.learn(&batch, &noise));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-10 * b.abs().max(1.0), "{a} {b}");
        near(shards.critic_loss, whole.critic_loss);
        near(shards.q_mean, whole.q_mean);
        let (shards, whole) = (shards.actor.unwrap(), whole.actor.unwrap());
        near(shards.actor_loss, whole.actor_loss);
        near(shards.entropy, whole.entropy);
        near(shards.ent_coef_loss.unwrap(), whole.ent_coef_loss.unwrap());
        let (learned, expected) = (sac.learned(), by_hand.learned());
        learned.phi.iter().zip(&expected.phi).for_each(|(&a, &b)| near(a, b));
        let pairs = learned.thetas.iter().zip(&expected.thetas);
        for (ours, theirs) in pairs.chain(learned.targets.iter().zip(&expected.targets)) {
            ours.iter().zip(theirs).for_each(|(&a, &b)| near(a, b));
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    let (batch, noise) = inputs(MANY, &mut stream(8, Purpose::Policy));
    let learned = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut sac = learner::<f32>(config());
            let metrics = [(); 2].map(|()| sac.update(&batch, &noise).unwrap());
            (metrics, parameters(&sac))
        })
    };
    let alone = learned(1);
    for threads in [2, 4, 8] {
        assert_eq!(learned(threads), alone, "{threads} threads");
    }
}

// ── Refusals ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn wrong_shapes_are_an_error_that_changes_nothing() {
    type Spoil = fn(&mut Batch<f64>, &mut Noise<f64>);
    let cases: [(&str, Spoil); 10] = [
        ("longer observations", |b, _| b.observations = Array2::zeros((BATCH, OBSERVATIONS + 1))),
        ("fewer observations", |b, _| b.observations = Array2::zeros((BATCH - 1, OBSERVATIONS))),
        ("longer actions", |b, _| b.actions = Array2::zeros((BATCH, ACTIONS + 1))),
        ("rewards in a row", |b, _| b.rewards = Array2::zeros((1, BATCH))),
        ("one reward for all", |b, _| b.rewards = Array2::zeros((1, 1))),
        ("one flag for all", |b, _| b.terminated = Array2::zeros((1, 1))),
        ("fewer next observations", |b, _| b.next_observations = Array2::zeros((1, OBSERVATIONS))),
        ("noise of one action", |_, n| n.next = Array2::zeros((BATCH, 1))),
        ("less noise", |_, n| n.current = Array2::zeros((1, ACTIONS))),
        ("nothing at all", |b, n| (*b, *n) = (Batch::new(0, 3, 2), Noise::new(0, 2))),
    ];
    for (case, spoil) in cases {
        let mut sac = learner::<f64>(config());
        updates(&mut sac, 1);
        let (mut batch, mut noise) = inputs(BATCH, &mut stream(6, Purpose::Policy));
        spoil(&mut batch, &mut noise);
        let before = (parameters(&sac), sac.updates());
        assert!(sac.update(&batch, &noise).is_err(), "{case}");
        assert_eq!((parameters(&sac), sac.updates()), before, "{case}");
        let (before, _) = before;
        let after = updates(&mut sac, 1);
        assert!(after[0].critic_loss.is_finite(), "{case}");
        assert_ne!(parameters(&sac), before, "{case}");
    }
}
