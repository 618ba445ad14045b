//! `softac bench`

use std::alloc::System;
use std::io::Write;
use std::time::{Duration, Instant};

use cap::Cap;
use clap::Args;
use clap::builder::PossibleValuesParser;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};
use serde::Serialize;
use softac::Scalar;
use softac::agent::settings::ValueKind;
use softac::agent::{Algorithm, Memory};
use softac::env::{BoxSpace, EnvError};
use softac::learner::{Learner, LearnerError, MemoryPlan};
use softac::train::{Algo, Config, TrainError, Work, gathered, read_value};
use softac::workload::{ProductOperands, ProductShape, Transposed, Workload};
use toml::{Table, Value};

use super::error::CliError;
use super::threads;

/// The system's allocator, which counts.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Measure updates per second, beside the matrix products alone
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac bench
  softac bench --obs 3 --act 1 --hidden 64,64 --batch 100
  softac bench --hidden pi=64,64 --hidden qf=256,256
  softac bench --algo td3 --threads 2 --seconds 10 --json
  softac bench --memory-plan --obs 3 --act 1 --hidden 32,32 --batch 32 --buffer-size 1000")]
pub struct Bench {
    /// Algorithm that learns
    #[arg(long, default_value = Algo::NAMES[0], value_parser = PossibleValuesParser::new(Algo::NAMES))]
    algo: String,
    /// Dimension of observations
    #[arg(long, default_value_t = 17, value_parser = dimension)]
    obs: usize,
    /// Dimension of actions
    #[arg(long, default_value_t = 6, value_parser = dimension)]
    act: usize,
    /// Sizes of the hidden layers
    #[arg(long, value_name = "SIZES", default_value = "256,256", value_parser = hidden)]
    hidden: Vec<Value>,
    /// Transitions in a minibatch
    #[arg(long, default_value_t = 256, value_parser = dimension)]
    batch: usize,
    /// Threads to work on
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How long to measure
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    seconds: f64,
    /// Number type
    #[arg(long, default_value = "f32", value_parser = ["f32", "f64"])]
    precision: String,
    /// How products are rounded
    #[arg(long, default_value = "fast", value_parser = ["fast", "portable"])]
    numerics: String,
    /// Print the memory that a training takes, which is known before it begins, and measure nothing
    #[arg(long)]
    memory_plan: bool,
    /// Capacity of the replay buffer, for the memory plan
    #[arg(long, default_value_t = 1_000_000, value_parser = capacity, requires = "memory_plan")]
    buffer_size: i64,
    /// Keep each observation once in the replay buffer, for the memory plan
    #[arg(long, requires = "memory_plan")]
    optimize_memory_usage: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn capacity(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|n| *n > 0);
    number.ok_or_else(|| "it must be a number from 1 on".into())
}

/// No machine has memory for layers of more.
fn dimension(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (1..=65536).contains(n));
    number.ok_or_else(|| "it must be a number from 1 to 65536".into())
}

/// Sizes of both networks' hidden layers, or of one of them, named.
fn hidden(text: &str) -> Result<Value, String> {
    let value = read_value(ValueKind::NetArch, text)?;
    let lists = match &value {
        Value::Table(lists) => lists.values().collect(),
        list => vec![list],
    };
    let mut sizes = lists.into_iter().filter_map(Value::as_array).flatten();
    sizes.try_for_each(|size| dimension(&size.to_string()).map(|_| ()))?;
    Ok(value)
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|s| (0.1..=3600.0).contains(s));
    number.ok_or_else(|| "it must be a number from 0.1 to 3600".into())
}

/// What was measured.
#[derive(Serialize)]
struct Measured {
    updates_per_second: f64,
    gflops: f64,
    share_of_limit: f64,
    limit_updates_per_second: f64,
    /// The library whose products alone take the least time.
    limit_by: &'static str,
    bytes_allocated_per_update: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_memory_bytes: Option<u64>,
    mflop_per_update: f64,
    threads: usize,
}

