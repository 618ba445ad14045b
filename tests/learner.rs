//! What the learner does step by step: where actions come from, when updates are due, what replay
//! holds, which random stream feeds what, and what is refused.

use softac::Scalar;
use softac::env::{BoxSpace, Chain, Env, EnvError, Probe, ProbeEnv, Step, TimeLimit, make};
use softac::learner::{ActionSource, Learner, LearnerError};
use softac::policy::UnboundedDimension;
use softac::replay::{Batch, ReplayError};
use softac::sac::{SacConfig, TargetEntropy};
use softac::train::{Config, Evaluation, Quiet, RunConfig, TrainError, Trainer};

/// The box of [`Counter`]'s actions.
const LOW: [f64; 2] = [-3.0, 10.0];
const HIGH: [f64; 2] = [1.0, 10.5];

/// An environment that counts: the observation is `[episode, step]`, the reward the number of the step.
/// It keeps the seeds and actions that it is given.
struct Counter {
    observation_space: BoxSpace,
    action_space: BoxSpace,
    terminates_at: f64,
    now: [f64; 2],
    seeds: Vec<u64>,
    actions: Vec<[f64; 2]>,
}

impl Counter {
    fn new(terminates_at: f64) -> Self {
        Self {
            observation_space: BoxSpace::new(vec![0.0; 2], vec![f64::INFINITY; 2]).unwrap(),
            action_space: BoxSpace::new(LOW.into(), HIGH.into()).unwrap(),
            terminates_at,
            now: [0.0; 2],
            seeds: vec![],
            actions: vec![],
        }
    }
}

impl Env for Counter {
    fn name(&self) -> &str {
        "Counter"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.seeds.push(seed);
        self.now = [self.now[0] + 1.0, 0.0];
        observation.copy_from_slice(&self.now);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.actions.push([action[0], action[1]]);
        self.now[1] += 1.0;
        observation.copy_from_slice(&self.now);
        let terminated = self.now[1] == self.terminates_at;
        Ok(Step { reward: self.now[1], terminated, truncated: false })
    }
}

/// A configuration that is quick to run.
fn small() -> SacConfig {
    SacConfig {
        net_arch: vec![8],
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

#[test]
fn actions_are_uniform_up_to_the_end_of_the_warm_up_and_the_policys_after_it() {
    for (warmup_steps, learning_starts, last) in
        [(Some(3), 7, 3), (Some(7), 3, 7), (Some(0), 3, 0), (None, 5, 5)]
    {
        let mut env = Counter::new(f64::INFINITY);
        let config = SacConfig { warmup_steps, learning_starts, ..small() };
        let mut learner = Learner::<f32>::new(config, &env, 0).unwrap();
        for t in 1..=10 {
            let expected = if t <= last { ActionSource::WarmUp } else { ActionSource::Policy };
            assert_eq!(learner.step(&mut env, |_| {}).unwrap().source, expected, "step {t}");
        }
    }
}

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

// Updates.

#[test]
fn updates_begin_after_learning_starts_and_come_in_rounds() {
    // learning_starts, train_freq, gradient_steps: updates after steps 1 to 12
    let cases = [
        ((0, 1, 1), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 1, 1), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 1, -1), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 4, 1), [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
        ((4, 4, 1), [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
        ((5, 3, 2), [0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2]),
        ((3, 4, -1), [0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4]),
    ];
    for ((learning_starts, train_freq, gradient_steps), expected) in cases {
        let config = SacConfig { learning_starts, train_freq, gradient_steps, ..small() };
        let mut env = Counter::new(f64::INFINITY);
        let mut learner = Learner::<f32>::new(config, &env, 0).unwrap();
        let updates = expected.map(|_| {
            let mut shown = 0;
            let report = learner.step(&mut env, |_| shown += 1).unwrap();
            assert_eq!(report.updates, shown);
            report.updates
        });
        assert_eq!(updates, expected, "{learning_starts}, {train_freq}, {gradient_steps}");
        assert_eq!(learner.sac().updates(), expected.iter().sum::<u64>());
    }
}

// What replay holds.

#[test]
fn replay_holds_the_true_successor_and_tells_termination_from_truncation() {
    let never = f64::INFINITY;
    for (terminates_at, limit, terminated, truncated) in
        [(never, 3, false, true), (3.0, 9, true, false), (3.0, 3, true, true)]
    {
        let mut env = TimeLimit::new(Counter::new(terminates_at), limit);
        let learner = learn::<f64>(small(), &mut env, 0, 8);
        for i in 0..8 {
            let transition = learner.replay().get(i).unwrap();
            let (episode, step) = ((1 + i / 3) as f64, (i % 3) as f64);
            assert_eq!(transition.observation, [episode, step]);
            assert_eq!(transition.next_observation, [episode, step + 1.0]);
            assert_eq!(transition.reward, step + 1.0);
            let last = i % 3 == 2;
            assert_eq!(transition.terminated, last && terminated);
            assert_eq!(transition.truncated, last && truncated);
        }
        assert_eq!(learner.replay().len(), 8);
    }
}

#[test]
fn the_mask_of_a_minibatch_is_termination_alone() {
    for (terminates_at, mask) in [(f64::INFINITY, 0.0), (1.0, 1.0)] {
        let mut env = TimeLimit::new(Counter::new(terminates_at), 1);
        let learner = learn::<f64>(small(), &mut env, 0, 8);
        let mut batch = Batch::new(5, 2, 2);
        let mut stream = softac::random::stream(0, softac::random::Purpose::Replay);
        learner.replay().sample(&mut batch, &mut stream).unwrap();
        assert!(batch.terminated.iter().all(|&d| d == mask));
    }
}

#[test]
fn replay_holds_actions_within_one_and_the_environment_sees_its_own_units() {
    let mut env = Counter::new(f64::INFINITY);
    let learner = learn::<f64>(small(), &mut env, 0, 40);
    for (i, seen) in env.actions.iter().enumerate() {
        let action = learner.replay().get(i).unwrap().action;
        assert!(action.iter().all(|a| a.abs() <= 1.0));
        assert!(env.action_space.contains(seen));
        for j in 0..2 {
            let expected = LOW[j] + (HIGH[j] - LOW[j]) * (action[j] + 1.0) / 2.0;
            assert!((seen[j] - expected).abs() < 1e-12);
        }
    }
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
    let config = Config { run: RunConfig { total_timesteps: 60, ..run }, sac: small() };
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
    let config = Config { run: RunConfig::default(), sac: small() };
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
        let mut trainer = Trainer::<f32>::new(Config { run, sac: small() }, env(), env()).unwrap();
        trainer.train(None, &mut Quiet).unwrap().final_evaluation.unwrap()
    };
    assert_eq!(starts(1, 5), starts(2, 5));
    assert_ne!(starts(1, 5), starts(1, 6));
}

#[test]
fn more_updates_change_neither_warm_up_actions_nor_episode_starts() {
    let history = |gradient_steps, batch_size| {
        let mut env = TimeLimit::new(Counter::new(f64::INFINITY), 3);
        let config = SacConfig { warmup_steps: Some(30), gradient_steps, batch_size, ..small() };
        learn::<f32>(config, &mut env, 0, 30);
        (env.inner().seeds.clone(), env.inner().actions.clone())
    };
    let history_of_one = history(1, 4);
    assert_eq!(history_of_one.0.len(), 10);
    assert_eq!(history(3, 5), history_of_one);
}

// Refusals and failures.

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
        ("eval_freq", |c| c.run.eval_freq = 0),
        ("n_eval_episodes", |c| c.run.n_eval_episodes = 0),
        ("batch_size", |c| c.sac.batch_size = 0),
    ];
    for (key, spoil) in cases {
        let mut config = Config { run: RunConfig::default(), sac: small() };
        spoil(&mut config);
        let refused = Trainer::<f32>::new(config, chain(), chain()).err().unwrap();
        assert!(matches!(refused, TrainError::Config(error) if error.key == key));
    }
}

