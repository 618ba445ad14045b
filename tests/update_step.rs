//! The update step: its order, its intervals, what each part changes, and what it reports.
//!
//! That its numbers are right is held by `pytorch_parity.rs`.

use ndarray::Array2;
use softac::Scalar;
use softac::nn::{Adam, AdamConfig, polyak};
use softac::policy::entropy;
use softac::random::{Purpose, Stream, fill_normal, stream};
use softac::replay::Batch;
use softac::sac::{
    ActorMetrics, EntCoef, Noise, Sac, SacConfig, UpdateMetrics, actor_loss, critic_loss, q_min,
    soft_target, temperature_loss,
};
use softac::tape::Tape;

const OBSERVATIONS: usize = 3;
const ACTIONS: usize = 2;
const BATCH: usize = 8;

fn config() -> SacConfig {
    SacConfig {
        net_arch: vec![16, 16],
        learning_rate: 1e-2,
        tau: 0.1,
        ent_coef: EntCoef::Auto { initial: 0.3 },
        ..SacConfig::default()
    }
}

fn learner<T: Scalar>(config: SacConfig) -> Sac<T> {
    Sac::new(config, OBSERVATIONS, ACTIONS, &mut stream(4, Purpose::Init)).unwrap()
}

/// A random batch with its noise.
fn inputs<T: Scalar>(rows: usize, numbers: &mut Stream) -> (Batch<T>, Noise<T>) {
    let mut batch = Batch::new(rows, OBSERVATIONS, ACTIONS);
    let Batch { observations, actions, rewards, next_observations, .. } = &mut batch;
    for matrix in [observations, actions, rewards, next_observations] {
        fill_normal(matrix.as_slice_mut().unwrap(), numbers);
    }
    batch.actions.mapv_inplace(T::tanh);
    batch.terminated[[rows - 1, 0]] = T::one();
    let mut noise = Noise::new(rows, ACTIONS);
    noise.draw(numbers);
    (batch, noise)
}

fn updates<T: Scalar>(sac: &mut Sac<T>, count: usize) -> Vec<UpdateMetrics> {
    let numbers = &mut stream(5, Purpose::Policy);
    let inputs = (0..count).map(|_| inputs(BATCH, numbers));
    inputs.map(|(batch, noise)| sac.update(&batch, &noise).unwrap()).collect()
}

/// Everything learned: policy, critics, targets, log α.
#[derive(Clone, Debug, PartialEq)]
struct Learned<T> {
    phi: Vec<T>,
    thetas: Vec<Vec<T>>,
    targets: Vec<Vec<T>>,
    log_alpha: Option<T>,
}

fn learned<T: Scalar>(sac: &Sac<T>) -> Learned<T> {
    Learned {
        phi: sac.actor().params().as_slice().to_vec(),
        thetas: sac.critics().iter().map(|critic| critic.params().as_slice().to_vec()).collect(),
        targets: sac.targets().iter().map(|target| target.as_slice().to_vec()).collect(),
        log_alpha: sac.log_alpha().map(|trained| trained.params().as_slice()[0]),
    }
}

// ── Order ──────────────────────────────────────────────────────────────────────────────────────