/// What a training takes.
#[derive(Serialize)]
struct MemoryReport {
    #[serde(flatten)]
    plan: MemoryPlan,
    /// Names, shapes and random streams, on this machine.
    bookkeeping: usize,
    heap: usize,
}

impl Bench {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        if self.memory_plan {
            return self.print_memory_plan(out);
        }
        threads::start(Some(self.threads))?;
        let config = self.config()?;
        let measured = config.with_types(Measurement { command: &self, config: &config })?;
        if self.json {
            writeln!(out, "{}", serde_json::json!(measured))?;
            return Ok(());
        }
        let Self { algo, obs, act, batch, precision, .. } = &self;
        let hidden = config.algo.net_arch();
        let Measured { updates_per_second, gflops, share_of_limit, limit_by, .. } = measured;
        let threads = self.threads;
        writeln!(
            out,
            "{algo}, obs {obs}, act {act}, {hidden:?}, batch {batch}, {precision}, {threads} thread(s)"
        )?;
        writeln!(out, "updates per second           {updates_per_second:10.1}")?;
        writeln!(out, "GFLOP/s                      {gflops:10.1}")?;
        let share = 100.0 * share_of_limit;
        writeln!(out, "share of the products alone  {share:9.1} % (by {limit_by})")?;
        let bytes = measured.bytes_allocated_per_update;
        writeln!(out, "bytes allocated per update   {bytes:10.1}")?;
        if let Some(peak) = measured.peak_memory_bytes {
            writeln!(out, "peak memory                  {:7.1} MB", peak as f64 / 1e6)?;
        }
        Ok(())
    }

    /// The algorithm's defaults with these sizes.
    fn config(&self) -> Result<Config, TrainError> {
        let settings = [
            ("algo", Value::from(self.algo.as_str())),
            ("precision", self.precision.as_str().into()),
            ("numerics", self.numerics.as_str().into()),
            ("net_arch", gathered(&self.hidden)),
            ("batch_size", (self.batch as i64).into()),
            ("buffer_size", self.buffer_size.into()),
            ("optimize_memory_usage", self.optimize_memory_usage.into()),
        ];
        let settings = Table::from_iter(settings.map(|(key, value)| (key.into(), value)));
        Config::from_toml(&settings.to_string(), "bench")
    }

    fn print_memory_plan(&self, out: &mut impl Write) -> Result<(), CliError> {
        let config = self.config()?;
        let planned = config.with_types(Planning { command: self, config: &config })?;
        if self.json {
            writeln!(out, "{}", serde_json::json!(planned))?;
            return Ok(());
        }
        let MemoryReport { plan, bookkeeping, heap } = planned;
        let Memory { parameters, targets, gradients, moments, activations } = plan.learning;
        for (part, bytes) in [
            ("parameters", parameters),
            ("targets", targets),
            ("gradients", gradients),
            ("moments", moments),
            ("activations", activations),
            ("minibatch", plan.minibatch),
            ("replay", plan.replay),
            ("names and shapes", bookkeeping),
            ("heap", heap),
        ] {
            writeln!(out, "{part:<18}{bytes:>13} bytes")?;
        }
        Ok(())
    }

    /// Takes the memory, and looks.
    fn plan_memory<T: Scalar, A: Algorithm<T>>(
        &self,
        config: &Config,
    ) -> Result<MemoryReport, CliError> {
        let unbounded = |error: EnvError| CliError::Usage(error.to_string());
        let actions =
            BoxSpace::new(vec![-1.0; self.act], vec![1.0; self.act]).map_err(unbounded)?;
        let settings = config.settings::<A::Settings>().map_err(TrainError::from)?;
        let before = ALLOCATOR.allocated();
        let learner = Learner::<T, A>::for_spaces(1, settings.clone(), self.obs, &actions, 0)?;
        let heap = ALLOCATOR.allocated() - before;
        let plan = learner.memory_plan();
        Ok(MemoryReport { bookkeeping: heap.saturating_sub(plan.total()), plan, heap })
    }

    fn measure<T: Scalar, A: Algorithm<T>>(&self, config: &Config) -> Result<Measured, CliError> {
        let settings = config.settings::<A::Settings>().map_err(TrainError::from)?.clone();
        let mut work = Workload::<T, A>::new(settings, self.obs, self.act)
            .map_err(|error| CliError::Usage(error.to_string()))?;
        // Update and products take turns, so that all see the same machine.
        let turn = Duration::from_secs_f64(self.seconds / f64::from(3 * TURNS));
        let mut rates = [vec![], vec![], vec![]];
        let mut updates = 0;
        let mut bytes = 0;
        work.update()?;
        // A thread of the pool takes memory of its own when it first works, which may be late on a busy machine.
        rayon::broadcast(|_| ());
        for turn_number in 0..=TURNS {
            let before = ALLOCATOR.total_allocated();
            let (count, update) = repeat(turn, || work.update())?;
            if turn_number == 0 {
                continue;
            }
            bytes += ALLOCATOR.total_allocated() - before;
            updates += count;
            let (_, own) = repeat(turn, || {
                work.products_alone();
                Ok(())
            })?;
            let (_, library) = repeat(turn, || {
                work.each_product(by_matrixmultiply);
                Ok(())
            })?;
            rates.iter_mut().zip([update, own, library]).for_each(|(rates, rate)| rates.push(rate));
        }
        let [updates_per_second, own, library] = rates.map(median);
        let (limit_by, one_thread) =
            if own >= library { ("softac", own) } else { ("matrixmultiply", library) };
        let limit = one_thread * self.threads as f64;
        Ok(Measured {
            updates_per_second,
            gflops: updates_per_second * work.flop() / 1e9,
            share_of_limit: updates_per_second / limit,
            limit_updates_per_second: limit,
            limit_by,
            bytes_allocated_per_update: bytes as f64 / f64::from(updates),
            peak_memory_bytes: peak_memory(),
            mflop_per_update: work.flop() / 1e6,
            threads: self.threads,
        })
    }
}

