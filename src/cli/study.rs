//! `softac train --seeds`: several runs of one configuration, some of them at a time.
//!
//! They are threads of one process: the state of a training is its own, so that nothing can be mixed up; there is one
//! Ctrl-C to listen to, and nobody is left behind when the process is killed. Each has rayon threads of its own, for
//! shared ones would take up work of another run in the midst of theirs.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use indicatif::{MultiProgress, ProgressDrawTarget};
use softac::Scalar;
use softac::train::compare::Options;
use softac::train::{Config, Outcome, Precision, RunFolder, Task, Trainer, compare};

use super::gym::Gym;
use super::progress::Bar;
use super::resume::warn;
use super::seeds::Seeds;
use super::train::{drive, interruptible, print};
use super::{CliError, compare as comparison, threads};

/// What is to be done for a seed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Begin,
    GoOn,
    Nothing,
}

/// Several runs of one configuration.
pub struct Study {
    task: Task,
    gym: Gym,
    config: Config,
    /// The folder of the run folders.
    runs: PathBuf,
    seeds: Vec<u64>,
    jobs: usize,
    threads: usize,
    quiet: bool,
    bars: MultiProgress,
}

impl Study {
    pub fn new(
        task: Task,
        gym: Gym,
        config: Config,
        runs: PathBuf,
        Seeds(seeds): Seeds,
        quiet: bool,
    ) -> Self {
        let bars = MultiProgress::new();
        if quiet {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { task, gym, config, runs, seeds, jobs: 1, threads: 1, quiet, bars }
    }

    /// So many at a time, each on so many threads; as many as there are cores if not given.
    pub fn on(self, jobs: Option<usize>, threads: Option<usize>) -> Result<Self, CliError> {
        let jobs = threads::checked("--jobs", jobs.unwrap_or_else(threads::cores))?;
        let jobs = jobs.min(self.seeds.len());
        let share = (threads::cores() / jobs).max(1);
        let threads = threads::checked("--threads", threads.unwrap_or(share))?;
        Ok(Self { jobs, threads, ..self })
    }

    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        match self.config.run.precision {
            Precision::F32 => self.train::<f32>(out),
            Precision::F64 => self.train::<f64>(out),
        }
    }

    fn train<T: Scalar>(&self, out: &mut impl Write) -> Result<(), CliError> {
        // Only when everything has been checked is anything written.
        self.trainer::<T>(self.seeds[0])?;
        let all: Vec<_> = self
            .seeds
            .iter()
            .map(|&seed| Ok((seed, self.due(seed)?)))
            .collect::<Result<_, CliError>>()?;
        let interrupted = interruptible()?;
        let mut said = self.announce(&all, out);
        let todo: Vec<_> = all.into_iter().filter(|&(_, due)| due != Due::Nothing).collect();
        let mut failed = 0;
        self.train_all::<T>(&todo, &interrupted, |seed, result| {
            let lines = match result {
                Ok(outcome) => {
                    let mut text = Vec::new();
                    let printed = print(&outcome, &mut text);
                    printed.map(|()| String::from_utf8_lossy(&text).into_owned())
                }
                Err(error) => Err(error),
            };
            self.bars.suspend(|| match lines {
                Ok(lines) => {
                    let lines =
                        lines.lines().try_for_each(|line| writeln!(out, "seed {seed}: {line}"));
                    let written = lines.and_then(|()| out.flush());
                    // The others go on if nobody reads this, but it is said at the end.
                    if said.is_ok() {
                        said = written;
                    }
                }
                Err(CliError::Interrupted { .. }) => {}
                Err(error) => {
                    failed += 1;
                    let _ = writeln!(io::stderr(), "error: seed {seed}: {error}");
                }
            });
        });
        if interrupted.load(Ordering::Relaxed) {
            return Err(CliError::SeedsInterrupted { folder: self.runs.display().to_string() });
        }
        said?;
        self.compare(out)?;
        match failed {
            0 => Ok(()),
            failed => Err(CliError::SeedsFailed { failed, seeds: self.seeds.len() }),
        }
    }

