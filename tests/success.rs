//! The success of episodes, where an environment tells: what the files of a run, its verification, its plots and
//! TensorBoard make of it, and what stays as it is where none tells.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use softac::env::{Env, Pendulum, TimeLimit};
use softac::sac::SacConfig;
use softac::study::plot_runs;
use softac::train::{
    Config, EvaluationRow, MetricsRow, Observer, Progress, Quiet, RunConfig, RunFolder, Trainer,
    Verdict, verify,
};
use tempfile::{TempDir, tempdir};

#[path = "support/tells.rs"]
mod tells;
use tells::{Tells, some};

const METRICS: &str = "time/total_timesteps,time/episodes,train/n_updates,rollout/ep_rew_mean,\
    rollout/ep_len_mean,train/critic_loss,train/q_mean,train/actor_loss,train/entropy,train/ent_coef,\
    train/ent_coef_loss,train/params_hash";
const EVALUATIONS: &str =
    "time/total_timesteps,eval/episodes,eval/mean_reward,eval/std_reward,eval/mean_ep_length";
const WINDOW: usize = 3;

/// A training in two environments.
fn config(total_timesteps: u64) -> Config {
    let run = RunConfig {
        env: "Pendulum-v1".into(),
        num_envs: 2,
        total_timesteps,
        log_freq: 8,
        stats_window_size: WINDOW,
        eval_freq: 20,
        n_eval_episodes: 2,
        n_final_eval_episodes: 5,
        checkpoint_freq: 0,
        ..RunConfig::default()
    };
    let sac = SacConfig {
        net_arch: vec![4].into(),
        batch_size: 3,
        buffer_size: 100,
        ..SacConfig::default()
    };
    Config { run, algo: SacConfig { learning_starts: 8, ..sac }.into() }
}

/// Whether an episode succeeded, by its last reward.
type Told = fn(f64) -> Option<bool>;

const SILENT: Told = |_| None;

/// Pendulum in episodes of other lengths, of two environments and of the evaluations.
fn trainer(total_timesteps: u64, told: Told) -> Trainer<f32> {
    let env = |limit| -> Box<dyn Env> {
        Box::new(Tells::new(TimeLimit::new(Pendulum::new(), limit), told))
    };
    Trainer::in_lockstep(config(total_timesteps), vec![env(5), env(7)], env(6)).unwrap()
}

/// What a training showed.
#[derive(Default)]
struct Seen {
    metrics: Vec<MetricsRow>,
    evaluations: Vec<EvaluationRow>,
    /// The last episodes that told.
    window: VecDeque<bool>,
    /// The share of those at each row.
    rates: Vec<Option<f64>>,
}

impl Observer for Seen {
    fn on_step(&mut self, progress: &Progress) {
        self.window.extend(progress.finished_episode.and_then(|episode| episode.success));
        let surplus = self.window.len().saturating_sub(WINDOW);
        self.window.drain(..surplus);
    }

    fn on_metrics(&mut self, row: &MetricsRow) {
        let (n, succeeded) = (self.window.len(), self.window.iter().filter(|&&told| told).count());
        self.rates.push((n > 0).then(|| succeeded as f64 / n as f64));
        self.metrics.push(row.clone());
    }

    fn on_evaluation(&mut self, row: &EvaluationRow) {
        self.evaluations.push(*row);
    }
}

struct Run {
    folder: RunFolder,
    seen: Seen,
    _place: TempDir,
}

impl Run {
    fn new(told: Told) -> Self {
        let place = tempdir().unwrap();
        let folder = RunFolder::create(&place.path().join("run"), &config(100)).unwrap();
        let mut seen = Seen::default();
        trainer(100, told).train(Some(&folder), &mut seen).unwrap();
        Self { folder, seen, _place: place }
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    fn headers(&self) -> [String; 2] {
        ["metrics.csv", "evaluations.csv"]
            .map(|file| self.text(file).lines().next().unwrap().into())
    }

    fn verify(&self, total_timesteps: u64, told: Told) -> Verdict {
        verify(&self.folder, trainer(total_timesteps, told), &mut Quiet).unwrap()
    }

    /// The names of its plots.
    fn plots(&self) -> Vec<String> {
        let files = plot_runs(std::slice::from_ref(&self.folder), &self.folder.plots()).unwrap();
        let name =
            |file: &std::path::PathBuf| file.file_name().unwrap().to_str().unwrap().to_string();
        files.iter().map(name).collect()
    }

    /// Whether TensorBoard is shown a curve of this name.
    fn has_curve(&self, name: &str) -> bool {
        let is_event_file = |path: &Path| path.to_string_lossy().contains("tfevents");
        let paths = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| is_event_file(path)).any(|path| {
            let bytes = fs::read(path).unwrap();
            bytes.windows(name.len()).any(|window| window == name.as_bytes())
        })
    }
}

