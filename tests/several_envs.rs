//! Several environments that are stepped together: which is asked what, and when; what replay holds of each; when
//! updates are due; and what comes of it where one of them fails.

use std::sync::{Arc, Mutex};

use rand::Rng;
use softac::agent::Algorithm;
use softac::env::{Chain, Env, EnvError, Step, TimeLimit};
use softac::learner::{ActionSource, Learner, LearnerError};
use softac::nn::Scratch;
use softac::policy::{ActionBox, Policy};
use softac::random::{Purpose, fill_normal, lane_stream, stream};
use softac::replay::Transition;
use softac::sac::{Sac, SacConfig};
use softac::train::{Config, MetricsRow, Observer, Progress, RunConfig, TrainError, Trainer};

#[path = "support/counter.rs"]
mod counter;
#[path = "support/faltering.rs"]
mod faltering;
use counter::Counter;
use faltering::Faltering;

type Boxed = Box<dyn Env>;

/// A configuration that is quick to run.
fn small() -> SacConfig {
    SacConfig {
        net_arch: vec![8].into(),
        batch_size: 4,
        buffer_size: 300,
        learning_starts: 9,
        ..SacConfig::default()
    }
}

/// Counters whose episodes end after 3, 4, 5, … steps.
fn counters(n: usize) -> Vec<Boxed> {
    (0..n).map(|i| Box::new(Counter::new((3 + i) as f64)) as Boxed).collect()
}

fn learner(config: SacConfig, envs: &[Boxed], seed: u64) -> Learner<f64> {
    let n = u32::try_from(envs.len()).unwrap();
    Learner::in_lockstep(n, config, envs[0].as_ref(), seed).unwrap()
}

/// What replay holds of an environment of three, in order.
fn held(learner: &Learner<f64>, lane: usize) -> Vec<Transition<'_, f64>> {
    let shared = learner.sac().settings().optimize_memory_usage;
    let slots = 100 + usize::from(shared);
    (lane * slots..(lane + 1) * slots).filter_map(|i| learner.replay().get(i)).collect()
}

#[test]
fn replay_holds_the_true_successors_of_every_environment() {
    for optimize_memory_usage in [false, true] {
        let mut envs = counters(3);
        let mut learner = learner(SacConfig { optimize_memory_usage, ..small() }, &envs, 0);
        for _ in 0..20 {
            learner.step(&mut envs[..], |_| {}).unwrap();
        }
        assert_eq!((learner.steps(), learner.replay().len()), (60, 60));
        for lane in 0..3 {
            let (end, held) = (3 + lane, held(&learner, lane));
            assert_eq!(held.len(), 20);
            for (t, transition) in held.iter().enumerate() {
                let (episode, step) = ((1 + t / end) as f64, (t % end) as f64);
                assert_eq!(transition.observation, [episode, step]);
                assert_eq!(transition.next_observation, [episode, step + 1.0]);
                assert_eq!(transition.reward, step + 1.0);
                assert_eq!(
                    (transition.terminated, transition.truncated),
                    ((t + 1) % end == 0, false)
                );
            }
        }
    }
}

/// As Stable-Baselines3 counts: rounds by steps of all together, −1 by environment steps.
#[test]
fn rounds_of_updates_are_counted_in_steps_of_all_environments_together() {
    // learning_starts, train_freq, gradient_steps: updates after environment steps 3, 6, …, 18
    let cases = [
        ((0, 1, 1), [1, 1, 1, 1, 1, 1]),
        ((0, 1, -1), [3, 3, 3, 3, 3, 3]),
        ((3, 1, 1), [0, 1, 1, 1, 1, 1]),
        ((4, 1, 1), [0, 1, 1, 1, 1, 1]),
        ((5, 2, 1), [0, 1, 0, 1, 0, 1]),
        ((6, 2, 5), [0, 0, 0, 5, 0, 5]),
        ((7, 2, -1), [0, 0, 0, 6, 0, 6]),
        // Every number of environment steps is a multiple of three.
        ((0, 3, 1), [0, 0, 1, 0, 0, 1]),
        ((9, 3, -1), [0, 0, 0, 0, 0, 9]),
    ];
    for ((learning_starts, train_freq, gradient_steps), expected) in cases {
        let config =
            SacConfig { learning_starts, train_freq: train_freq.into(), gradient_steps, ..small() };
        let mut envs = counters(3);
        let mut learner = learner(config, &envs, 0);
        let updates = expected.map(|_| learner.step(&mut envs[..], |_| {}).unwrap().updates);
        assert_eq!(updates, expected, "{learning_starts}, {train_freq}, {gradient_steps}");
        assert_eq!(learner.sac().updates(), expected.iter().sum::<u64>());
    }
}

