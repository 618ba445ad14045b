//! The update step: its order, its delay, what each part changes, and what it reports.

use ndarray::Array2;
use softac::Scalar;
use softac::agent::{Algorithm, NoNoise, UpdateNoise};
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::{Noise, Td3, Td3Config, UpdateMetrics};
use softac::random::{Purpose, Stream, fill_normal, stream};
use softac::replay::Batch;

use crate::Implementation;
use crate::agents::Agent;
use crate::by_hand::{ByHand, Wrong};
use crate::implementation::{Learned, Updater};
use crate::recounted::Recounted;

crate::properties! {
    an_update_is_its_equations_in_the_documented_order_and_reports_them,
    all_targets_move_with_the_policy_and_only_then,
    all_targets_begin_as_exact_copies_and_the_critics_differ,
    the_target_of_td3_is_as_computed_by_hand,
    the_target_takes_its_action_from_the_target_policy,
    the_policy_follows_the_first_critic_alone,
    the_policys_update_does_not_touch_the_critics,
    targets_stay_for_tau_zero_and_are_the_networks_for_tau_one,
    the_noise_moves_the_target_of_each_transition_by_itself,
}

const OBSERVATIONS: usize = 3;
const ACTIONS: usize = 2;
pub const BATCH: usize = 8;
const ETA: f64 = 1e-2;
const TAU: f64 = 0.1;

pub fn config() -> Td3Config {
    Td3Config {
        net_arch: vec![16, 16].into(),
        learning_rate: ETA,
        tau: TAU,
        ..Td3Config::default()
    }
}

pub fn learner<T: Scalar>(config: Td3Config) -> Td3<T> {
    Td3::new(config, OBSERVATIONS, ACTIONS, &mut stream(4, Purpose::Init)).unwrap()
}

/// A random batch.
pub fn batch<T: Scalar>(rows: usize, numbers: &mut Stream) -> Batch<T> {
    let mut batch = Batch::new(rows, OBSERVATIONS, ACTIONS);
    let Batch { observations, actions, rewards, next_observations, .. } = &mut batch;
    for matrix in [observations, actions, rewards, next_observations] {
        fill_normal(matrix.as_slice_mut().unwrap(), numbers);
    }
    batch.actions.mapv_inplace(T::tanh);
    batch.terminated[[rows - 1, 0]] = T::one();
    batch
}

/// Noise for any of these agents.
pub fn noise<T: Scalar, A: Agent<T>>(rows: usize, numbers: &mut Stream) -> A::Noise {
    let mut noise = A::Noise::new(rows, ACTIONS);
    noise.draw(numbers);
    noise
}

/// A random batch with its noise.
fn inputs<T: Scalar>(rows: usize, numbers: &mut Stream) -> (Batch<T>, Noise<T>) {
    let batch = batch(rows, numbers);
    let mut noise = Noise::new(rows, ACTIONS);
    noise.draw(numbers);
    (batch, noise)
}

/// What has been learned after some updates.
fn after(td3: &Implementation, config: Td3Config, count: usize) -> Learned {
    let mut updater = (td3.updater)(learner(config));
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..count {
        let (batch, noise) = inputs(BATCH, numbers);
        updater.learn(&batch, &noise);
    }
    updater.learned()
}

// ── Order ──────────────────────────────────────────────────────────────────────────────────────

fn an_update_is_its_equations_in_the_documented_order_and_reports_them(td3: &Implementation) {
    let mut updater = (td3.updater)(learner(config()));
    let mut by_hand = ByHand::new(learner(config()), Wrong::Nothing);
    let numbers = &mut stream(5, Purpose::Policy);
    // Batches of different sizes, so that nothing in a kept buffer can pass for new.
    for rows in [BATCH, 3, 11, BATCH] {
        let (batch, noise) = inputs(rows, numbers);
        assert_eq!(updater.learn(&batch, &noise), by_hand.learn(&batch, &noise));
        assert_eq!(updater.learned(), by_hand.learned());
    }
}

