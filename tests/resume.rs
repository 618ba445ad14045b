//! A run that was stopped goes on as if it had not been: the same checkpoints, metrics, policies and plots,
//! byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use softac::Scalar;
use softac::agent::Algorithm;
use softac::agent::settings::{NetArch, TrainFreq};
use softac::algorithms::ddpg::DdpgConfig;
use softac::algorithms::td3::Td3Config;
use softac::env::{self, Env, EnvError, Pendulum, Step, TimeLimit};
use softac::sac::{EntCoef, Sac, SacConfig};
use softac::study::plot_runs;
use softac::train::{
    Algo, Config, End, Observer, Precision, Quiet, Resumed, RunConfig, RunFolder, Schedule,
    TrainError, Trainer, Work,
};
use tempfile::TempDir;

#[path = "support/place.rs"]
mod place;
#[path = "support/tells.rs"]
mod tells;
use place::place;
use tells::{Tells, some};

/// Some of everything: rounds of several updates, delayed policies, evaluations, rows and checkpoints that do
/// not coincide.
fn config(env: &str) -> Config {
    let [sac, _, _] = configs(env);
    sac
}

/// The same for every algorithm.
fn configs(env: &str) -> [Config; 3] {
    let run = RunConfig {
        env: env.into(),
        total_timesteps: 26,
        log_freq: 7,
        eval_freq: 10,
        n_eval_episodes: 2,
        n_final_eval_episodes: 3,
        checkpoint_freq: 12,
        ..RunConfig::default()
    };
    macro_rules! settings {
        ($config:ident, $($own:tt)*) => {
            $config {
                net_arch: NetArch { pi: vec![4], qf: vec![3, 5] },
                batch_size: 3,
                buffer_size: 20,
                learning_starts: 8,
                train_freq: 4.into(),
                gradient_steps: 3,
                $($own)*
                ..$config::default()
            }
        };
    }
    let algos: [Algo; 3] = [
        settings!(SacConfig, policy_delay: 2,).into(),
        settings!(Td3Config, policy_delay: 2,).into(),
        settings!(DdpgConfig,).into(),
    ];
    algos.map(|algo| Config { run: run.clone(), algo })
}

fn trainer<T: Scalar, A: Algorithm<T>>(config: &Config) -> Result<Trainer<T, A>, TrainError> {
    let make = || env::make(&config.run.env);
    Trainer::in_lockstep(config.clone(), config.run.envs(make)?, config.run.wrap(make()?))
}

/// A run in a folder of its own.
struct Run {
    folder: RunFolder,
    _place: TempDir,
}

impl Run {
    fn new(config: &Config) -> Self {
        let place = place();
        let folder = RunFolder::create(&place.path().join("run"), config).unwrap();
        Self { folder, _place: place }
    }

    /// A run that is stopped when it asks for the `n`-th time whether it should stop: whether it was.
    fn stopped<T: Scalar, A: Algorithm<T>>(config: &Config, n: usize) -> (Self, bool) {
        let run = Self::new(config);
        let mut trainer = trainer::<T, A>(config).unwrap();
        let outcome = trainer.train(Some(&run.folder), &mut StopAt(n)).unwrap();
        (run, outcome.end == End::Interrupted)
    }

    fn resume<T: Scalar, A: Algorithm<T>>(&self, config: &Config) -> Resumed<T, A> {
        Trainer::resume(&self.folder, || trainer(config)).unwrap()
    }

    fn go_on<T: Scalar, A: Algorithm<T>>(
        &self,
        config: &Config,
        observer: &mut dyn Observer,
    ) -> End {
        let mut resumed = self.resume::<T, A>(config);
        assert!(resumed.passed_over.is_empty() && !resumed.episode_restarted);
        resumed.trainer.train(Some(&self.folder), observer).unwrap().end
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The files that a finished run leaves, but for the checkpoints that only a stop makes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let checkpoint = self.checkpoints().pop().unwrap();
        let in_checkpoint = fs::read_dir(&checkpoint).unwrap().map(|entry| entry.unwrap().path());
        let names = [
            "config.toml",
            "metrics.csv",
            "evaluations.csv",
            "policy.safetensors",
            "best_policy.safetensors",
        ];
        let mut paths: Vec<_> = names.iter().map(|name| self.path().join(name)).collect();
        paths.extend(in_checkpoint);
        paths.sort();
        let relative = |path: &PathBuf| path.strip_prefix(self.path()).unwrap().to_path_buf();
        paths.iter().map(|path| (relative(path), fs::read(path).unwrap())).collect()
    }