/// The update written out with the public equations, every step on a tape of its own.
fn update_by_hand(
    sac: &Sac<f64>,
    now: &mut Learned<f64>,
    adams: &mut [Adam<f64>; 4],
    (batch, noise): &(Batch<f64>, Noise<f64>),
) -> UpdateMetrics {
    let (policy, critic, config) = (sac.policy(), sac.critic(), sac.config());
    let Batch { observations, actions, rewards, next_observations, terminated } = batch;
    let [adam_phi, adam_first, adam_second, adam_alpha] = adams;
    // 0. α
    let alpha = now.log_alpha.unwrap().exp();

    // 1. Targets
    let tape = Tape::new();
    let s = tape.constant(next_observations);
    let next = policy.sample(tape.frozen(&now.phi), s, tape.constant(&noise.next));
    let q = q_min(now.targets.iter().map(|theta| {
        critic.forward(tape.frozen(theta), s.concat(next.action)) // [B, 1]
    }));
    let (r, d) = (tape.constant(rewards), tape.constant(terminated));
    let y = soft_target(r, d, q, tape.scalar(alpha), next.log_pi, config.gamma).value().unwrap();

    // 2. Critics
    let (mut losses, mut q_means) = (Vec::new(), Vec::new());
    for (theta, adam) in now.thetas.iter_mut().zip([adam_first, adam_second]) {
        let tape = Tape::new();
        let leaf = tape.params(theta);
        let q = critic.forward(leaf, tape.constant(observations).concat(tape.constant(actions)));
        let loss = critic_loss(q, tape.constant(&y));
        losses.push(loss.item().unwrap());
        q_means.push(q.mean().item().unwrap());
        let gradient = loss.backward().unwrap().leaf(leaf).to_vec();
        adam.step(theta, &gradient);
    }

    // 3. Policy, judged by the critics of step 2
    let tape = Tape::new();
    let (s, leaf) = (tape.constant(observations), tape.params(&now.phi));
    let sample = policy.sample(leaf, s, tape.constant(&noise.current));
    let q = q_min(now.thetas.iter().map(|theta| {
        critic.forward(tape.frozen(theta), s.concat(sample.action)) // [B, 1]
    }));
    let loss = actor_loss(tape.scalar(alpha), sample.log_pi, q);
    let gradient = loss.backward().unwrap().leaf(leaf).to_vec();
    let (actor_loss, entropy) = (loss.item().unwrap(), entropy(sample.log_pi).item().unwrap());
    let log_pi = sample.log_pi.value().unwrap();
    adam_phi.step(&mut now.phi, &gradient);

    // 4. Temperature, from the log π of step 3
    let mut log_alpha = [now.log_alpha.unwrap()];
    let tape = Tape::new();
    let leaf = tape.params(&log_alpha);
    let loss = temperature_loss(leaf, tape.constant(&log_pi), -(ACTIONS as f64));
    let gradient = loss.backward().unwrap().leaf(leaf).to_vec();
    let ent_coef_loss = Some(loss.item().unwrap());
    adam_alpha.step(&mut log_alpha, &gradient);
    now.log_alpha = Some(log_alpha[0]);

    // 5. Target critics
    for (target, theta) in now.targets.iter_mut().zip(&now.thetas) {
        polyak(target, theta, config.tau);
    }
    UpdateMetrics {
        critic_loss: losses.iter().sum(),
        q_mean: q_means[0],
        ent_coef: alpha,
        actor: Some(ActorMetrics { actor_loss, entropy, ent_coef_loss }),
    }
}

#[test]
fn an_update_is_its_equations_in_the_documented_order_and_reports_them() {
    let mut sac = learner::<f64>(config());
    let mut by_hand = learned(&sac);
    let rate = AdamConfig::with_learning_rate(sac.config().learning_rate);
    let sizes = [by_hand.phi.len(), by_hand.thetas[0].len(), by_hand.thetas[1].len(), 1];
    let mut adams = sizes.map(|len| Adam::new(len, rate));
    let numbers = &mut stream(5, Purpose::Policy);
    // Batches of different sizes, so that nothing in a kept buffer can pass for new.
    for rows in [BATCH, 3, 11] {
        let inputs = inputs(rows, numbers);
        let expected = update_by_hand(&sac, &mut by_hand, &mut adams, &inputs);
        let metrics = sac.update(&inputs.0, &inputs.1).unwrap();
        assert_eq!(metrics, expected);
        assert_eq!(learned(&sac), by_hand);
    }
}

#[test]
fn the_numbers_reported_belong_together() {
    let mut sac = learner::<f64>(config());
    let numbers = &mut stream(5, Purpose::Policy);
    for _ in 0..5 {
        let alpha = sac.alpha();
        let (batch, noise) = inputs(BATCH, numbers);
        let metrics = sac.update(&batch, &noise).unwrap();
        assert_eq!(metrics.ent_coef, alpha, "the temperature before the update");
        assert_ne!(metrics.ent_coef, sac.alpha());
        // J(α) = E[−α (log π + H̄)] = α (Ĥ − H̄), with H̄ = −dim(A).
        let actor = metrics.actor.unwrap();
        let loss = alpha * (actor.entropy + ACTIONS as f64);
        assert!((actor.ent_coef_loss.unwrap() - loss).abs() < 1e-14);
    }
}