#[test]
fn a_warm_up_ends_with_the_step_of_all_that_completes_it() {
    for (warmup_steps, last) in [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2)] {
        let mut envs = counters(3);
        let mut learner =
            learner(SacConfig { warmup_steps: Some(warmup_steps), ..small() }, &envs, 0);
        for v in 1..=4 {
            let expected = if v <= last { ActionSource::WarmUp } else { ActionSource::Policy };
            assert_eq!(learner.step(&mut envs[..], |_| {}).unwrap().source, expected, "{v}");
        }
    }
}

/// What an environment was asked.
#[derive(Clone, Debug, PartialEq)]
enum Call {
    AnnouncedReset(u64),
    Reset(u64),
    AnnouncedStep(Vec<f64>),
    Step(Vec<f64>),
}

/// An environment that writes down what it is asked, in one book with the others, and may alter its steps.
struct Logged<F> {
    lane: usize,
    env: Boxed,
    book: Arc<Mutex<Vec<(usize, Call)>>>,
    alter: F,
}

impl<F> Logged<F> {
    fn note(&self, call: Call) {
        self.book.lock().unwrap().push((self.lane, call));
    }
}

impl<F: FnMut(Step) -> Result<Step, EnvError> + Send> Env for Logged<F> {
    softac::forward_env! { env: name, observation_space, action_space }

    fn announce_reset(&mut self, seed: u64) {
        self.note(Call::AnnouncedReset(seed));
    }

    fn announce_step(&mut self, action: &[f64]) {
        self.note(Call::AnnouncedStep(action.to_vec()));
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.note(Call::Reset(seed));
        self.env.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.note(Call::Step(action.to_vec()));
        (self.alter)(self.env.step(action, observation)?)
    }
}

#[test]
fn all_environments_are_told_before_the_answer_of_any_is_awaited() {
    let book = Arc::default();
    let logged = |(lane, env)| -> Boxed {
        Box::new(Logged { lane, env, book: Arc::clone(&book), alter: Ok })
    };
    let mut envs: Vec<_> = counters(3).into_iter().enumerate().map(logged).collect();
    let mut learner = learner(SacConfig { warmup_steps: Some(0), ..small() }, &envs, 5);
    let mut next = || {
        learner.interact(&mut envs[..]).unwrap();
        std::mem::take(&mut *book.lock().unwrap())
    };

    // Each has seeds of its own, and actions in the order of the rows of the noise.
    let seeds = |lane| lane_stream(5, Purpose::Environment, lane);
    let first = |call: fn(u64) -> Call| {
        (0..3).map(move |lane| (lane as usize, call(seeds(lane).next_u64())))
    };
    let (sac, mut noise) = (
        Sac::<f64>::new(small(), 2, 2, &mut stream(5, Purpose::Init)).unwrap(),
        stream(5, Purpose::Policy),
    );
    let mut xi = [0.0; 6];
    fill_normal(&mut xi, &mut noise);
    let map = ActionBox::new(Counter::new(1.0).action_space()).unwrap();
    let taken = |lane: usize| {
        let (mut action, mut applied) = ([0.0; 2], [0.0; 2]);
        let (phi, xi) = (sac.actor().params().as_slice(), &xi[2 * lane..][..2]);
        sac.policy().act(phi, &[1.0, 0.0], Some(xi), &mut Scratch::default(), &mut action);
        map.to_environment(&action, &mut applied);
        applied.to_vec()
    };
    let actions: Vec<_> = (0..3).map(taken).collect();
    let with_actions =
        |call: fn(Vec<f64>) -> Call| actions.clone().into_iter().map(call).enumerate();
    let expected: Vec<_> = first(Call::AnnouncedReset)
        .chain(first(Call::Reset))
        .chain(with_actions(Call::AnnouncedStep))
        .chain(with_actions(Call::Step))
        .collect();
    assert_eq!(next(), expected);

    // The first one's episode is over after three steps, and nobody else's.
    let kinds = |calls: Vec<(usize, Call)>| -> Vec<_> {
        calls.into_iter().map(|(lane, call)| (lane, std::mem::discriminant(&call))).collect()
    };
    let [announced, step] = [Call::AnnouncedStep(vec![]), Call::Step(vec![])]
        .map(|call| (0..3).map(move |lane| (lane, call.clone())));
    let steps = kinds(announced.chain(step).collect());
    assert_eq!(kinds(next()), steps);
    assert_eq!(kinds(next()), steps);
    let mut calls = next();
    let mut seeds = seeds(0);
    seeds.next_u64();
    let second = seeds.next_u64();
    let resets: Vec<_> = calls.drain(..2).collect();
    assert_eq!(resets, [(0, Call::AnnouncedReset(second)), (0, Call::Reset(second))]);
    assert_eq!(kinds(calls), steps);
}

