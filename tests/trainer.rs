//! What a training does around learning: the best policy, early ends, schedules, and who may watch.

use softac::Scalar;
use softac::agent::Trained;
use softac::env;
use softac::sac::SacConfig;
use softac::train::{
    Config, End, EvaluationRow, MetricsRow, Observer, Progress, Quiet, RunConfig, RunFolder,
    Schedule, Trainer, evaluate,
};
use tempfile::tempdir;

fn config() -> Config {
    Config {
        run: RunConfig {
            env: "Chain-v0".into(),
            total_timesteps: 400,
            log_freq: 50,
            eval_freq: 40,
            n_eval_episodes: 3,
            n_final_eval_episodes: 3,
            checkpoint_freq: 100,
            ..RunConfig::default()
        },
        algo: sac_config().into(),
    }
}

fn sac_config() -> SacConfig {
    SacConfig {
        net_arch: vec![8].into(),
        batch_size: 8,
        buffer_size: 400,
        learning_starts: 20,
        learning_rate: 1e-2,
        ..SacConfig::default()
    }
}

fn trainer<T: Scalar>(config: &Config) -> Trainer<T> {
    let env = || env::make(&config.run.env).unwrap();
    Trainer::new(config.clone(), env(), env()).unwrap()
}

#[test]
fn the_best_policy_is_that_of_the_best_evaluation() {
    let (config, place) = (config(), tempdir().unwrap());
    let folder = RunFolder::create(&place.path().join("run"), &config).unwrap();
    trainer::<f32>(&config).train(Some(&folder), &mut Quiet).unwrap();
    let rows = folder.evaluations().unwrap();
    let during_training = rows.iter().filter(|row| row.timesteps < 400);
    let best = during_training.map(|row| row.mean_reward).fold(f64::NEG_INFINITY, f64::max);
    let mut policy = folder.best_policy::<f32>().unwrap();
    let mut env = env::make("chain").unwrap();
    let act = |observation: &[f64], action: &mut [f64]| policy.act(observation, action);
    let again = evaluate(env.as_mut(), 3, config.run.eval_seed, act).unwrap();
    assert_eq!(again.reward.mean, best);
    let last = folder.policy::<f32>().unwrap();
    assert_ne!(last.params().as_slice(), policy.params().as_slice());
}

#[test]
fn the_learning_rate_of_every_optimiser_follows_the_schedule() {
    for schedule in [Schedule::Constant, Schedule::Linear, Schedule::Cosine] {
        let run = RunConfig { learning_rate_schedule: schedule, ..config().run };
        let mut trainer = trainer::<f64>(&Config { run, ..config() });
        trainer.train(None, &mut Quiet).unwrap();
        // The last updates follow the last step, before which 399 of 400 were done.
        let expected = 1e-2 * schedule.factor(399.0 / 400.0);
        let sac = trainer.learner().sac();
        for trained in [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha()) {
            assert_eq!(trained.adam().learning_rate(), expected, "{schedule:?}");
        }
    }
}

#[test]
fn the_critics_have_a_learning_rate_and_a_schedule_of_their_own() {
    let Config { run, .. } = config();
    for schedule in [None, Some(Schedule::Constant), Some(Schedule::Cosine)] {
        let run = RunConfig {
            learning_rate_schedule: Schedule::Linear,
            critic_learning_rate_schedule: schedule,
            ..run.clone()
        };
        let sac = SacConfig { critic_learning_rate: Some(3e-3), ..sac_config() };
        let mut trainer = trainer::<f64>(&Config { run, algo: sac.into() });
        let rates = |trainer: &Trainer<f64>| {
            let sac = trainer.learner().sac();
            let rate = |set: &Trained<f64>| set.adam().learning_rate();
            let critics: Vec<_> = sac.critics().iter().map(rate).collect();
            (rate(sac.actor()), sac.log_alpha().map(rate), critics)
        };
        assert_eq!(rates(&trainer), (1e-2, Some(1e-2), vec![3e-3; 2]));
        trainer.train(None, &mut Quiet).unwrap();
        let p = 399.0 / 400.0;
        let [actor, critics] = [Schedule::Linear, schedule.unwrap_or(Schedule::Linear)];
        let (actor, critics) = (1e-2 * actor.factor(p), 3e-3 * critics.factor(p));
        assert_eq!(rates(&trainer), (actor, Some(actor), vec![critics; 2]), "{schedule:?}");
    }
}