    /// The checkpoints, the oldest first.
    fn checkpoints(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join("checkpoints")).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

/// Stops when asked for the n-th time: after a step, an update, or an episode of an evaluation.
struct StopAt(usize);

impl Observer for StopAt {
    fn should_stop(&mut self) -> bool {
        self.0 -= 1;
        self.0 == 0
    }
}

/// Fails at the first file that is not the same, without printing it.
fn assert_same_files(a: &Run, b: &Run, what: &str) {
    let (a, b) = (a.files(), b.files());
    let names =
        |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b), "{what}");
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{what}: {} differs", name.display());
    }
}

/// Stops runs at every possible moment, and compares each, after it went on, with one that was not stopped: how
/// often it could be.
fn stop_everywhere(config: &Config) -> usize {
    config.with_types(Everywhere(config))
}

struct Everywhere<'a>(&'a Config);

impl Work for Everywhere<'_> {
    type Output = usize;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> usize {
        let (config, whole) = (self.0, Run::new(self.0));
        let mut trainer = trainer::<T, A>(config).unwrap();
        let outcome = trainer.train(Some(&whole.folder), &mut Quiet).unwrap();
        let what = format!("{}, {}", config.algo.name(), config.run.env);
        for n in 1.. {
            let (run, stopped) = Run::stopped::<T, A>(config, n);
            if stopped {
                assert_eq!(run.go_on::<T, A>(config, &mut Quiet), outcome.end);
            }
            assert_same_files(&whole, &run, &format!("{what}, stopped at {n}"));
            if !stopped {
                return n;
            }
        }
        unreachable!("a run has an end")
    }
}

#[test]
fn a_run_stopped_anywhere_goes_on_to_the_same_bytes_in_every_environment() {
    for spec in env::registry() {
        for config in configs(spec.id) {
            let stops = stop_everywhere(&config);
            // Every step, every update, and the episodes of two evaluations and of the last one.
            assert_eq!(stops, 26 + 12 + 2 * 2 + 3 + 1, "{}, {}", config.algo.name(), spec.id);
        }
    }
}

#[test]
fn so_it_does_in_double_precision() {
    for spec in env::registry() {
        for mut config in configs(spec.id) {
            config.run.precision = Precision::F64;
            stop_everywhere(&config);
        }
    }
}

#[test]
fn so_it_does_with_every_setting_that_has_a_memory() {
    let config = config("chain");
    let usual = config.algo.get::<SacConfig>().unwrap();
    let sac = |sac: SacConfig| Config { algo: sac.into(), ..config.clone() };
    let run = |run: RunConfig| Config { run, ..config.clone() };
    let settings = [
        sac(SacConfig { optimize_memory_usage: true, ..usual.clone() }),
        sac(SacConfig { ent_coef: EntCoef::Fixed(0.2), ..usual.clone() }),
        sac(SacConfig { n_critics: 3, target_update_interval: 4, ..usual.clone() }),
        sac(SacConfig { warmup_steps: Some(20), ..usual.clone() }),
        sac(SacConfig { norm_obs: true, norm_reward: true, ..usual.clone() }),
        sac(SacConfig { max_grad_norm: Some(0.1), ..usual.clone() }),
        sac(SacConfig { train_freq: TrainFreq::Episodes(2), gradient_steps: -1, ..usual.clone() }),
        Config {
            run: RunConfig {
                critic_learning_rate_schedule: Some(Schedule::Cosine),
                ..config.run.clone()
            },
            algo: SacConfig { critic_learning_rate: Some(1e-3), ..usual.clone() }.into(),
        },
        run(RunConfig { learning_rate_schedule: Schedule::Linear, ..config.run.clone() }),
        run(RunConfig { learning_rate_schedule: Schedule::Cosine, ..config.run.clone() }),
        run(RunConfig { action_repeat: 3, frame_stack: 2, ..config.run.clone() }),
        run(RunConfig { num_envs: 3, ..config.run.clone() }),
        Config {
            run: RunConfig { num_envs: 3, frame_stack: 2, ..config.run.clone() },
            algo: SacConfig {
                optimize_memory_usage: true,
                norm_obs: true,
                norm_reward: true,
                gradient_steps: -1,
                ..usual.clone()
            }
            .into(),
        },
        run(RunConfig { max_no_improvement_evals: Some(50), ..config.run.clone() }),
        run(RunConfig { checkpoint_freq: 0, ..config.run.clone() }),
        run(RunConfig { checkpoint_freq: 1, keep_checkpoints: 1, ..config.run.clone() }),
    ];
    let [_, td3, ddpg] = configs("chain");
    let usual = td3.algo.get::<Td3Config>().unwrap();
    let delayed = Td3Config { n_critics: 3, policy_delay: 4, norm_obs: true, ..usual.clone() };
    let usual = ddpg.algo.get::<DdpgConfig>().unwrap();
    let shared = DdpgConfig { optimize_memory_usage: true, gradient_steps: -1, ..usual.clone() };
    let others = [
        Config { algo: delayed.into(), ..td3 },
        Config { run: RunConfig { num_envs: 3, ..ddpg.run }, algo: shared.into() },
    ];
    for config in settings.iter().chain(&others) {
        stop_everywhere(config);
    }
}