/// The headers with the columns of success.
fn telling() -> [String; 2] {
    let metrics = METRICS.replace("ep_len_mean,", "ep_len_mean,rollout/success_rate,");
    [metrics, format!("{EVALUATIONS},eval/success_rate")]
}

/// The cells of a column.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut lines = text.lines().map(|line| line.split(','));
    let at = lines.next().unwrap().position(|column| column == name).unwrap();
    lines.map(|mut cells| cells.nth(at).unwrap().to_string()).collect()
}

#[test]
fn files_gain_the_column_with_the_first_success_that_is_told() {
    let run = Run::new(some);
    assert_eq!(run.headers(), telling());
    // The window of the last episodes that told, in both environments.
    let rates: Vec<_> = run.seen.metrics.iter().map(|row| row.success_rate).collect();
    assert_eq!(rates, run.seen.rates);
    let cells = |rates: &[Option<f64>]| -> Vec<String> {
        rates.iter().map(|rate| rate.map_or(String::new(), |rate| format!("{rate:?}"))).collect()
    };
    assert_eq!(column(&run.text("metrics.csv"), "rollout/success_rate"), cells(&rates));
    assert!(rates[0].is_none() && rates.iter().any(|rate| *rate > Some(0.0)), "{rates:?}");
    let evaluated: Vec<_> = run.seen.evaluations.iter().map(|row| row.success_rate).collect();
    assert_eq!(column(&run.text("evaluations.csv"), "eval/success_rate"), cells(&evaluated));
    assert_eq!(run.folder.metrics().unwrap(), run.seen.metrics);
    assert_eq!(run.folder.evaluations().unwrap(), run.seen.evaluations);
    assert!(run.has_curve("rollout/success_rate") && run.has_curve("eval/success_rate"));
    assert!(run.plots().contains(&"success_rate.svg".into()));
}

#[test]
fn a_run_without_success_has_the_bytes_that_it_had() {
    let (silent, telling) = (Run::new(SILENT), Run::new(some));
    assert_eq!(silent.headers(), [METRICS, EVALUATIONS]);
    assert!(!silent.has_curve("success_rate"));
    assert!(!silent.plots().iter().any(|name| name.contains("success")));
    // Successes change nothing else.
    for (file, header) in [("metrics.csv", METRICS), ("evaluations.csv", EVALUATIONS)] {
        for name in header.split(',') {
            let [a, b] = [&silent, &telling].map(|run| column(&run.text(file), name));
            assert_eq!(a, b, "{name}");
        }
    }
}

#[test]
fn a_run_that_kept_no_success_is_verified_and_resumed_where_it_is_told_now() {
    let run = Run::new(SILENT);
    let before = run.folder.metrics().unwrap().len();
    let verdict = run.verify(100, some);
    assert!(verdict.difference.is_none() && verdict.rows > before, "{verdict:?}");

    let mut resumed = Trainer::resume(&run.folder, || Ok(trainer(200, some))).unwrap();
    assert!(resumed.passed_over.is_empty());
    resumed.trainer.train(Some(&run.folder), &mut Quiet).unwrap();
    assert_eq!(run.headers(), telling());
    let rates = column(&run.text("metrics.csv"), "rollout/success_rate");
    assert!(rates.len() > before, "{rates:?}");
    assert!(rates[..before].iter().all(String::is_empty) && !rates.last().unwrap().is_empty());
    assert!(run.plots().contains(&"success_rate.svg".into()));
}

#[test]
fn verification_compares_the_success_that_was_kept() {
    let run = Run::new(some);
    assert_eq!(run.verify(100, some).difference, None);
    let otherwise: Told = |reward| some(reward).map(|success| !success);
    for told in [otherwise, SILENT] {
        let difference = run.verify(100, told).difference.unwrap();
        assert!(difference.column.ends_with("/success_rate"), "{difference:?}");
    }
}