// ── Intervals ──────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_intervals_count_updates() {
    let mut sac =
        learner::<f64>(SacConfig { policy_delay: 2, target_update_interval: 3, ..config() });
    let numbers = &mut stream(5, Purpose::Policy);
    for n in 1..=12_u64 {
        let before = learned(&sac);
        let (batch, noise) = inputs(BATCH, numbers);
        let metrics = sac.update(&batch, &noise).unwrap();
        let after = learned(&sac);
        let critics =
            before.thetas.iter().zip(&after.thetas).all(|(before, after)| before != after);
        assert!(critics, "update {n}");
        assert_eq!(before.phi != after.phi, n % 2 == 0, "update {n}");
        assert_eq!(before.log_alpha != after.log_alpha, n % 2 == 0, "update {n}");
        assert_eq!(metrics.actor.is_some(), n % 2 == 0, "update {n}");
        assert_eq!(before.targets != after.targets, n % 3 == 0, "update {n}");
    }
    assert_eq!(sac.updates(), 12);
    assert_eq!([sac.actor(), sac.log_alpha().unwrap()].map(|set| set.adam().steps()), [6, 6]);
    assert!(sac.critics().iter().all(|critic| critic.adam().steps() == 12));
}

// ── What each part changes ─────────────────────────────────────────────────────────────────────

#[test]
fn the_targets_begin_as_exact_copies_of_critics_that_differ() {
    let Learned { thetas, targets, .. } = learned(&learner::<f64>(config()));
    assert_eq!(thetas, targets);
    assert_ne!(thetas[0], thetas[1]);
}

#[test]
fn the_policys_update_does_not_touch_the_critics() {
    let mut with = learner::<f64>(config());
    let mut without = learner::<f64>(SacConfig { policy_delay: 2, ..config() });
    updates(&mut with, 1);
    updates(&mut without, 1);
    let (with, without) = (learned(&with), learned(&without));
    assert_ne!(with.phi, without.phi);
    assert_eq!((with.thetas, with.targets), (without.thetas, without.targets));
}

#[test]
fn targets_stay_for_tau_zero_and_are_the_critics_for_tau_one() {
    let mut still = learner::<f64>(SacConfig { tau: 0.0, ..config() });
    let before = learned(&still);
    updates(&mut still, 5);
    assert_eq!(learned(&still).targets, before.targets);

    let mut copied = learner::<f64>(SacConfig { tau: 1.0, ..config() });
    updates(&mut copied, 5);
    let after = learned(&copied);
    assert_eq!(after.targets, after.thetas);
    assert_ne!(after.targets, before.targets);
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
    acts.act(&[0.1, 0.2, 0.3], None, &mut action);
    acts.act(&[0.1, 0.2, 0.3], Some(&[1.0, -1.0]), &mut action);
    updates(&mut acts, 2);
    updates(&mut rests, 2);
    assert_eq!(learned(&acts), learned(&rests));
}

// ── Numbers ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn equal_inputs_give_equal_bits() {
    fn run<T: Scalar>() -> (Vec<UpdateMetrics>, Learned<T>) {
        let mut sac = learner(config());
        (updates(&mut sac, 5), learned(&sac))
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
    let (single, double) = (learned(&single), learned(&double));
    let distance = |single: &[f32], double: &[f64]| {
        let squares = single.iter().zip(double).map(|(x, y)| (x.as_f64() - y).powi(2));
        (squares.sum::<f64>() / double.len() as f64).sqrt()
    };
    assert!(distance(&single.phi, &double.phi) < 1e-5);
    for (single, double) in single.thetas.iter().zip(&double.thetas) {
        assert!(distance(single, double) < 1e-5);
    }
}

// ── Refusals ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn wrong_shapes_are_an_error_after_which_the_learner_still_learns() {
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
        assert!(sac.update(&batch, &noise).is_err(), "{case}");
        let before = learned(&sac);
        let after = updates(&mut sac, 1);
        assert!(after[0].critic_loss.is_finite(), "{case}");
        assert_ne!(learned(&sac), before, "{case}");
    }
}