#[test]
fn a_run_stopped_at_every_single_moment_comes_to_the_same_end() {
    let config = config("pendulum");
    let whole = Run::new(&config);
    trainer::<f32, Sac<f32>>(&config).unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    let run = Run::new(&config);
    let mut end = trainer::<f32, Sac<f32>>(&config)
        .unwrap()
        .train(Some(&run.folder), &mut StopAt(1))
        .unwrap()
        .end;
    // Of an evaluation that is stopped after each of its episodes, none is ever complete.
    for n in (1..=3).cycle() {
        if end != End::Interrupted {
            break;
        }
        end = run.go_on::<f32, Sac<f32>>(&config, &mut StopAt(n));
        if n == 3 && end == End::Interrupted {
            end = run.go_on::<f32, Sac<f32>>(&config, &mut StopAt(4));
        }
    }
    assert_same_files(&whole, &run, "stopped again and again");
}

#[test]
fn plots_of_a_run_that_went_on_are_the_same_to_the_byte() {
    let config = config("pendulum");
    let plots = |run: &Run| {
        let files = plot_runs(std::slice::from_ref(&run.folder), &run.folder.plots()).unwrap();
        files.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let whole = Run::new(&config);
    trainer::<f32, Sac<f32>>(&config).unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    let (run, _) = Run::stopped::<f32, Sac<f32>>(&config, 20);
    run.go_on::<f32, Sac<f32>>(&config, &mut Quiet);
    assert!(plots(&whole) == plots(&run));
}

#[test]
fn an_early_end_is_the_same_after_a_stop_and_stays_the_end() {
    let mut config = config("bandit");
    config.run.reward_threshold = Some(-1e9);
    let whole = Run::new(&config);
    let outcome =
        trainer::<f32, Sac<f32>>(&config).unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    assert_eq!((outcome.end, outcome.timesteps), (End::RewardThreshold, 10));
    assert!(outcome.final_evaluation.is_some());
    let (run, stopped) = Run::stopped::<f32, Sac<f32>>(&config, 9);
    assert!(stopped);
    for _ in 0..2 {
        assert_eq!(run.go_on::<f32, Sac<f32>>(&config, &mut Quiet), End::RewardThreshold);
        assert_same_files(&whole, &run, "ended early");
    }
    config.run.reward_threshold = None;
    config.run.max_no_improvement_evals = Some(1);
    config.run.env = "probe-constant".into();
    stop_everywhere(&config);
}

#[test]
fn a_finished_run_can_be_made_longer() {
    let config = config("chain");
    let longer =
        Config { run: RunConfig { total_timesteps: 45, ..config.run.clone() }, ..config.clone() };
    let whole = Run::new(&longer);
    trainer::<f32, Sac<f32>>(&longer).unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    let run = Run::new(&config);
    trainer::<f32, Sac<f32>>(&config).unwrap().train(Some(&run.folder), &mut Quiet).unwrap();
    assert_eq!(run.go_on::<f32, Sac<f32>>(&longer, &mut Quiet), End::Finished);
    assert_same_files(&whole, &run, "made longer");
}

#[test]
fn a_run_without_a_checkpoint_begins_anew() {
    let config = config("chain");
    let (run, _) = Run::stopped::<f32, Sac<f32>>(&config, 15);
    fs::remove_dir_all(run.path().join("checkpoints")).unwrap();
    assert_eq!(run.resume::<f32, Sac<f32>>(&config).timesteps, 0);
    run.go_on::<f32, Sac<f32>>(&config, &mut Quiet);
    let whole = Run::new(&config);
    trainer::<f32, Sac<f32>>(&config).unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    assert_same_files(&whole, &run, "begun anew");
}

#[test]
fn other_settings_are_another_run() {
    let config = config("chain");
    let (run, _) = Run::stopped::<f32, Sac<f32>>(&config, 15);
    let refused = |other: Config| {
        let resumed = Trainer::<f32>::resume(&run.folder, || trainer(&other));
        match resumed.err().expect("it is refused") {
            TrainError::ConfigChanged { key, .. } => key,
            other => panic!("{other}"),
        }
    };
    let mut other = config.clone();
    other.algo.get_mut::<SacConfig>().unwrap().gamma = 0.5;
    assert_eq!(refused(other.clone()), "gamma");
    other = config.clone();
    other.algo.get_mut::<SacConfig>().unwrap().warmup_steps = Some(3);
    assert_eq!(refused(other.clone()), "warmup_steps");
    other = config.clone();
    other.run.seed = 1;
    assert_eq!(refused(other), "seed");
}

#[test]
fn a_run_is_not_gone_on_with_by_another_algorithm() {
    struct GoOn<'a>(&'a Run, &'a Config);
    impl Work for GoOn<'_> {
        type Output = TrainError;

        fn run<T: Scalar, A: Algorithm<T>>(self) -> TrainError {
            let resumed = Trainer::resume(&self.0.folder, || trainer::<T, A>(self.1));
            resumed.err().expect("it is refused")
        }
    }
    struct Stop<'a>(&'a Config);
    impl Work for Stop<'_> {
        type Output = Run;

        fn run<T: Scalar, A: Algorithm<T>>(self) -> Run {
            Run::stopped::<T, A>(self.0, 15).0
        }
    }
    let configs = configs("chain");
    for then in &configs {
        let run = then.with_types(Stop(then));
        for now in configs.iter().filter(|now| now.algo.name() != then.algo.name()) {
            let error = now.with_types(GoOn(&run, now));
            let said = error.to_string();
            let TrainError::ConfigChanged { key, .. } = error else { panic!("{said}") };
            assert_eq!(key, "algo");
            assert!(said.contains(then.algo.name()) && said.contains(now.algo.name()), "{said}");
        }
        // Nor is another's configuration a training of this algorithm's.
        let sac = trainer::<f32, Sac<f32>>(then);
        assert_eq!(sac.is_ok(), then.algo.name() == "sac");
    }
}