/// The measurement, once number type and algorithm are known.
struct Measurement<'a> {
    command: &'a Bench,
    config: &'a Config,
}

impl Work for Measurement<'_> {
    type Output = Result<Measured, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.measure::<T, A>(self.config)
    }
}

/// The memory plan, once number type and algorithm are known.
struct Planning<'a> {
    command: &'a Bench,
    config: &'a Config,
}

impl Work for Planning<'_> {
    type Output = Result<MemoryReport, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.plan_memory::<T, A>(self.config)
    }
}

/// Turns of either side, after one to warm up.
const TURNS: u32 = 15;

/// How often `work` was done in this time at least, and how often in a second.
fn repeat(
    time: Duration,
    mut work: impl FnMut() -> Result<(), LearnerError>,
) -> Result<(u32, f64), CliError> {
    let (start, mut count) = (Instant::now(), 0);
    loop {
        work()?;
        count += 1;
        let elapsed = start.elapsed();
        if elapsed >= time {
            return Ok((count, f64::from(count) / elapsed.as_secs_f64()));
        }
    }
}

/// A product by the library that `ndarray` computes products with.
fn by_matrixmultiply<T: Scalar>(operands: ProductOperands<'_, T>) {
    let ProductOperands { shape: ProductShape { m, k, n, transposed }, left, right, result } =
        operands;
    let matrix = |numbers, [rows, columns]: [usize; 2], lies| {
        let shape = (rows, columns).set_f(transposed == lies);
        ArrayView2::from_shape(shape, numbers).expect("operands fill their shapes")
    };
    let left = matrix(left, [m, k], Transposed::Left);
    let right = matrix(right, [k, n], Transposed::Right);
    let mut result = ArrayViewMut2::from_shape((m, n), result).expect("operands fill their shapes");
    general_mat_mul(T::one(), &left, &right, T::zero(), &mut result);
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The largest resident memory of this process so far, where the system tells.
fn peak_memory() -> Option<u64> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        // Linux counts in units of 1024 bytes, macOS in bytes.
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        Some(u64::try_from(usage.max_rss()).ok()? * unit)
    }
    #[cfg(not(unix))]
    None
}