/// Counts what it sees.
#[derive(Default)]
struct Watcher {
    steps: Vec<u64>,
    rows: Vec<u64>,
    evaluations: Vec<u64>,
    checkpoints: Vec<u64>,
    episodes: usize,
}

impl Observer for Watcher {
    fn on_step(&mut self, progress: &Progress) {
        self.steps.push(progress.timesteps);
        self.episodes += usize::from(progress.finished_episode.is_some());
    }

    fn on_metrics(&mut self, row: &MetricsRow) {
        self.rows.push(row.timesteps);
    }

    fn on_evaluation(&mut self, row: &EvaluationRow) {
        self.evaluations.push(row.timesteps);
    }

    fn on_checkpoint(&mut self, timesteps: u64) {
        self.checkpoints.push(timesteps);
    }
}

#[test]
fn an_observer_sees_every_step_row_evaluation_and_checkpoint() {
    let (config, place) = (config(), tempdir().unwrap());
    let folder = RunFolder::create(&place.path().join("run"), &config).unwrap();
    let mut watcher = Watcher::default();
    trainer::<f32>(&config).train(Some(&folder), &mut watcher).unwrap();
    assert_eq!(watcher.steps, (1..=400).collect::<Vec<_>>());
    assert_eq!(watcher.rows, (1..=8).map(|i| 50 * i).collect::<Vec<_>>());
    assert_eq!(watcher.evaluations, (1..=10).map(|i| 40 * i).collect::<Vec<_>>());
    assert_eq!(watcher.checkpoints, [100, 200, 300, 400]);
    // The chain is cut after 50 steps.
    assert_eq!(watcher.episodes, 8);
}

#[test]
fn an_early_end_is_evaluated_and_says_why() {
    let run = |run: RunConfig| trainer::<f32>(&Config { run, ..config() });
    let reached = RunConfig { reward_threshold: Some(-1e9), ..config().run };
    let outcome = run(reached).train(None, &mut Quiet).unwrap();
    assert_eq!((outcome.end, outcome.timesteps), (End::RewardThreshold, 40));
    assert_eq!(outcome.final_evaluation.unwrap().episodes.len(), 3);
    // Nothing is learned, and so nothing gets better.
    let hopeless = RunConfig { max_no_improvement_evals: Some(2), ..config().run };
    let mut patient = Config { run: hopeless, ..config() };
    patient.algo.get_mut::<SacConfig>().unwrap().learning_starts = 400;
    let mut trainer = trainer::<f32>(&patient);
    let outcome = trainer.train(None, &mut Quiet).unwrap();
    assert_eq!((outcome.end, outcome.timesteps), (End::NoImprovement, 120));
    let unreachable = RunConfig { reward_threshold: Some(1e9), ..config().run };
    let outcome = run(unreachable).train(None, &mut Quiet).unwrap();
    assert_eq!((outcome.end, outcome.timesteps), (End::Finished, 400));
}

#[test]
fn what_is_logged_evaluated_and_saved_does_not_touch_the_training() {
    let hash = |run: RunConfig| {
        let (config, place) = (Config { run, ..config() }, tempdir().unwrap());
        let folder = RunFolder::create(&place.path().join("run"), &config).unwrap();
        trainer::<f32>(&config).train(Some(&folder), &mut Quiet).unwrap();
        folder.metrics().unwrap().last().unwrap().params_hash
    };
    let usual = hash(config().run);
    for run in [
        RunConfig { log_freq: 1, ..config().run },
        RunConfig { eval_freq: 7, n_eval_episodes: 1, eval_seed: 5, ..config().run },
        RunConfig { checkpoint_freq: 13, tensorboard: false, ..config().run },
        RunConfig { stats_window_size: 1, n_final_eval_episodes: 1, ..config().run },
    ] {
        assert_eq!(hash(run), usual);
    }
    assert_ne!(hash(RunConfig { seed: 1, ..config().run }), usual);
}