#[test]
fn a_schedule_that_depends_on_the_end_keeps_it() {
    let mut config = config("chain");
    config.run.learning_rate_schedule = Schedule::Cosine;
    let (run, _) = Run::stopped::<f32, Sac<f32>>(&config, 15);
    config.run.total_timesteps += 1;
    let resumed = Trainer::<f32>::resume(&run.folder, || trainer(&config));
    let error = resumed.err().expect("it is refused");
    assert!(matches!(error, TrainError::ConfigChanged { key, .. } if key == "total_timesteps"));
}

#[test]
fn two_processes_do_not_train_in_one_folder() {
    let config = config("chain");
    let run = Run::new(&config);
    let mut first = trainer::<f32, Sac<f32>>(&config).unwrap();
    struct Second<'a>(&'a Run, Config, bool);
    impl Observer for Second<'_> {
        fn should_stop(&mut self) -> bool {
            let mut resumed = self.0.resume::<f32, Sac<f32>>(&self.1);
            let error = resumed.trainer.train(Some(&self.0.folder), &mut Quiet).unwrap_err();
            self.2 |= matches!(error, TrainError::Busy(_));
            true
        }
    }
    let mut second = Second(&run, config.clone(), false);
    first.train(Some(&run.folder), &mut second).unwrap();
    assert!(second.2);
    assert_eq!(run.go_on::<f32, Sac<f32>>(&config, &mut Quiet), End::Finished);
}

/// Fails in one of all the calls that are counted together.
struct FailsOnce {
    env: Box<dyn Env>,
    calls: Arc<AtomicUsize>,
    at: usize,
}

impl FailsOnce {
    fn call(&mut self) -> Result<(), EnvError> {
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        if before + 1 == self.at { Err(EnvError::NeedsReset) } else { Ok(()) }
    }
}

impl Env for FailsOnce {
    softac::forward_env! { env: name, observation_space, action_space, success, state }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.call()?;
        self.env.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.call()?;
        self.env.step(action, observation)
    }
}

#[test]
fn a_run_of_several_environments_goes_on_to_the_same_bytes_wherever_one_of_them_failed() {
    // Episodes that end in some of the environments, and in all.
    fail_everywhere(&|| Box::new(TimeLimit::new(env::Chain::new(), 4)));
}

#[test]
fn so_it_does_where_those_that_wait_for_the_failed_one_told_of_success() {
    fail_everywhere(&|| Box::new(Tells::new(TimeLimit::new(env::Chain::new(), 4), some)));
}