/// Every number that training changes, to the bit.
fn bits(learner: &Learner<f64>) -> Vec<u64> {
    let sac = learner.sac();
    let trained = [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
    let networks = trained.map(|trained| trained.params()).chain(sac.targets());
    let parameters = networks.flat_map(|params| params.as_slice().to_vec());
    let transitions = (0..).map_while(|i| (i < 303).then(|| learner.replay().get(i))).flatten();
    let replay = transitions.flat_map(|t| [t.observation, t.action, t.next_observation].concat());
    let statistics = learner.standardisation().map(|s| [s.parts().0, s.parts().1].concat());
    let statistics = statistics.into_iter().flatten();
    parameters.chain(replay).chain(statistics).map(f64::to_bits).collect()
}

#[test]
fn a_step_of_which_parts_failed_and_are_tried_again_is_the_same_step() {
    let chain = |i: u32| TimeLimit::new(Chain::new(), 5 + i);
    for optimize_memory_usage in [false, true] {
        let normalised = SacConfig { norm_obs: true, norm_reward: true, ..small() };
        let config = SacConfig { optimize_memory_usage, ..normalised };
        let mut envs: Vec<_> = (0..3).map(|i| Box::new(chain(i)) as Boxed).collect();
        let mut undisturbed = learner(config.clone(), &envs, 3);
        while undisturbed.steps() < 90 {
            undisturbed.step(&mut envs[..], |_| {}).unwrap();
        }

        let faltering = |i| Faltering { env: chain(i), calls: i as usize };
        let mut envs: Vec<_> = (0..3).map(|i| Box::new(faltering(i)) as Boxed).collect();
        let (mut disturbed, mut failures) = (learner(config, &envs, 3), 0);
        while disturbed.steps() < 90 {
            failures += u32::from(disturbed.step(&mut envs[..], |_| {}).is_err());
        }
        assert!(failures > 30);
        assert!(bits(&disturbed) == bits(&undisturbed));
    }
}

#[test]
fn an_environment_that_gives_nan_begins_anew_and_the_others_go_on() {
    let book = Arc::default();
    let logged = |(lane, env)| -> Boxed {
        let mut steps = 0;
        let alter = move |step| {
            steps += 1;
            let spoilt = lane == 1 && steps == 7;
            Ok(if spoilt { Step { reward: f64::NAN, ..step } } else { step })
        };
        Box::new(Logged { lane, env, book: Arc::clone(&book), alter })
    };
    let mut envs: Vec<_> = counters(3).into_iter().enumerate().map(logged).collect();
    let mut learner = learner(small(), &envs, 5);
    for _ in 0..6 {
        learner.step(&mut envs[..], |_| {}).unwrap();
    }
    let error = learner.step(&mut envs[..], |_| {}).unwrap_err();
    let LearnerError::NotFinite { quantity, step, .. } = error else { panic!("{error}") };
    // Six steps of three, and the second of the three after them.
    assert_eq!((quantity.as_str(), step, learner.steps()), ("reward", 20, 18));
    for _ in 0..13 {
        learner.step(&mut envs[..], |_| {}).unwrap();
    }
    // The second one's episode was given up after its sixth step, in the midst of its second episode.
    let starts = |lane| {
        let held = held(&learner, lane);
        held.iter().map(|t| (t.observation[0], t.observation[1])).collect::<Vec<_>>()
    };
    for (lane, end) in [(0, 3), (2, 5)] {
        let counted = (0..19).map(|t| ((1 + t / end) as f64, (t % end) as f64));
        assert_eq!(starts(lane), counted.collect::<Vec<_>>());
    }
    let counted = (0..6).chain(8..21).map(|t| ((1 + t / 4) as f64, (t % 4) as f64));
    assert_eq!(starts(1), counted.collect::<Vec<_>>());
}

#[test]
fn another_number_of_environments_than_was_agreed_is_refused() {
    let mut envs = counters(3);
    let mut learner = learner(small(), &envs, 0);
    let refused = learner.step(&mut envs[..2], |_| {});
    assert_eq!(refused, Err(LearnerError::EnvCount { expected: 3, found: 2 }));
    let refused = learner.step(envs[0].as_mut(), |_| {});
    assert_eq!(refused, Err(LearnerError::EnvCount { expected: 3, found: 1 }));
    learner.step(&mut envs[..], |_| {}).unwrap();

    let config = |num_envs| Config {
        run: RunConfig { num_envs, ..RunConfig::default() },
        algo: small().into(),
    };
    for (num_envs, given, rule) in [
        (0, 0, "from 1 to 1000"),
        (1001, 1, "from 1 to 1000"),
        (2, 1, "as many environments must be given"),
        (2, 3, "as many environments must be given"),
    ] {
        let eval_env = Box::new(Counter::new(1.0));
        let made = Trainer::<f64>::in_lockstep(config(num_envs), counters(given), eval_env);
        let Err(TrainError::Config(error)) = made else { panic!("{num_envs}") };
        assert!(error.key == "num_envs" && error.to_string().contains(rule), "{error}");
    }
}

/// Keeps what a training shows.
#[derive(Default)]
struct Watcher {
    steps: Vec<u64>,
    rows: Vec<(u64, u64)>,
    lengths: Vec<u64>,
}

impl Observer for Watcher {
    fn on_step(&mut self, progress: &Progress) {
        self.steps.push(progress.timesteps);
        self.lengths.extend(progress.finished_episode.map(|episode| episode.length));
    }

    fn on_metrics(&mut self, row: &MetricsRow) {
        self.rows.push((row.timesteps, row.episodes));
    }
}

#[test]
fn a_training_counts_the_steps_and_episodes_of_all_environments() {
    let run = RunConfig {
        num_envs: 3,
        total_timesteps: 20,
        log_freq: 5,
        n_final_eval_episodes: 1,
        ..RunConfig::default()
    };
    let config = Config { run, algo: small().into() };
    let eval_env = Box::new(Counter::new(2.0));
    let mut trainer = Trainer::<f64>::in_lockstep(config, counters(3), eval_env).unwrap();
    let mut watcher = Watcher::default();
    let outcome = trainer.train(None, &mut watcher).unwrap();
    // Seven steps of three; rows where a multiple of five was reached.
    assert_eq!(outcome.timesteps, 21);
    assert_eq!(watcher.steps, (1..=21).collect::<Vec<_>>());
    assert_eq!(watcher.rows, [(6, 0), (12, 2), (15, 3), (21, 4)]);
    assert_eq!(watcher.lengths, [3, 4, 5, 3]);
}
