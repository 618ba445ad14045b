//! What the learner does step by step: where actions come from, when updates are due, what replay
//! holds, which random stream feeds what, and what is refused.

use softac::Scalar;
use softac::agent::Algorithm;
use softac::env::{BoxSpace, Chain, Env, EnvError, Probe, ProbeEnv, Step, TimeLimit, make};
use softac::learner::{ActionSource, Learner, LearnerError};
use softac::policy::UnboundedDimension;
use softac::replay::ReplayError;
use softac::sac::{SacConfig, TargetEntropy, UpdateError};
use softac::train::{
    Config, Evaluation, Quiet, RunConfig, TrainError, Trainer, read_state, write_state,
};
use tempfile::tempdir;

#[path = "support/altered.rs"]
mod altered;
#[path = "support/counter.rs"]
mod counter;
#[path = "support/faltering.rs"]
mod faltering;
use altered::Altered;
use counter::{Counter, HIGH, LOW};
use faltering::Faltering;

/// A configuration that is quick to run.
fn small() -> SacConfig {
    SacConfig {
        net_arch: vec![8].into(),
        batch_size: 4,
        buffer_size: 5_000,
        learning_starts: 10,
        ..SacConfig::default()
    }
}

/// A learner in `env`, after this number of steps.
fn learn<T: Scalar>(config: SacConfig, env: &mut dyn Env, seed: u64, steps: u64) -> Learner<T> {
    let mut learner = Learner::new(config, env, seed).unwrap();
    for _ in 0..steps {
        learner.step(env, |_| {}).unwrap();
    }
    learner
}

// Sources of actions.

/// Chi-square over 8 × 8 cells of the box: 63 degrees of freedom, so 63 ± 11.
#[test]
fn warm_up_actions_are_uniform_over_the_whole_box() {
    let mut env = Counter::new(f64::INFINITY);
    let steps = 4_000;
    learn::<f32>(SacConfig { learning_starts: steps, ..small() }, &mut env, 0, steps);
    let mut cells = [[0.0; 8]; 8];
    for action in &env.actions {
        assert!(env.action_space.contains(action), "{action:?}");
        let cell = |i: usize| (8.0 * (action[i] - LOW[i]) / (HIGH[i] - LOW[i])).min(7.0) as usize;
        cells[cell(0)][cell(1)] += 1.0;
    }
    let expected = steps as f64 / 64.0;
    let chi_square: f64 =
        cells.as_flattened().iter().map(|n: &f64| (n - expected).powi(2) / expected).sum();
    assert!((30.0..120.0).contains(&chi_square), "{chi_square}");
}

// Random streams.