/// As from a checkpoint: around each count at which a narrower counter would begin again.
#[test]
fn the_delay_counts_updates_however_many_were_done() {
    let mut td3 = learner::<f64>(Td3Config { policy_delay: 3, ..config() });
    let numbers = &mut stream(5, Purpose::Policy);
    for done in [8, 16, 32, 53].map(|bits| (1_u64 << bits) - 5) {
        td3.visit(&mut Recounted(done)).unwrap();
        for n in done + 1..done + 10 {
            let (before, (batch, noise)) = (td3.learned(), inputs(BATCH, numbers));
            let metrics = td3.learn(&batch, &noise);
            let after = td3.learned();
            assert_eq!(before.phi_target != after.phi_target, n % 3 == 0, "update {n}");
            assert_eq!(before.targets != after.targets, n % 3 == 0, "update {n}");
            assert_eq!((metrics.actor_loss.is_some(), td3.updates()), (n % 3 == 0, n));
        }
    }
}

fn all_targets_move_with_the_policy_and_only_then(td3: &Implementation) {
    for policy_delay in [1, 2, 3] {
        let mut updater = (td3.updater)(learner(Td3Config { policy_delay, ..config() }));
        let numbers = &mut stream(5, Purpose::Policy);
        for n in 1..=7_u64 {
            let before = updater.learned();
            let (batch, noise) = inputs(BATCH, numbers);
            let metrics = updater.learn(&batch, &noise);
            let after = updater.learned();
            let moved = |before: &[Vec<f64>], after: &[Vec<f64>], expected: bool| {
                let mut pairs = before.iter().zip(after);
                assert!(pairs.all(|(before, after)| (before != after) == expected), "update {n}");
            };
            let due = n % policy_delay == 0;
            moved(&before.thetas, &after.thetas, true);
            moved(&[before.phi], &[after.phi], due);
            moved(&[before.phi_target], &[after.phi_target], due);
            moved(&before.targets, &after.targets, due);
            assert_eq!(metrics.actor_loss.is_some(), due, "update {n}");
        }
    }
}

#[test]
fn every_optimiser_counts_its_own_steps() {
    let mut td3 = learner::<f64>(Td3Config { policy_delay: 3, ..config() });
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..7 {
        let (batch, noise) = inputs(BATCH, numbers);
        td3.update(&batch, &noise).unwrap();
    }
    assert_eq!(td3.updates(), 7);
    assert_eq!(td3.actor().adam().steps(), 2);
    assert!(td3.critics().iter().all(|critic| critic.adam().steps() == 7));
}

// ── What each part changes ─────────────────────────────────────────────────────────────────────

fn all_targets_begin_as_exact_copies_and_the_critics_differ(td3: &Implementation) {
    let learned = (td3.updater)(learner(config())).learned();
    assert_eq!(learned.phi, learned.phi_target);
    assert_eq!(learned.thetas, learned.targets);
    assert_ne!(learned.thetas[0], learned.thetas[1]);
}

/// An agent for one observation and one action, with linear networks: policy `tanh(b)`, its target `tanh(b̄)`, critics
/// `wᵢ a + vᵢ` and their targets.
fn linear<A: Agent<f64>>(
    settings: A::Settings,
    [b, b_target]: [f64; 2],
    critics: &[[f64; 2]],
    targets: &[[f64; 2]],
) -> A {
    let mut agent = A::new(settings, 1, 1, &mut stream(4, Purpose::Init)).unwrap();
    agent.actor_mut().params_mut().as_mut_slice().copy_from_slice(&[0.0, b]);
    agent.actor_target_mut().as_mut_slice().copy_from_slice(&[0.0, b_target]);
    for (critic, [w, v]) in agent.critics_mut().iter_mut().zip(critics) {
        critic.params_mut().as_mut_slice().copy_from_slice(&[0.0, *w, *v]);
    }
    for (target, [w, v]) in agent.targets_mut().iter_mut().zip(targets) {
        target.as_mut_slice().copy_from_slice(&[0.0, *w, *v]);
    }
    agent
}

/// TD3 with two such critics.
fn linear_td3(
    config: Td3Config,
    b: [f64; 2],
    critics: [[f64; 2]; 2],
    targets: [[f64; 2]; 2],
) -> Td3<f64> {
    linear(Td3Config { net_arch: vec![].into(), gamma: 0.5, ..config }, b, &critics, &targets)
}