#[test]
fn a_run_that_is_told_of_success_goes_on_to_the_same_bytes_wherever_it_was_stopped() {
    let config = config("pendulum");
    let make = || {
        let env = || Box::new(Tells::new(TimeLimit::new(Pendulum::new(), 3), some));
        Trainer::<f32>::new(config.clone(), env(), env())
    };
    let whole = Run::new(&config);
    make().unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    let rates = whole.folder.metrics().unwrap().into_iter().map(|row| row.success_rate);
    assert!(rates.flatten().any(|rate| rate > 0.0));
    for n in 1.. {
        let run = Run::new(&config);
        let outcome = make().unwrap().train(Some(&run.folder), &mut StopAt(n)).unwrap();
        if outcome.end != End::Interrupted {
            break;
        }
        let mut resumed = Trainer::resume(&run.folder, make).unwrap();
        resumed.trainer.train(Some(&run.folder), &mut Quiet).unwrap();
        assert_same_files(&whole, &run, &format!("stopped at {n}"));
    }
}

/// Runs three environments, one of which fails once, at every possible moment, and compares each run, after it was
/// resumed, with one in which none failed.
fn fail_everywhere(make: &dyn Fn() -> Box<dyn Env>) {
    let mut config = config("chain");
    config.run.num_envs = 3;
    let sac = config.algo.get_mut::<SacConfig>().unwrap();
    (sac.norm_obs, sac.norm_reward) = (true, true);
    let trainer =
        |envs: Vec<Box<dyn Env>>| Trainer::<f32>::in_lockstep(config.clone(), envs, make());
    let whole = Run::new(&config);
    let sound = || trainer(vec![make(), make(), make()]);
    sound().unwrap().train(Some(&whole.folder), &mut Quiet).unwrap();
    for at in 1.. {
        let calls = Arc::new(AtomicUsize::new(0));
        let failing =
            |_| -> Box<dyn Env> { Box::new(FailsOnce { env: make(), calls: calls.clone(), at }) };
        let run = Run::new(&config);
        let mut failing = trainer((0..3).map(failing).collect()).unwrap();
        if failing.train(Some(&run.folder), &mut Quiet).is_ok() {
            // Nine steps of three, and three times three resets.
            assert_eq!(at, 27 + 9 + 1);
            break;
        }
        let mut resumed = Trainer::resume(&run.folder, sound).unwrap();
        assert!(resumed.passed_over.is_empty() && !resumed.episode_restarted);
        resumed.trainer.train(Some(&run.folder), &mut Quiet).unwrap();
        assert_same_files(&whole, &run, &format!("after a failure in call {at}"));
    }
}

/// Pendulum, as an environment that cannot tell its state.
struct Opaque(TimeLimit<Pendulum>);

impl Env for Opaque {
    softac::forward_env! { 0: name, observation_space, action_space, reset }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.0.step(action, observation)
    }
}

#[test]
fn an_environment_that_cannot_be_restored_begins_another_episode() {
    let config = config("pendulum");
    let make = || {
        let env = || Box::new(Opaque(TimeLimit::new(Pendulum::new(), 9)));
        Trainer::<f32>::new(config.clone(), env(), env())
    };
    for (stop, under_way) in [(7, true), (9, false)] {
        let run = Run::new(&config);
        make().unwrap().train(Some(&run.folder), &mut StopAt(stop)).unwrap();
        let mut resumed = Trainer::resume(&run.folder, make).unwrap();
        assert_eq!(resumed.episode_restarted, under_way);
        let outcome = resumed.trainer.train(Some(&run.folder), &mut Quiet).unwrap();
        assert_eq!((outcome.end, outcome.timesteps), (End::Finished, 26));
    }
}

#[test]
fn of_several_environments_only_those_begin_another_episode_that_cannot_be_restored() {
    let mut config = config("pendulum");
    config.run.num_envs = 3;
    let make = || {
        let plain = || TimeLimit::new(Pendulum::new(), 9);
        let opaque: Box<dyn Env> = Box::new(Opaque(plain()));
        let envs: Vec<Box<dyn Env>> = vec![Box::new(plain()), opaque, Box::new(plain())];
        Trainer::<f32>::in_lockstep(config.clone(), envs, Box::new(plain()))
    };
    let run = Run::new(&config);
    make().unwrap().train(Some(&run.folder), &mut StopAt(2)).unwrap();
    let mut resumed = Trainer::resume(&run.folder, make).unwrap();
    assert!(resumed.episode_restarted);
    let under_way = [0, 1, 2].map(|lane| resumed.trainer.learner().episode_under_way(lane));
    assert_eq!(under_way, [true, false, true]);
    let outcome = resumed.trainer.train(Some(&run.folder), &mut Quiet).unwrap();
    assert_eq!((outcome.end, outcome.timesteps), (End::Finished, 27));
}