    fn announce(&self, all: &[(u64, Due)], out: &mut impl Write) -> io::Result<()> {
        let count = |wanted| all.iter().filter(|&&(_, due)| due == wanted).count();
        let (begin, go_on, finished) = (count(Due::Begin), count(Due::GoOn), count(Due::Nothing));
        let folders = self.runs.join("seed-*");
        writeln!(out, "run folders: {}", folders.display())?;
        writeln!(
            out,
            "seeds: {begin} to begin, {go_on} to go on with, {finished} finished already"
        )?;
        out.flush()
    }

    /// What the runs come to that have come to an end.
    fn compare(&self, out: &mut impl Write) -> Result<(), CliError> {
        let is_finished =
            |folder: &PathBuf| RunFolder::open(folder).is_ok_and(|run| run.is_finished());
        let folders = self.seeds.iter().map(|&seed| self.folder(seed));
        let (finished, others): (Vec<_>, Vec<_>) = folders.partition(is_finished);
        if finished.is_empty() {
            return Ok(());
        }
        let mut found = compare(&finished, &Options::default())?;
        found.left_out = others.iter().map(|folder| folder.display().to_string()).collect();
        writeln!(out)?;
        comparison::print(&found, out)
    }

    fn folder(&self, seed: u64) -> PathBuf {
        self.runs.join(format!("seed-{seed}"))
    }

    fn config(&self, seed: u64) -> Config {
        let mut config = self.config.clone();
        config.run.seed = seed;
        config
    }

    fn trainer<T: Scalar>(&self, seed: u64) -> Result<Trainer<T>, softac::train::TrainError> {
        self.gym.trainer(&self.task, &self.config(seed), true)
    }

    /// What is to be done for this seed; nothing is touched.
    fn due(&self, seed: u64) -> Result<Due, CliError> {
        let path = self.folder(seed);
        let is_empty = || fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
        if !path.exists() || is_empty() {
            return Ok(Due::Begin);
        }
        let folder = RunFolder::open(&path)?;
        let (then, now) = (folder.config()?, self.config(seed));
        then.check_unchanged(&now).map_err(|error| {
            let advice = "or choose another folder with --out DIR";
            CliError::Usage(format!("{} holds another run: {error}, {advice}", path.display()))
        })?;
        let is_over = folder.is_finished() && then.run.total_timesteps == now.run.total_timesteps;
        Ok(if is_over { Due::Nothing } else { Due::GoOn })
    }

    /// Trains all, some at a time, and tells how each came out, in the order in which they end.
    fn train_all<T: Scalar>(
        &self,
        todo: &[(u64, Due)],
        interrupted: &Arc<AtomicBool>,
        mut tell: impl FnMut(u64, Result<Outcome, CliError>),
    ) {
        let next = AtomicUsize::new(0);
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.jobs {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(&(seed, due)) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if interrupted.load(Ordering::Relaxed) {
                            break;
                        }
                        let result = self.train_apart::<T>(seed, due, interrupted);
                        sender.send((seed, result)).expect("the receiver waits for all senders");
                    }
                });
            }
            drop(sender);
            for (seed, result) in results {
                tell(seed, result);
            }
        });
    }

    /// Trains on threads of its own, so that not even a panic concerns the others.
    fn train_apart<T: Scalar>(
        &self,
        seed: u64,
        due: Due,
        interrupted: &Arc<AtomicBool>,
    ) -> Result<Outcome, CliError> {
        thread::scope(|scope| {
            let train = || {
                let _pool = threads::start_apart(self.threads)?;
                self.train_one::<T>(seed, due, interrupted.clone())
            };
            scope.spawn(train).join().unwrap_or(Err(CliError::Panicked))
        })
    }

    fn train_one<T: Scalar>(
        &self,
        seed: u64,
        due: Due,
        interrupted: Arc<AtomicBool>,
    ) -> Result<Outcome, CliError> {
        let path = self.folder(seed);
        let (trainer, folder) = if due == Due::Begin {
            (self.trainer::<T>(seed)?, RunFolder::create(&path, &self.config(seed))?)
        } else {
            let folder = RunFolder::open(&path)?;
            let resumed = Trainer::<T>::resume(&folder, || self.trainer(seed))?;
            self.bars.suspend(|| warn(&resumed));
            (resumed.trainer, folder)
        };
        let bar =
            Bar::among(&self.bars, format!("seed {seed}: "), &trainer, self.quiet, interrupted);
        drive(trainer, &folder, bar)
    }
}