/// Transitions for [`linear`] with action 0.5, reward 1 and no end.
fn steady(rows: usize) -> Batch<f64> {
    let mut batch = Batch::new(rows, 1, 1);
    batch.actions.fill(0.5);
    batch.rewards.fill(1.0);
    batch
}

fn the_target_of_td3_is_as_computed_by_hand(td3: &Implementation) {
    // The first exercise of the chapter: a = 0.7, and −0.6 is clipped to −0.5: ã = 0.2. The target critics are
    // 3 − ã = 2.8 and 2 + 2ã = 2.4: y = 1 + 0.99 · 2.4 = 3.376, and 1 at the end. Critics that are 0 have the loss y².
    let (b, zeros) = ([2.0, 0.7_f64.atanh()], [[0.0; 2]; 2]);
    let loss = |terminated: f64, [xi, sigma]: [f64; 2], targets: [[f64; 2]; 2]| {
        let config = Td3Config {
            gamma: 0.99,
            net_arch: vec![].into(),
            target_policy_noise: sigma,
            ..config()
        };
        let mut updater = (td3.updater)(linear(config, b, &zeros, &targets));
        let mut batch = steady(1);
        batch.terminated.fill(terminated);
        updater.learn(&batch, &Noise { next: Array2::from_elem((1, 1), xi) }).critic_loss
    };
    let targets = [[-1.0, 3.0], [2.0, 2.0]];
    let near = |loss: f64, y: f64| assert!((loss - 2.0 * y * y).abs() < 1e-13, "{loss}, {y}");
    near(loss(0.0, [-3.0, 0.2], targets), 3.376);
    near(loss(1.0, [-3.0, 0.2], targets), 1.0);
    // Without noise ã = 0.7, and the first is the least: 2.3. So it is for any order of the critics.
    near(loss(0.0, [-3.0, 0.0], targets), 1.0 + 0.99 * 2.3);
    near(loss(0.0, [-3.0, 0.2], [targets[1], targets[0]]), 3.376);
}

fn the_target_takes_its_action_from_the_target_policy(td3: &Implementation) {
    // ã = tanh(−0.7) + clip(0.2 · 10, −0.5, 0.5), and the second target critic is the least where ã < 0. The policy
    // itself is at tanh(2).
    let (b_target, w): (f64, _) = (-0.7, [0.3, -0.2]);
    let critics = w.map(|w| [w, 0.0]);
    let mut updater =
        (td3.updater)(linear_td3(config(), [2.0, b_target], critics, [[1.0, 0.0], [4.0, 0.0]]));
    let noise = Noise { next: Array2::from_elem((1, 1), 10.0) };
    let metrics = updater.learn(&steady(1), &noise);
    let y = 1.0 + 0.5 * 4.0 * (b_target.tanh() + 0.5);
    let expected: f64 = w.iter().map(|w| (w * 0.5 - y).powi(2)).sum();
    assert!((metrics.critic_loss - expected).abs() < 1e-14, "{}, {expected}", metrics.critic_loss);
    assert!((metrics.q_mean - 0.15).abs() < 1e-15);
}

fn the_policy_follows_the_first_critic_alone(td3: &Implementation) {
    // The first critic wants larger actions; the second, which is the least everywhere, smaller ones.
    let config = Td3Config { policy_delay: 1, learning_rate: 1e-3, ..config() };
    let mut updater = (td3.updater)(linear_td3(
        config,
        [0.4, 0.4],
        [[1.0, 0.0], [-9.0, 0.0]],
        [[1.0, 0.0], [-9.0, 0.0]],
    ));
    let metrics = updater.learn(&steady(2), &Noise::new(2, 1));
    let learned = updater.learned();
    // The first step of Adam is η in the direction of the gradient, whatever its size.
    assert!((learned.phi[1] - 0.401).abs() < 1e-9, "{:?}", learned.phi);
    let [w, bias] = [learned.thetas[0][1], learned.thetas[0][2]];
    let expected = -(w * 0.4_f64.tanh() + bias);
    assert!(
        (metrics.actor_loss.unwrap() - expected).abs() < 1e-15,
        "judged after the critic's step"
    );
}