/// Every number that training changes, to the bit: parameters of all networks, log α and replay.
fn bits<T: Scalar>(learner: &Learner<T>) -> Vec<u64> {
    let sac = learner.sac();
    let trained = [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
    let networks = trained.map(|trained| trained.params()).chain(sac.targets());
    let parameters = networks.flat_map(|params| params.as_slice().to_vec());
    let transitions = (0..learner.replay().len()).filter_map(|i| learner.replay().get(i));
    let replay = transitions.flat_map(|t| [t.observation, t.action, t.next_observation].concat());
    parameters.chain(replay).map(|number| number.as_f64().to_bits()).collect()
}

fn chain() -> Box<dyn Env> {
    Box::new(TimeLimit::new(Chain::new(), 7))
}

/// Where a training of 60 steps in the chain ends.
fn train<T: Scalar>(run: RunConfig) -> Vec<u64> {
    let config = Config { run: RunConfig { total_timesteps: 60, ..run }, algo: small().into() };
    let mut trainer = Trainer::<T>::new(config, chain(), chain()).unwrap();
    trainer.train(None, &mut Quiet).unwrap();
    bits(trainer.learner())
}

#[test]
fn neither_evaluation_nor_logging_changes_the_training() {
    let undisturbed = train::<f32>(RunConfig::default());
    for run in [
        RunConfig { eval_freq: 3, ..RunConfig::default() },
        RunConfig { eval_freq: 3, n_eval_episodes: 2, eval_seed: 9, ..RunConfig::default() },
        RunConfig { n_final_eval_episodes: 1, ..RunConfig::default() },
        RunConfig { log_freq: 1, stats_window_size: 2, ..RunConfig::default() },
    ] {
        assert!(train::<f32>(run.clone()) == undisturbed, "{run:?}");
    }
}

#[test]
fn an_evaluation_changes_nothing_in_the_learner() {
    let config = Config { run: RunConfig::default(), algo: small().into() };
    let mut trainer = Trainer::<f32>::new(config, chain(), chain()).unwrap();
    let before = bits(trainer.learner());
    let first = trainer.evaluate(5).unwrap();
    assert_eq!(trainer.evaluate(5).unwrap(), first);
    assert!(bits(trainer.learner()) == before);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    fn check<T: Scalar>() {
        let run = |seed| train::<T>(RunConfig { seed, ..RunConfig::default() });
        assert!(run(1) == run(1));
        assert!(run(1) != run(2));
    }
    check::<f32>();
    check::<f64>();
}

/// In this probe the return is the start state, whatever the policy does.
#[test]
fn the_start_states_of_evaluations_depend_on_the_evaluation_seed_alone() {
    let starts = |seed, eval_seed| -> Evaluation {
        let run = RunConfig { seed, eval_seed, total_timesteps: 30, ..RunConfig::default() };
        let env = || Box::new(ProbeEnv::new(Probe::Observation));
        let mut trainer =
            Trainer::<f32>::new(Config { run, algo: small().into() }, env(), env()).unwrap();
        trainer.train(None, &mut Quiet).unwrap().final_evaluation.unwrap()
    };
    assert_eq!(starts(1, 5), starts(2, 5));
    assert_ne!(starts(1, 5), starts(1, 6));
}

// Refusals and failures.

#[test]
fn the_next_episode_has_the_seed_that_was_foretold() {
    let mut env = Counter::new(3.0);
    let mut learner = Learner::<f32>::new(small(), &env, 5).unwrap();
    for _ in 0..10 {
        let (begun, foretold) = (env.seeds.len(), learner.next_seed(0));
        learner.interact(&mut env).unwrap();
        assert!(env.seeds[begun..].iter().all(|&seed| seed == foretold));
    }
    assert_eq!(env.seeds.len(), 4);
}

#[test]
fn updates_that_are_asked_for_come_besides_those_that_are_due() {
    let mut env = Counter::new(3.0);
    let mut learner = learn::<f32>(small(), &mut env, 0, 12);
    assert_eq!(learner.sac().updates(), 2);
    learner.add_updates(5);
    while learner.update().unwrap().is_some() {}
    assert_eq!(learner.sac().updates(), 7);
    learner.add_updates(u64::MAX);
    learner.add_updates(u64::MAX);
    assert!(learner.update().unwrap().is_some());
}

#[test]
fn counting_anew_begins_the_warm_up_again_and_keeps_what_was_learned() {
    let mut env = Counter::new(3.0);
    let mut learner = learn::<f32>(small(), &mut env, 0, 20);
    let before = bits(&learner);
    learner.count_anew();
    assert_eq!((learner.steps(), bits(&learner)), (0, before));
    for step in 1..=12 {
        let report = learner.step(&mut env, |_| {}).unwrap();
        let warm_up = step <= 10;
        assert_eq!(report.source == ActionSource::WarmUp, warm_up, "step {step}");
        assert_eq!(report.updates, u64::from(!warm_up));
    }
    assert_eq!((learner.replay().len(), learner.sac().updates()), (32, 12));
}

#[test]
fn a_state_in_two_files_goes_on_as_the_whole_one_does() {
    let folder = tempdir().unwrap();
    let [apart, replay] = ["apart", "replay"].map(|name| folder.path().join(name));
    let mut first = learn::<f32>(small(), &mut Counter::new(3.0), 0, 30);
    write_state::<f32>(&apart, |visitor| first.visit_without_replay(visitor)).unwrap();
    write_state::<f32>(&replay, |visitor| first.visit_replay(visitor)).unwrap();
    let mut second = Learner::<f32>::new(small(), &Counter::new(3.0), 1).unwrap();
    read_state::<f32>(&apart, |visitor| second.visit_without_replay(visitor)).unwrap();
    assert_eq!((second.steps(), second.replay().len()), (30, 0));
    read_state::<f32>(&replay, |visitor| second.visit_replay(visitor)).unwrap();
    for learner in [&mut first, &mut second] {
        learner.abandon_episode(0);
        let mut env = Counter::new(3.0);
        (0..9).for_each(|_| _ = learner.step(&mut env, |_| {}).unwrap());
    }
    assert_eq!(bits(&first), bits(&second));
    // One file does not stand for the other.
    assert!(read_state::<f32>(&replay, |visitor| second.visit(visitor)).is_err());
}

#[test]
fn what_cannot_be_learned_is_refused_at_the_start() {
    let refusal = |config, env: &Counter| Learner::<f32>::new(config, env, 0).err().unwrap();
    let bounded = Counter::new(f64::INFINITY);

    let config = SacConfig { batch_size: 0, ..small() };
    let refused = refusal(config, &bounded);
    assert!(matches!(refused, LearnerError::Config(error) if error.key == "batch_size"));

    let config = SacConfig { target_entropy: TargetEntropy::Nats(1.5), ..small() };
    let refused = refusal(config, &bounded);
    assert!(matches!(refused, LearnerError::Config(error) if error.key == "target_entropy"));

    let config = SacConfig { buffer_size: usize::MAX, ..small() };
    let too_large = ReplayError::TooLarge { capacity: usize::MAX };
    assert_eq!(refusal(config, &bounded), LearnerError::Replay(too_large));

    let mut unbounded = Counter::new(f64::INFINITY);
    unbounded.action_space = BoxSpace::new(vec![0.0; 2], vec![1.0, f64::INFINITY]).unwrap();
    let refused = LearnerError::UnboundedAction(UnboundedDimension(1));
    assert_eq!(refusal(small(), &unbounded), refused);
}

#[test]
fn a_training_refuses_settings_that_cannot_be() {
    type Spoil = fn(&mut Config);
    let cases: [(&str, Spoil); 4] = [
        ("total_timesteps", |c| c.run.total_timesteps = 0),
        ("log_freq", |c| c.run.log_freq = 0),
        ("n_eval_episodes", |c| c.run.n_eval_episodes = 0),
        ("batch_size", |c| c.algo.get_mut::<SacConfig>().unwrap().batch_size = 0),
    ];
    for (key, spoil) in cases {
        let mut config = Config { run: RunConfig::default(), algo: small().into() };
        spoil(&mut config);
        let refused = Trainer::<f32>::new(config, chain(), chain()).err().unwrap();
        assert!(matches!(refused, TrainError::Config(error) if error.key == key));
    }
}

/// The chain, spoiled by `spoil` from the 21st step on.
fn spoiled(spoil: fn(Step, &mut [f64]) -> Result<Step, EnvError>) -> Box<dyn Env> {
    let mut steps = 0;
    let alter = move |step, observation: &mut [f64]| {
        steps += 1;
        if steps > 20 { spoil(step, observation) } else { Ok(step) }
    };
    Box::new(Altered { env: TimeLimit::new(Chain::new(), 7), alter })
}

/// Why a training of 200 steps stopped, and after how many.
fn failure(env: Box<dyn Env>) -> (LearnerError, u64) {
    let run = RunConfig { total_timesteps: 200, ..RunConfig::default() };
    let mut trainer =
        Trainer::<f32>::new(Config { run, algo: small().into() }, env, chain()).unwrap();
    let Err(TrainError::Learner(error)) = trainer.train(None, &mut Quiet) else {
        panic!("the training went on")
    };
    (error, trainer.learner().steps())
}

#[test]
fn an_environments_error_stops_the_training() {
    let failing = spoiled(|_, _| Err(EnvError::NeedsReset));
    assert_eq!(failure(failing), (LearnerError::Env(EnvError::NeedsReset), 20));
}

#[test]
fn an_observation_or_reward_that_is_not_finite_stops_the_training_at_once() {
    let observation = spoiled(|step, observation| {
        observation.fill(f64::NAN);
        Ok(step)
    });
    let reward = spoiled(|step, _| Ok(Step { reward: f64::NAN, ..step }));
    // Finite, but not in single precision.
    let large_observation = spoiled(|step, observation| {
        observation[1] = -1e39;
        Ok(step)
    });
    let large_reward = spoiled(|step, _| Ok(Step { reward: 1e39, ..step }));
    for (env, expected) in [
        (observation, "observation[0]"),
        (reward, "reward"),
        (large_observation, "observation[1]"),
        (large_reward, "reward"),
    ] {
        let (error, steps) = failure(env);
        let LearnerError::NotFinite { quantity, step, .. } = error else { panic!("{error}") };
        assert_eq!((quantity.as_str(), step, steps), (expected, 21, 20));
    }
}

#[test]
fn a_number_beyond_single_precision_is_refused_with_what_to_do_and_learned_from_in_double() {
    let large = || spoiled(|step, _| Ok(Step { reward: 1e39, ..step }));
    let said = failure(large()).0.to_string();
    let expected = "gave the reward 1e39 in step 21; single precision cannot hold it";
    assert!(said.contains(expected) && said.contains("precision = \"f64\""), "{said}");
    let mut env = large();
    let mut learner = Learner::<f64>::new(small(), env.as_ref(), 0).unwrap();
    (0..30).for_each(|_| learner.step(env.as_mut(), |_| {}).map(drop).unwrap());
}

/// A reward whose square single precision cannot hold.
#[test]
fn an_update_that_is_not_finite_stops_the_training_and_can_be_found_again() {
    let mut env = spoiled(|step, _| Ok(Step { reward: 1e30, ..step }));
    let mut learner = Learner::<f32>::new(small(), env.as_ref(), 0).unwrap();
    let error = loop {
        if let Err(error) = learner.step(env.as_mut(), |_| {}) {
            break error;
        }
    };
    let LearnerError::Diverged { step, update, fault } = error else { panic!("{error}") };
    assert_eq!((step, update), (learner.steps(), learner.sac().updates() + 1));
    assert!(step > 20 && update == step - 10, "{step}, {update}");
    assert_eq!(fault.quantity, "loss", "{fault}");
    let (batch, noise) = learner.last_minibatch();
    let (batch, noise) = (batch.clone(), noise.clone());
    let found = learner.sac_mut().diagnose(fault.stage, &batch, &noise);
    assert_eq!(found, Err(UpdateError::NotFinite(fault)));
}

#[test]
fn a_step_that_failed_and_is_tried_again_is_the_same_step() {
    let undisturbed = learn::<f32>(small(), chain().as_mut(), 3, 60);
    let mut env = Faltering { env: chain(), calls: 0 };
    let mut learner = Learner::<f32>::new(small(), &env, 3).unwrap();
    let mut failures = 0;
    while learner.steps() < 60 {
        failures += u32::from(learner.step(&mut env, |_| {}).is_err());
    }
    assert!(failures > 20);
    assert!(bits(&learner) == bits(&undisturbed));
}

#[test]
fn an_environment_with_other_spaces_is_an_error() {
    let mut learner = Learner::<f32>::new(small(), make("bandit").unwrap().as_ref(), 0).unwrap();
    let other = learner.step(make("chain").unwrap().as_mut(), |_| {});
    let expected = EnvError::ObservationLength { expected: 5, found: 1 };
    assert_eq!(other, Err(LearnerError::Env(expected)));
}
