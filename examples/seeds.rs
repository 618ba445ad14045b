//! Trains several seeds of an environment's preset with the library, and reports what they say together.
//!
//! ```text
//! cargo run --release --example seeds -- pendulum 10 seeds-of-pendulum
//! ```
//!
//! writes `seeds.csv`, `curves.csv` and `learning_curve.{svg,png}` into the folder, and a table to
//! standard output.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use softac::draw::chart::{Chart, Series};
use softac::env;
use softac::statistics::{bootstrap_ci, interquartile_mean};
use softac::train::{Config, EvaluationRow, MetricsRow, Observer, Trainer};

/// What one seed came to.
#[derive(Serialize)]
struct Seed {
    seed: u64,
    final_mean: f64,
    final_std: f64,
    /// Steps at the first evaluation above [`SOLVED`].
    first_solved: Option<u64>,
    final_entropy: Option<f64>,
    final_ent_coef: Option<f64>,
}

/// One evaluation of one seed.
#[derive(Serialize)]
struct Point {
    seed: u64,
    timesteps: u64,
    mean_reward: f64,
}

/// A return of Pendulum above which the pole is swung up and held.
const SOLVED: f64 = -200.0;

/// Keeps what a training reports.
#[derive(Default)]
struct Records {
    evaluations: Vec<EvaluationRow>,
    metrics: Vec<MetricsRow>,
}

impl Observer for Records {
    fn on_metrics(&mut self, row: &MetricsRow) {
        self.metrics.push(row.clone());
    }

    fn on_evaluation(&mut self, row: &EvaluationRow) {
        self.evaluations.push(*row);
    }
}

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or("pendulum".into());
    let seeds: u64 = args.next().unwrap_or("10".into()).parse()?;
    let folder = PathBuf::from(args.next().unwrap_or("seeds".into()));
    let settings: Vec<_> = args.map(|setting| setting.parse()).collect::<Result<_, _>>()?;
    let config = Config::layered(env::find(&name)?, settings)?;
    std::fs::create_dir_all(&folder)?;

    let runs = train_all(&config, seeds)?;
    write_csv(&folder.join("seeds.csv"), runs.iter().map(|(seed, _)| seed))?;
    let curves = runs.iter().flat_map(|(run, records)| {
        records.evaluations.iter().map(|row| Point {
            seed: run.seed,
            timesteps: row.timesteps,
            mean_reward: row.mean_reward,
        })
    });
    write_csv(&folder.join("curves.csv"), curves)?;
    plot(&config, &runs).save(&folder.join("learning_curve"))?;
    print_table(&runs);
    Ok(())
}

/// One training per seed, as many at once as there are cores. Each is deterministic.
fn train_all(config: &Config, seeds: u64) -> Result<Vec<(Seed, Records)>, Failure> {
    let (next, done) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    let run = train(config, seed);
                    done.lock().expect("no worker panicked").push(run);
                }
            });
        }
    });
    let runs = done.into_inner().expect("no worker panicked");
    let mut runs = runs.into_iter().collect::<Result<Vec<_>, _>>()?;
    runs.sort_by_key(|(seed, _)| seed.seed);
    Ok(runs)
}

fn train(config: &Config, seed: u64) -> Result<(Seed, Records), Failure> {
    let mut config = config.clone();
    config.run.seed = seed;
    let name = config.run.env.clone();
    let mut records = Records::default();
    let mut trainer = Trainer::<f32>::new(config, env::make(&name)?, env::make(&name)?)?;
    let outcome = trainer.train(None, &mut records)?;
    let evaluation = outcome.final_evaluation.ok_or("the training was stopped")?;
    let first = records.evaluations.iter().find(|row| row.mean_reward > SOLVED);
    let last = records.metrics.last();
    let seed = Seed {
        seed,
        final_mean: evaluation.reward.mean,
        final_std: evaluation.reward.std,
        first_solved: first.map(|row| row.timesteps),
        final_entropy: last.and_then(|row| row.mean("entropy")),
        final_ent_coef: last.and_then(|row| row.mean("ent_coef")),
    };
    Ok((seed, records))
}

fn write_csv(path: &Path, rows: impl Iterator<Item = impl Serialize>) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_path(path)?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

/// The interquartile mean over seeds at each evaluation, with its bootstrap interval.
fn plot(config: &Config, runs: &[(Seed, Records)]) -> Chart {
    let steps = runs[0].1.evaluations.iter().map(|row| row.timesteps);
    let at = |i: usize| -> Vec<f64> {
        runs.iter().map(|(_, records)| records.evaluations[i].mean_reward).collect()
    };
    let iqm = |returns: &[f64]| interquartile_mean(returns).unwrap_or(f64::NAN);
    let (mut points, mut band) = (Vec::new(), Vec::new());
    for (i, step) in steps.enumerate() {
        let returns = at(i);
        points.push((step as f64, iqm(&returns)));
        if let Some((low, high)) = bootstrap_ci(&returns, iqm, 2_000, 0) {
            band.push((step as f64, low, high));
        }
    }
    let n = runs.len();
    Chart {
        title: format!("{}: {n} seeds", config.run.env),
        x_label: "environment steps".into(),
        y_label: "return (interquartile mean, 95 % interval)".into(),
        series: vec![Series { label: String::new(), points, band: Some(band) }],
        ..Chart::default()
    }
}

fn print_table(runs: &[(Seed, Records)]) {
    println!("| seed | final return | first evaluation above {SOLVED} | entropy | α |");
    println!("|---|---|---|---|---|");
    let number = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.3}"));
    for (run, _) in runs {
        let first = run.first_solved.map_or("never".into(), |steps| format!("{steps} steps"));
        let (entropy, alpha) = (number(run.final_entropy), number(run.final_ent_coef));
        let (mean, std) = (run.final_mean, run.final_std);
        println!("| {} | {mean:.1} ± {std:.1} | {first} | {entropy} | {alpha} |", run.seed);
    }
    let finals: Vec<_> = runs.iter().map(|(run, _)| run.final_mean).collect();
    let iqm = |returns: &[f64]| interquartile_mean(returns).unwrap_or(f64::NAN);
    let (low, high) = bootstrap_ci(&finals, iqm, 10_000, 0).unwrap_or((f64::NAN, f64::NAN));
    let worst = finals.iter().copied().fold(f64::INFINITY, f64::min);
    println!();
    println!(
        "interquartile mean {:.1} (95 % interval {low:.1} to {high:.1}), worst {worst:.1}",
        iqm(&finals)
    );
}