fn the_policys_update_does_not_touch_the_critics(td3: &Implementation) {
    let with = after(td3, Td3Config { policy_delay: 1, ..config() }, 1);
    let without = after(td3, Td3Config { policy_delay: 2, ..config() }, 1);
    assert_ne!(with.phi, without.phi);
    assert_eq!(with.thetas, without.thetas);
}

fn targets_stay_for_tau_zero_and_are_the_networks_for_tau_one(td3: &Implementation) {
    let start = (td3.updater)(learner(config())).learned();
    let stayed = after(td3, Td3Config { tau: 0.0, ..config() }, 4);
    assert_eq!((&stayed.phi_target, &stayed.targets), (&start.phi_target, &start.targets));
    let copied = after(td3, Td3Config { tau: 1.0, ..config() }, 4);
    assert_eq!((&copied.phi_target, &copied.targets), (&copied.phi, &copied.thetas));
    assert_ne!(copied.phi_target, start.phi_target);
}

fn the_noise_moves_the_target_of_each_transition_by_itself(td3: &Implementation) {
    // Of equal transitions with noise ±ξ, the targets are y ± γ w̄ σ ξ: each has its own noise.
    let loss = |xi: [f64; 2]| {
        let mut updater =
            (td3.updater)(linear_td3(config(), [0.0, 0.0], [[0.0; 2]; 2], [[2.0, 0.0]; 2]));
        let next = Array2::from_shape_vec((2, 1), xi.to_vec()).unwrap();
        updater.learn(&steady(2), &Noise { next }).critic_loss
    };
    // Both critics are 0: the loss is 2 E[y²] with y = 1 ± 0.5 · 2 · 0.2.
    assert!((loss([1.0, -1.0]) - (1.2_f64.powi(2) + 0.8_f64.powi(2))).abs() < 1e-14);
    assert!((loss([1.0, 1.0]) - 2.0 * 1.2_f64.powi(2)).abs() < 1e-14);
}

// ── In closed form ─────────────────────────────────────────────────────────────────────────────

/// One update of an agent with linear networks against formulas alone, given ã and the noise that makes it.
fn moves_as_in_closed_form<A: Agent<f64>>(
    mut agent: A,
    [b, b_target]: [f64; 2],
    critics: &[[f64; 2]],
    targets: &[[f64; 2]],
    [smoothed, xi]: [f64; 2],
) {
    // Adam's first step is η g / (|g| + ε).
    let step = |g: f64| ETA * g / (g.abs() + 1e-8);
    let near =
        |ours: f64, expected: f64| assert!((ours - expected).abs() < 1e-14, "{ours}, {expected}");
    let toward = |target: f64, online: f64| TAU * online + (1.0 - TAU) * target;
    let least = targets.iter().map(|[w, v]| w * smoothed + v).fold(f64::INFINITY, f64::min);
    let (a, y) = (0.5, 1.0 + 0.5 * least);

    let noise = A::noise(Some(Array2::from_elem((3, 1), xi)));
    let metrics = agent.update(&steady(3), &noise).unwrap();

    // J_Q = (w a + v − y)²: the slopes are 2 a (Q − y) and 2 (Q − y).
    let errors: Vec<f64> = critics.iter().map(|[w, v]| w * a + v - y).collect();
    near(metrics.critic_loss, errors.iter().map(|error| error * error).sum());
    near(metrics.q_mean, critics[0][0] * a + critics[0][1]);
    let moved: Vec<_> = critics
        .iter()
        .zip(&errors)
        .map(|([w, v], error)| [w - step(2.0 * a * error), v - step(2.0 * error)])
        .collect();
    for (i, [w, v]) in moved.iter().enumerate() {
        let (ours, target) =
            (agent.critics()[i].params().as_slice(), agent.targets()[i].as_slice());
        near(ours[1], *w);
        near(ours[2], *v);
        near(target[1], toward(targets[i][0], *w));
        near(target[2], toward(targets[i][1], *v));
    }
    // J_π = −(w tanh b + v) with the critic that has just moved: the slope in b is −w (1 − tanh² b).
    let [w, v] = moved[0];
    near(metrics.actor_loss.unwrap(), -(w * b.tanh() + v));
    let b_moved = b + step(w * (1.0 - b.tanh().powi(2)));
    near(agent.actor().params().as_slice()[1], b_moved);
    near(agent.actor_target().as_slice()[1], toward(b_target, b_moved));
}

