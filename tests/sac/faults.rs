//! Numbers that are not finite: what an update says of them, and what it leaves as it was.

use softac::Scalar;
use softac::agent::Algorithm;
use softac::nn::Adam;
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::{
    EntCoef, Noise, NotFinite, Sac, SacConfig, Stage, Sweep, TargetEntropy, UpdateError,
};

use crate::update::{BATCH, MANY, config, inputs, learner};

const STAGES: [Stage; 4] = [Stage::Targets, Stage::Critics, Stage::Actor, Stage::Temperature];

/// Everything that an update may change, to the bit: of the targets, of the critics, of policy and
/// temperature; and the updates so far.
#[derive(Clone, Debug, PartialEq)]
struct State {
    targets: Vec<Vec<u64>>,
    critics: Vec<(Vec<u64>, Adam<f32>)>,
    others: Vec<(Vec<u64>, Adam<f32>)>,
    updates: u64,
}

fn bits<T: Scalar>(numbers: &[T]) -> Vec<u64> {
    numbers.iter().map(|x| x.as_f64().to_bits()).collect()
}

fn state(sac: &Sac<f32>) -> State {
    let trained =
        |set: &softac::sac::Trained<f32>| (bits(set.params().as_slice()), set.adam().clone());
    State {
        targets: sac.targets().iter().map(|target| bits(target.as_slice())).collect(),
        critics: sac.critics().iter().map(trained).collect(),
        others: [sac.actor()].into_iter().chain(sac.log_alpha()).map(trained).collect(),
        updates: sac.updates(),
    }
}

