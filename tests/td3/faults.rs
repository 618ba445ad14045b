//! Numbers that are not finite: what an update of TD3 or DDPG says of them, and what it leaves as it was.

use std::collections::BTreeMap;

use softac::agent::{Algorithm, NotFinite, Stage, UpdateError};
use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
use softac::algorithms::td3::Td3;
use softac::nn::Params;
use softac::random::{Purpose, stream};
use softac::replay::Batch;

use crate::agents::{Agent, shown};
use crate::update::{BATCH, batch, config, ddpg, learner, noise};

/// Everything that an agent has learned, to the bit, that of the policy apart; and a hash of all there is.
#[derive(Clone, Debug, PartialEq)]
struct State {
    policy: BTreeMap<String, Vec<u32>>,
    critics: BTreeMap<String, Vec<u32>>,
    all: u64,
    updates: u64,
}

fn state<A: Agent<f32>>(agent: &mut A) -> State {
    let bits = |(name, numbers): (String, Vec<f32>)| {
        (name, numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
    };
    let shown = shown(agent).into_iter().map(bits);
    let (policy, critics) = shown.partition(|(name, _)| name.starts_with("actor"));
    State { policy, critics, all: agent.fingerprint(), updates: agent.updates() }
}

/// What is to be wrong, and what is then to be said: stage, critic, quantity, value.
struct Case<A: Agent<f32>> {
    stage: Stage,
    critic: Option<usize>,
    quantity: &'static str,
    value: f64,
    spoil: fn(&mut A, &mut Batch<f32>, &mut A::Noise),
}

fn not_finite(error: UpdateError) -> NotFinite {
    let UpdateError::NotFinite(fault) = error else { panic!("{error}") };
    *fault
}

/// Spoils a healthy agent and its inputs, before an update in which the policy is due; checks what the update says and
/// that it has changed nothing that the stage was computed from; that `diagnose` finds the same; and that everything
/// goes on once it is mended.
fn check<A: Agent<f32>>(make: fn() -> A, case: &Case<A>) {
    let Case { stage, critic, quantity, value, spoil } = *case;
    let mut agent = make();
    let numbers = &mut stream(6, Purpose::Policy);
    let (mut batch, mut noise) = (batch(BATCH, numbers), noise::<f32, A>(BATCH, numbers));
    agent.update(&batch, &noise).unwrap();
    spoil(&mut agent, &mut batch, &mut noise);
    let before = state(&mut agent);

    let error = agent.update(&batch, &noise).unwrap_err();
    let fault = not_finite(error.clone());
    assert_eq!((fault.stage, fault.critic, fault.quantity.as_str()), (stage, critic, quantity));
    assert!(fault.value == value || (fault.value.is_nan() && value.is_nan()), "{error}");

    let after = state(&mut agent);
    assert_eq!((&after.policy, after.updates), (&before.policy, before.updates), "{quantity}");
    assert_eq!(after.critics != before.critics, stage > Stage::Critics, "{quantity}");
    assert_eq!(after != before, stage > Stage::Critics, "{quantity}");
    assert_eq!(agent.diagnose(stage, &batch, &noise), Err(error), "{quantity}");
    assert_eq!(state(&mut agent), after, "{quantity}");
}

fn set(params: &mut Params<f32>, name: &str, at: [usize; 2], value: f32) {
    let block = params.blocks().iter().find(|block| block.name == name).unwrap().clone();
    params.as_mut_slice()[block.start + at[0] * block.shape[1] + at[1]] = value;
}

fn td3() -> Td3<f32> {
    learner(config())
}

/// All inputs but the noise, which DDPG has not.
fn cases<A: Agent<f32>>() -> Vec<Case<A>> {
    use Stage::{Actor, Critics, Targets};
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    macro_rules! cases {
        ($(($stage:expr, $critic:expr, $quantity:expr, $value:expr, $spoil:expr),)+) => {
            vec![$(Case {
                stage: $stage,
                critic: $critic,
                quantity: $quantity,
                value: $value,
                spoil: $spoil,
            },)+]
        };
    }
    cases![
        (Targets, None, "reward of transition 5", INF, |_, b, _| {
            b.rewards[[5, 0]] = f32::INFINITY;
        }),
        (Targets, None, "terminated of transition 7", NAN, |_, b, _| {
            b.terminated[[7, 0]] = f32::NAN;
        }),
        (Targets, None, "next observation[1] of transition 2", NAN, |_, b, _| {
            b.next_observations[[2, 1]] = f32::NAN;
        }),
        (Targets, None, "parameter `0.weight`[1, 3]", NAN, |agent, _, _| {
            set(agent.actor_target_mut(), "0.weight", [1, 3], f32::NAN);
        }),
        (Targets, Some(0), "parameter `1.bias`[2]", NAN, |agent, _, _| {
            set(&mut agent.targets_mut()[0], "1.bias", [0, 2], f32::NAN);
        }),
        (Critics, Some(0), "parameter `2.bias`[0]", INF, |agent, _, _| {
            set(agent.critics_mut()[0].params_mut(), "2.bias", [0, 0], f32::INFINITY);
        }),
        (Critics, None, "observation[0] of transition 4", NAN, |_, b, _| {
            b.observations[[4, 0]] = f32::NAN;
        }),
        (Critics, None, "action[1] of transition 2", NAN, |_, b, _| {
            b.actions[[2, 1]] = f32::NAN;
        }),
        (Actor, None, "parameter `0.weight`[1, 3]", NAN, |agent, _, _| {
            set(agent.actor_mut().params_mut(), "0.weight", [1, 3], f32::NAN);
        }),
        (Actor, None, "parameter `1.weight`[2, 0]", INF, |agent, _, _| {
            set(agent.actor_mut().params_mut(), "1.weight", [2, 0], f32::INFINITY);
        }),
        (Actor, None, "parameter `2.bias`[1]", NAN, |agent, _, _| {
            set(agent.actor_mut().params_mut(), "2.bias", [0, 1], f32::NAN);
        }),
    ]
}

#[test]
fn an_input_that_is_not_finite_is_named_and_nothing_that_needs_it_is_changed() {
    for case in cases() {
        check(ddpg, &case);
    }
    let noise: Case<Td3<f32>> = Case {
        stage: Stage::Targets,
        critic: None,
        quantity: "noise[1] of transition 3",
        // The infinite is clipped, and harmless.
        value: f64::NAN,
        spoil: |_, _, noise| noise.next[[3, 1]] = f32::NAN,
    };
    let second = [
        Case {
            stage: Stage::Targets,
            critic: Some(1),
            quantity: "parameter `0.bias`[4]",
            value: f64::NAN,
            spoil: |td3: &mut Td3<f32>, _, _| {
                set(&mut td3.targets_mut()[1], "0.bias", [0, 4], f32::NAN);
            },
        },
        Case {
            stage: Stage::Critics,
            critic: Some(1),
            quantity: "parameter `0.weight`[4, 15]",
            value: f64::NAN,
            spoil: |td3: &mut Td3<f32>, _, _| {
                set(td3.critics_mut()[1].params_mut(), "0.weight", [4, 15], f32::NAN);
            },
        },
    ];
    for case in cases().into_iter().chain([noise]).chain(second) {
        check(td3, &case);
    }
}

#[test]
fn an_overflow_is_traced_to_its_operation() {
    fn found<A: Agent<f32>>(mut agent: A) -> [String; 2] {
        let numbers = &mut stream(6, Purpose::Policy);
        let (mut batch, noise) = (batch(BATCH, numbers), noise::<f32, A>(BATCH, numbers));
        batch.rewards[[3, 0]] = 1e25;
        let before = state(&mut agent);
        let first = agent.update(&batch, &noise).unwrap_err().to_string();
        batch.rewards[[3, 0]] = f32::NAN;
        let second = agent.update(&batch, &noise).unwrap_err().to_string();
        assert_eq!(state(&mut agent), before);
        [first, second]
    }
    let expected = [
        "critics (critic 0): loss is inf; first at `square`, which gave inf at [3, 0]",
        "targets: reward of transition 3 is NaN",
    ];
    assert_eq!(found(td3()), expected);
    assert_eq!(found(ddpg()), expected);
}

#[test]
fn parameters_that_a_step_made_infinite_are_found_by_the_next_sweep_that_uses_them() {
    // In single precision, the learning rate is infinite: the critic's step is, and the policy's sweep sees it.
    let fault = |error: UpdateError| {
        let fault = not_finite(error);
        (fault.stage, fault.critic, fault.quantity)
    };
    let quantity = || "parameter `0.weight`[0, 0]".to_string();
    let numbers = &mut stream(6, Purpose::Policy);
    let batch = batch(BATCH, numbers);
    let settings = DdpgConfig { learning_rate: 1e39, ..crate::update::ddpg_config() };
    let mut ddpg = Ddpg::<f32>::new(settings, 3, 2, &mut stream(4, Purpose::Init)).unwrap();
    let error = ddpg.update(&batch, &softac::agent::NoNoise).unwrap_err();
    assert_eq!(fault(error), (Stage::Actor, Some(0), quantity()));
    // TD3's policy waits, and the critics themselves are next.
    let settings = softac::algorithms::td3::Td3Config { learning_rate: 1e39, ..config() };
    let mut td3 = learner::<f32>(settings);
    let noise = noise::<f32, Td3<f32>>(BATCH, numbers);
    td3.update(&batch, &noise).unwrap();
    let error = td3.update(&batch, &noise).unwrap_err();
    assert_eq!(fault(error), (Stage::Critics, Some(0), quantity()));
}

#[test]
fn diagnosing_a_healthy_agent_finds_nothing_and_changes_nothing() {
    fn check<A: Agent<f32>>(make: fn() -> A) {
        let (mut diagnosed, mut other) = (make(), make());
        let numbers = &mut stream(6, Purpose::Policy);
        for _ in 0..3 {
            let (batch, noise) = (batch(BATCH, numbers), noise::<f32, A>(BATCH, numbers));
            for &stage in A::STAGES {
                assert_eq!(diagnosed.diagnose(stage, &batch, &noise), Ok(()));
            }
            let both = [&mut diagnosed, &mut other];
            let metrics = both.map(|agent| agent.update(&batch, &noise).unwrap());
            assert_eq!(metrics[0], metrics[1]);
            assert_eq!(state(&mut diagnosed), state(&mut other));
        }
    }
    check(td3);
    check(ddpg);
}

#[test]
fn an_update_can_go_on_once_the_fault_is_mended() {
    fn check<A: Agent<f32>>(make: fn() -> A) {
        let (mut faulty, mut other) = (make(), make());
        let numbers = &mut stream(6, Purpose::Policy);
        let (mut batch, noise) = (batch(BATCH, numbers), noise::<f32, A>(BATCH, numbers));
        let reward = core::mem::replace(&mut batch.rewards[[1, 0]], f32::NAN);
        faulty.update(&batch, &noise).unwrap_err();
        batch.rewards[[1, 0]] = reward;
        let metrics = [&mut faulty, &mut other].map(|agent| agent.update(&batch, &noise).unwrap());
        assert_eq!(metrics[0], metrics[1]);
        assert_eq!(state(&mut faulty), state(&mut other));
    }
    check(td3);
    check(ddpg);
}