/// The chain, spoiled by `spoil` from the 21st step on.
struct Spoiled {
    env: TimeLimit<Chain>,
    steps: u32,
    spoil: fn(Step, &mut [f64]) -> Result<Step, EnvError>,
}

impl Spoiled {
    fn new(spoil: fn(Step, &mut [f64]) -> Result<Step, EnvError>) -> Box<Self> {
        Box::new(Self { env: TimeLimit::new(Chain::new(), 7), steps: 0, spoil })
    }
}

impl Env for Spoiled {
    fn name(&self) -> &str {
        self.env.name()
    }

    fn observation_space(&self) -> &BoxSpace {
        self.env.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.env.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.env.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let step = self.env.step(action, observation)?;
        self.steps += 1;
        if self.steps > 20 { (self.spoil)(step, observation) } else { Ok(step) }
    }
}

/// Why a training of 200 steps stopped, and after how many.
fn failure(env: Box<dyn Env>) -> (LearnerError, u64) {
    let run = RunConfig { total_timesteps: 200, ..RunConfig::default() };
    let mut trainer = Trainer::<f32>::new(Config { run, sac: small() }, env, chain()).unwrap();
    let Err(TrainError::Learner(error)) = trainer.train(None, &mut Quiet) else {
        panic!("the training went on")
    };
    (error, trainer.learner().steps())
}

#[test]
fn an_environments_error_stops_the_training() {
    let failing = Spoiled::new(|_, _| Err(EnvError::NeedsReset));
    assert_eq!(failure(failing), (LearnerError::Env(EnvError::NeedsReset), 20));
}

#[test]
fn an_observation_or_reward_that_is_not_finite_stops_the_training_at_once() {
    let observation = Spoiled::new(|step, observation| {
        observation.fill(f64::NAN);
        Ok(step)
    });
    let reward = Spoiled::new(|step, _| Ok(Step { reward: f64::NAN, ..step }));
    for (env, expected) in [(observation, "observation[0]"), (reward, "reward")] {
        let (error, steps) = failure(env);
        let LearnerError::NotFinite { quantity, step, .. } = error else { panic!("{error}") };
        assert_eq!((quantity.as_str(), step, steps), (expected, 21, 20));
    }
}

#[test]
fn an_environment_with_other_spaces_is_an_error() {
    let mut learner = Learner::<f32>::new(small(), make("bandit").unwrap().as_ref(), 0).unwrap();
    let other = learner.step(make("chain").unwrap().as_mut(), |_| {});
    let expected = EnvError::ObservationLength { expected: 5, found: 1 };
    assert_eq!(other, Err(LearnerError::Env(expected)));
}