/// What is to be wrong, and what is then to be said: stage, critic, quantity, value, operation.
struct Case {
    spoil: fn(&mut Sac<f32>, &mut Batch<f32>, &mut Noise<f32>),
    stage: Stage,
    critic: Option<usize>,
    quantity: &'static str,
    value: f64,
    operation: Option<(&'static str, Sweep)>,
}

fn not_finite(error: UpdateError) -> NotFinite {
    let UpdateError::NotFinite(fault) = error else { panic!("{error}") };
    *fault
}

/// Spoils a healthy learner and its inputs; checks what the update says and that it has changed nothing that
/// the stage was computed from; and that `diagnose` finds the same.
fn check(config: SacConfig, case: &Case) {
    let mut sac = learner::<f32>(config);
    let numbers = &mut stream(6, Purpose::Policy);
    let (mut batch, mut noise) = inputs(BATCH, numbers);
    sac.update(&batch, &noise).unwrap();
    (case.spoil)(&mut sac, &mut batch, &mut noise);
    let before = state(&sac);

    let error = sac.update(&batch, &noise).unwrap_err();
    let fault = not_finite(error.clone());
    let Case { stage, critic, quantity, value, operation, .. } = *case;
    assert_eq!((fault.stage, fault.critic, fault.quantity.as_str()), (stage, critic, quantity));
    let same = fault.value == value || (fault.value.is_nan() && value.is_nan());
    assert!(same, "{error}");
    assert_eq!(fault.operation.map(|found| (found.name, found.sweep)), operation, "{error}");
    assert!(fault.operation.is_none_or(|found| !found.value.is_finite()), "{error}");

    let after = state(&sac);
    assert_eq!((&after.others, after.updates), (&before.others, before.updates), "{quantity}");
    let critics_moved = after.critics != before.critics && after.targets != before.targets;
    assert_eq!(critics_moved, stage > Stage::Critics, "{quantity}");
    if !critics_moved {
        assert_eq!(after, before, "{quantity}");
    }
    assert_eq!(sac.diagnose(stage, &batch, &noise), Err(error), "{quantity}");
    assert_eq!(state(&sac), after, "{quantity}");
}

fn set(params: &mut softac::nn::Params<f32>, name: &str, at: [usize; 2], value: f32) {
    let block = params.blocks().iter().find(|block| block.name == name).unwrap().clone();
    params.as_mut_slice()[block.start + at[0] * block.shape[1] + at[1]] = value;
}

fn scale(params: &mut softac::nn::Params<f32>, factor: f32) {
    params.as_mut_slice().iter_mut().for_each(|x| *x *= factor);
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Cases in which an input is at fault.
type InputCase =
    (Stage, Option<usize>, &'static str, f64, fn(&mut Sac<f32>, &mut Batch<f32>, &mut Noise<f32>));

#[test]
fn an_input_that_is_not_finite_is_named_and_nothing_that_needs_it_is_changed() {
    use Stage::{Actor, Critics, Targets};
    let cases: [InputCase; 15] = [
        (Targets, None, "reward of transition 5", INF, |_, b, _| b.rewards[[5, 0]] = f32::INFINITY),
        (Targets, None, "reward of transition 0", -INF, |_, b, _| {
            b.rewards.fill(f32::NEG_INFINITY);
        }),
        (Targets, None, "terminated of transition 7", NAN, |_, b, _| {
            b.terminated[[7, 0]] = f32::NAN;
        }),
        (Targets, None, "next observation[1] of transition 2", NAN, |_, b, _| {
            b.next_observations[[2, 1]] = f32::NAN;
        }),
        (Targets, None, "noise[1] of transition 3", INF, |_, _, n| {
            n.next[[3, 1]] = f32::INFINITY;
        }),
        (Targets, None, "parameter `0.weight`[1, 3]", NAN, |sac, _, _| {
            set(sac.actor_mut().params_mut(), "0.weight", [1, 3], f32::NAN);
        }),
        (Targets, Some(1), "parameter `1.bias`[2]", NAN, |sac, _, _| {
            set(&mut sac.targets_mut()[1], "1.bias", [0, 2], f32::NAN);
        }),
        (Targets, None, "alpha", INF, |sac, _, _| {
            sac.log_alpha_mut().unwrap().params_mut().as_mut_slice()[0] = 200.0;
        }),
        (Targets, None, "parameter `log_alpha`[0]", NAN, |sac, _, _| {
            sac.log_alpha_mut().unwrap().params_mut().as_mut_slice()[0] = f32::NAN;
        }),
        (Critics, Some(1), "parameter `0.weight`[4, 15]", NAN, |sac, _, _| {
            set(sac.critics_mut()[1].params_mut(), "0.weight", [4, 15], f32::NAN);
        }),
        (Critics, Some(0), "parameter `2.bias`[0]", INF, |sac, _, _| {
            set(sac.critics_mut()[0].params_mut(), "2.bias", [0, 0], f32::INFINITY);
        }),
        (Critics, None, "observation[0] of transition 4", NAN, |_, b, _| {
            b.observations[[4, 0]] = f32::NAN;
        }),
        (Critics, None, "action[1] of transition 2", NAN, |_, b, _| {
            b.actions[[2, 1]] = f32::NAN;
        }),
        (Actor, None, "noise[0] of transition 1", NAN, |_, _, n| n.current[[1, 0]] = f32::NAN),
        (Actor, None, "noise[0] of transition 6", -INF, |_, _, n| {
            n.current[[6, 0]] = f32::NEG_INFINITY;
        }),
    ];
    for (stage, critic, quantity, value, spoil) in cases {
        check(config(), &Case { spoil, stage, critic, quantity, value, operation: None });
    }
}

#[test]
fn a_parameter_that_is_not_finite_is_found_in_every_one_of_five_critics() {
    fn in_critic<const I: usize>(sac: &mut Sac<f32>, _: &mut Batch<f32>, _: &mut Noise<f32>) {
        set(sac.critics_mut()[I].params_mut(), "2.bias", [0, 0], f32::NAN);
    }
    let spoil = [in_critic::<0>, in_critic::<1>, in_critic::<2>, in_critic::<3>, in_critic::<4>];
    for (i, spoil) in spoil.into_iter().enumerate() {
        let (stage, critic) = (Stage::Critics, Some(i));
        let quantity = "parameter `2.bias`[0]";
        let case = Case { spoil, stage, critic, quantity, value: NAN, operation: None };
        check(SacConfig { n_critics: 5, ..config() }, &case);
    }
}

#[test]
fn an_overflow_is_traced_to_its_operation_and_nothing_is_changed() {
    use Sweep::{Backward, Forward};
    let cases = [
        Case {
            spoil: |sac, _, _| scale(sac.actor_mut().params_mut(), 1e30),
            stage: Stage::Targets,
            critic: None,
            quantity: "target of transition 0",
            value: NAN,
            operation: Some(("linear_relu", Forward)),
        },
        Case {
            spoil: |sac, _, _| scale(sac.critics_mut()[1].params_mut(), 1e30),
            stage: Stage::Critics,
            critic: Some(1),
            quantity: "Q of transition 0",
            value: NAN,
            operation: Some(("linear_relu", Forward)),
        },
        // (Q − y)² overflows.
        Case {
            spoil: |_, b, _| b.rewards[[3, 0]] = 1e25,
            stage: Stage::Critics,
            critic: Some(0),
            quantity: "loss",
            value: INF,
            operation: Some(("square", Forward)),
        },
        // Q is moderate, because its large last weights meet small units; the units' adjoints are not.
        Case {
            spoil: |sac, b, _| {
                let critic = sac.critics_mut()[1].params_mut();
                critic.set("1.weight", &[0.0; 256]).unwrap();
                critic.set("1.bias", &[1e-6; 16]).unwrap();
                critic.set("2.weight", &[1e22; 16]).unwrap();
                b.rewards.fill(1e18);
            },
            stage: Stage::Critics,
            critic: Some(1),
            quantity: "gradient of `0.weight`[0, 0]",
            value: NAN,
            operation: Some(("linear", Backward)),
        },
        // ξ² overflows.
        Case {
            spoil: |_, _, n| n.current[[2, 1]] = 1e20,
            stage: Stage::Actor,
            critic: None,
            quantity: "log_pi of transition 2",
            value: -INF,
            operation: Some(("square", Forward)),
        },
    ];
    for case in &cases {
        check(config(), case);
    }
}

#[test]
fn a_bad_temperature_keeps_the_policy_from_moving_too() {
    let target_entropy = TargetEntropy::Nats(-3e37);
    let case = Case {
        // J(α) = −α (log π + H̄), with α = e³.
        spoil: |sac, _, _| sac.log_alpha_mut().unwrap().params_mut().as_mut_slice()[0] = 3.0,
        stage: Stage::Temperature,
        critic: None,
        quantity: "loss",
        value: INF,
        operation: Some(("mul", Sweep::Forward)),
    };
    check(SacConfig { target_entropy, ..config() }, &case);
}

#[test]
fn a_fixed_temperature_beyond_single_precision_is_named() {
    let mut sac = learner::<f32>(SacConfig { ent_coef: EntCoef::Fixed(1e39), ..config() });
    let (batch, noise) = inputs(BATCH, &mut stream(6, Purpose::Policy));
    let fault = not_finite(sac.update(&batch, &noise).unwrap_err());
    assert_eq!((fault.stage, fault.quantity.as_str()), (Stage::Targets, "alpha"));
}

#[test]
fn parameters_that_a_step_made_infinite_are_found_by_the_next_sweep_that_uses_them() {
    // In single precision, the learning rate is infinite: the critics' step is, and the policy's sweep sees it.
    let mut sac = learner::<f32>(SacConfig { learning_rate: 1e39, ..config() });
    let (batch, noise) = inputs(BATCH, &mut stream(6, Purpose::Policy));
    let fault = not_finite(sac.update(&batch, &noise).unwrap_err());
    assert_eq!((fault.stage, fault.critic), (Stage::Actor, Some(0)));
    assert_eq!(fault.quantity, "parameter `0.weight`[0, 0]");
}

#[test]
fn the_message_says_stage_critic_quantity_value_and_operation() {
    let mut sac = learner::<f32>(config());
    let (mut batch, noise) = inputs(BATCH, &mut stream(6, Purpose::Policy));
    batch.rewards[[3, 0]] = 1e25;
    let message = sac.update(&batch, &noise).unwrap_err().to_string();
    let expected = "critics (critic 0): loss is inf; first at `square`, which gave inf at [3, 0]";
    assert_eq!(message, expected);
    batch.rewards[[3, 0]] = f32::NAN;
    let message = sac.update(&batch, &noise).unwrap_err().to_string();
    assert_eq!(message, "targets: reward of transition 3 is NaN");
}

#[test]
fn diagnosing_a_healthy_learner_finds_nothing_and_changes_nothing() {
    for ent_coef in [EntCoef::Auto { initial: 0.3 }, EntCoef::Fixed(0.2)] {
        let learner = || learner::<f32>(SacConfig { ent_coef, ..config() });
        let (mut diagnosed, mut other) = (learner(), learner());
        let numbers = &mut stream(6, Purpose::Policy);
        for _ in 0..3 {
            let (batch, noise) = inputs(BATCH, numbers);
            for stage in STAGES {
                assert_eq!(diagnosed.diagnose(stage, &batch, &noise), Ok(()));
            }
            let both = [&mut diagnosed, &mut other];
            let metrics = both.map(|sac| sac.update(&batch, &noise).unwrap());
            assert_eq!(metrics[0], metrics[1]);
            assert_eq!(state(&diagnosed), state(&other));
        }
    }
}

#[test]
fn an_update_can_go_on_once_the_fault_is_mended() {
    let (mut faulty, mut other) = (learner::<f32>(config()), learner::<f32>(config()));
    let (mut batch, noise) = inputs(BATCH, &mut stream(6, Purpose::Policy));
    let reward = core::mem::replace(&mut batch.rewards[[1, 0]], f32::NAN);
    faulty.update(&batch, &noise).unwrap_err();
    batch.rewards[[1, 0]] = reward;
    let metrics = [&mut faulty, &mut other].map(|sac| sac.update(&batch, &noise).unwrap());
    assert_eq!(metrics[0], metrics[1]);
    assert_eq!(state(&faulty), state(&other));
}

/// Of several faults, the one in the first shard is reported, whichever thread is done first.
#[test]
fn a_fault_in_any_shard_is_found_on_any_number_of_threads() {
    let find = || {
        let mut sac = learner::<f32>(config());
        let (mut batch, noise) = inputs(MANY, &mut stream(7, Purpose::Policy));
        let last = MANY - 1;
        let mut faults = vec![];
        batch.next_observations[[last, 0]] = f32::NAN;
        faults.push(not_finite(sac.update(&batch, &noise).unwrap_err()));
        batch.rewards[[3, 0]] = f32::NAN;
        faults.push(not_finite(sac.update(&batch, &noise).unwrap_err()));
        assert_eq!(faults[0].quantity, format!("next observation[0] of transition {last}"));
        assert_eq!(faults[1].quantity, "reward of transition 3");
        faults
    };
    let faults = find();
    assert_eq!(find(), faults);
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(find), faults, "{threads} threads");
    }
}