#[test]
fn a_linear_critic_and_policy_move_as_in_closed_form() {
    let b = [0.4, -0.7_f64];
    let (critics, targets) = ([[1.5, 0.2], [-0.3, 0.1]], [[1.0, 0.3], [4.0, -0.1]]);
    let td3 = Td3Config { policy_delay: 1, net_arch: vec![].into(), gamma: 0.5, ..config() };
    let td3 = linear::<Td3<f64>>(td3, b, &critics, &targets);
    moves_as_in_closed_form(td3, b, &critics, &targets, [b[1].tanh() + 0.2 * 0.8, 0.8]);
    let ddpg = DdpgConfig { net_arch: vec![].into(), gamma: 0.5, ..ddpg_config() };
    let ddpg = linear::<Ddpg<f64>>(ddpg, b, &critics[..1], &targets[..1]);
    moves_as_in_closed_form(ddpg, b, &critics[..1], &targets[..1], [b[1].tanh(), f64::NAN]);
}

// ── DDPG ───────────────────────────────────────────────────────────────────────────────────────

pub fn ddpg_config() -> DdpgConfig {
    DdpgConfig {
        net_arch: vec![16, 16].into(),
        learning_rate: ETA,
        tau: TAU,
        ..DdpgConfig::default()
    }
}

pub fn ddpg<T: Scalar>() -> Ddpg<T> {
    Ddpg::new(ddpg_config(), OBSERVATIONS, ACTIONS, &mut stream(4, Purpose::Init)).unwrap()
}

#[test]
fn the_target_of_ddpg_is_the_value_at_the_target_policys_action() {
    // y = 1 + 0.5 (3 tanh(−0.7) − 0.2), and 1 at the end; the policy is at tanh(2), the critic at 0.
    let config = DdpgConfig { net_arch: vec![].into(), gamma: 0.5, ..ddpg_config() };
    let mut batch = steady(2);
    batch.terminated[[1, 0]] = 1.0;
    let mut ddpg: Ddpg<f64> = linear(config, [2.0, -0.7], &[[0.0; 2]], &[[3.0, -0.2]]);
    let loss = ddpg.update(&batch, &NoNoise).unwrap().critic_loss;
    let y = 1.0 + 0.5 * (3.0 * (-0.7_f64).tanh() - 0.2);
    assert!((loss - (y * y + 1.0) / 2.0).abs() < 1e-14, "{loss}");
}

#[test]
fn td3_less_its_three_parts_is_ddpg() {
    let reduced = Td3Config { n_critics: 1, policy_delay: 1, target_policy_noise: 0.0, ..config() };
    let mut ddpg = ddpg::<f64>();
    let mut td3 = learner::<f64>(reduced);
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..5 {
        let (batch, noise) = inputs(BATCH, numbers);
        let ours: UpdateMetrics = ddpg.update(&batch, &NoNoise).unwrap();
        assert_eq!(ours, td3.update(&batch, &noise).unwrap());
        assert_eq!(crate::agents::shown(&mut ddpg), crate::agents::shown(&mut td3));
    }
}

// ── Numbers ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn acting_changes_nothing_learned() {
    let (mut acts, mut rests) = (learner::<f64>(config()), learner::<f64>(config()));
    let numbers = &mut stream(6, Purpose::Policy);
    for _ in 0..4 {
        let (batch, noise) = inputs(BATCH, numbers);
        let (policy, phi) = acts.policy();
        let (mut scratch, mut action) = (softac::nn::Scratch::default(), [0.0; ACTIONS]);
        let s = [0.1, 0.2, 0.3];
        softac::policy::Policy::act(policy, phi.as_slice(), &s, None, &mut scratch, &mut action);
        acts.update(&batch, &noise).unwrap();
        rests.update(&batch, &noise).unwrap();
    }
    assert_eq!(acts.learned(), rests.learned());
}

/// Rows that make several shards, the last with fewer rows, of networks as small as these.
const MANY: usize = 70_001;

#[test]
fn a_batch_in_shards_is_learned_from_as_a_whole() {
    let mut td3 = learner::<f64>(config());
    let mut by_hand = ByHand::new(learner(config()), Wrong::Nothing);
    let (batch, noise) = inputs(MANY, &mut stream(7, Purpose::Policy));
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-10 * b.abs().max(1.0), "{a} {b}");
    for _ in 0..2 {
        let shards = Algorithm::update(&mut td3, &batch, &noise).unwrap();
        let whole = by_hand.learn(&batch, &noise);
        near(shards.critic_loss, whole.critic_loss);
        near(shards.q_mean, whole.q_mean);
        assert_eq!(shards.actor_loss.is_some(), whole.actor_loss.is_some());
        shards.actor_loss.zip(whole.actor_loss).into_iter().for_each(|(a, b)| near(a, b));
        let (learned, expected) = (td3.learned(), by_hand.learned());
        let flat = |learned: Learned| {
            [vec![learned.phi, learned.phi_target], learned.thetas, learned.targets].concat()
        };
        for (ours, theirs) in flat(learned).iter().zip(&flat(expected)) {
            ours.iter().zip(theirs).for_each(|(&a, &b)| near(a, b));
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    fn learned<A: Agent<f32>>(threads: usize, make: fn() -> A) -> Vec<Vec<f32>> {
        let batch = batch(MANY, &mut stream(8, Purpose::Policy));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let states = pool.install(|| {
            let (mut agent, noise) =
                (make(), noise::<f32, A>(MANY, &mut stream(9, Purpose::Policy)));
            for _ in 0..2 {
                agent.update(&batch, &noise).unwrap();
            }
            crate::agents::shown(&mut agent)
        });
        states.into_values().collect()
    }
    fn td3() -> Td3<f32> {
        learner(config())
    }
    let alone = (learned(1, td3), learned(1, ddpg));
    for threads in [2, 4] {
        assert_eq!((learned(threads, td3), learned(threads, ddpg)), alone, "{threads} threads");
    }
}

// ── Refusals ───────────────────────────────────────────────────────────────────────────────────

/// A case, and what is wrong in it.
type Spoil<A> = (&'static str, fn(&mut Batch<f64>, &mut <A as Algorithm<f64>>::Noise));

fn refuses<A: Agent<f64>>(make: fn() -> A, more: &[Spoil<A>]) {
    let cases: [Spoil<A>; 7] = [
        ("longer observations", |b, _| b.observations = Array2::zeros((BATCH, OBSERVATIONS + 1))),
        ("fewer observations", |b, _| b.observations = Array2::zeros((BATCH - 1, OBSERVATIONS))),
        ("longer actions", |b, _| b.actions = Array2::zeros((BATCH, ACTIONS + 1))),
        ("rewards in a row", |b, _| b.rewards = Array2::zeros((1, BATCH))),
        ("one flag for all", |b, _| b.terminated = Array2::zeros((1, 1))),
        ("fewer next observations", |b, _| b.next_observations = Array2::zeros((1, OBSERVATIONS))),
        ("nothing at all", |b, n| (*b, *n) = (Batch::new(0, 3, 2), A::Noise::new(0, 2))),
    ];
    for (case, spoil) in cases.iter().chain(more) {
        let mut agent = make();
        let numbers = &mut stream(6, Purpose::Policy);
        let (mut batch, mut noise) = (batch(BATCH, numbers), noise::<f64, A>(BATCH, numbers));
        spoil(&mut batch, &mut noise);
        let before = (agent.fingerprint(), agent.updates());
        assert!(agent.update(&batch, &noise).is_err(), "{case}");
        assert_eq!((agent.fingerprint(), agent.updates()), before, "{case}");
    }
}

#[test]
fn wrong_shapes_are_an_error_that_changes_nothing() {
    let noise: [Spoil<Td3<f64>>; 2] = [
        ("noise drawn once for the batch", |_, n| n.next = Array2::zeros((1, ACTIONS))),
        ("noise of one action", |_, n| n.next = Array2::zeros((BATCH, 1))),
    ];
    refuses(|| learner(config()), &noise);
    refuses(ddpg, &[]);
}
