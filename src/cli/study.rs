//! Several runs in one environment, some of them at a time.
//!
//! They are threads of one process: the state of a training is its own, so that nothing can be mixed up; there is one
//! Ctrl-C to listen to, and nobody is left behind when the process is killed. Each has rayon threads of its own, for
//! shared ones would take up work of another run in the midst of theirs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use indicatif::{MultiProgress, ProgressDrawTarget};
use softac::Scalar;
use softac::agent::Algorithm;
use softac::env::Env;
use softac::train::{Config, Outcome, RunFolder, TrainError, Trainer, Work};

use super::error::CliError;
use super::gym::Gym;
use super::progress::Bar;
use super::session::{begun, drive, interruptible, print, warn};
use super::threads;

/// What is to be done for a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Begin,
    GoOn,
    Nothing,
}

/// One of several runs.
pub struct PlannedRun {
    /// What its lines begin with.
    pub name: String,
    /// The run folder.
    pub folder: PathBuf,
    pub config: Config,
}

/// Several runs in one environment, of one precision.
pub struct Study {
    gym: Gym,
    runs: Vec<PlannedRun>,
    jobs: usize,
    threads: usize,
    quiet: bool,
    bars: MultiProgress,
}

impl Study {
    pub fn new(gym: Gym, runs: Vec<PlannedRun>, quiet: bool) -> Self {
        let bars = MultiProgress::new();
        if quiet {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { gym, runs, jobs: 1, threads: 1, quiet, bars }
    }

    /// So many at a time, each on so many threads; as many as there are cores if not given.
    pub fn on(self, jobs: Option<usize>, threads: Option<usize>) -> Result<Self, CliError> {
        let jobs = threads::checked("--jobs", jobs.unwrap_or_else(threads::cores))?;
        let jobs = jobs.min(self.runs.len());
        let share = (threads::cores() / jobs).max(1);
        let threads = threads::checked("--threads", threads.unwrap_or(share))?;
        Ok(Self { jobs, threads, ..self })
    }

    /// Trains what is not finished, announced as the runs in `place`, and gives how many failed, each of which was
    /// reported.
    pub fn run(&self, place: &Path, out: &mut impl Write) -> Result<usize, CliError> {
        self.runs[0].config.with_types(Trainings { study: self, place, out })
    }

    fn train<T: Scalar, A: Algorithm<T>>(
        &self,
        place: &Path,
        out: &mut impl Write,
    ) -> Result<usize, CliError> {
        // Only when everything has been checked is anything written.
        let action_dim = self.trainer::<T, A>(&self.runs[0])?.policy()?.action_dim();
        for run in &self.runs {
            run.config.validate(action_dim).map_err(TrainError::from)?;
        }
        let all: Vec<_> =
            self.runs.iter().map(|run| Ok((run, due(run)?))).collect::<Result<_, CliError>>()?;
        interruptible(&self.gym.interrupted)?;
        let mut said = announce(place, &all, out);
        let todo: Vec<_> = all.into_iter().filter(|&(_, due)| due != Due::Nothing).collect();
        let mut failed = 0;
        self.train_all::<T, A>(&todo, |run, result| {
            let lines = match result {
                Ok(outcome) => {
                    let mut text = Vec::new();
                    let printed = print(&outcome, &mut text);
                    printed.map(|()| String::from_utf8_lossy(&text).into_owned())
                }
                Err(error) => Err(error),
            };
            let name = &run.name;
            self.bars.suspend(|| match lines {
                Ok(lines) => {
                    let lines = lines.lines().try_for_each(|line| writeln!(out, "{name}: {line}"));
                    let written = lines.and_then(|()| out.flush());
                    // The others go on if nobody reads this, but it is said at the end.
                    if said.is_ok() {
                        said = written;
                    }
                }
                Err(CliError::Interrupted { .. } | CliError::RunsInterrupted { .. }) => {}
                Err(error) => {
                    failed += 1;
                    let _ = writeln!(io::stderr(), "error: {name}: {error}");
                }
            });
        });
        if self.is_interrupted() {
            return Err(CliError::RunsInterrupted { place: place.display().to_string() });
        }
        said?;
        Ok(failed)
    }

    /// An environment as the runs act in it.
    pub fn make_env(&self) -> Result<Box<dyn Env>, TrainError> {
        let run = &self.runs[0].config.run;
        Ok(run.wrap(self.gym.make(&run.task()?, true)?))
    }

    /// Where the run folders are, in the order of the plan.
    pub fn places(&self) -> impl Iterator<Item = PathBuf> {
        self.runs.iter().map(|run| run.folder.clone())
    }

    /// That so many of the runs failed, if any did.
    pub fn none_of(&self, failed: usize) -> Result<(), CliError> {
        match failed {
            0 => Ok(()),
            failed => Err(CliError::RunsFailed { failed, runs: self.runs.len() }),
        }
    }

    fn is_interrupted(&self) -> bool {
        self.gym.interrupted.load(Ordering::Relaxed)
    }

    fn trainer<T: Scalar, A: Algorithm<T>>(
        &self,
        run: &PlannedRun,
    ) -> Result<Trainer<T, A>, TrainError> {
        self.gym.trainer(&run.config, true)
    }

    /// Trains all, some at a time, and tells how each came out, in the order in which they end.
    fn train_all<T: Scalar, A: Algorithm<T>>(
        &self,
        todo: &[(&PlannedRun, Due)],
        mut tell: impl FnMut(&PlannedRun, Result<Outcome, CliError>),
    ) {
        let next = AtomicUsize::new(0);
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.jobs {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(&(run, due)) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if self.is_interrupted() {
                            break;
                        }
                        let result = self.train_apart::<T, A>(run, due);
                        sender.send((run, result)).expect("the receiver waits for all senders");
                    }
                });
            }
            drop(sender);
            for (run, result) in results {
                tell(run, result);
            }
        });
    }

    /// Trains on threads of its own, so that not even a panic concerns the others.
    fn train_apart<T: Scalar, A: Algorithm<T>>(
        &self,
        run: &PlannedRun,
        due: Due,
    ) -> Result<Outcome, CliError> {
        thread::scope(|scope| {
            let train = || {
                let _pool = threads::start_apart(self.threads)?;
                self.train_one::<T, A>(run, due)
            };
            scope.spawn(train).join().unwrap_or(Err(CliError::Panicked))
        })
    }

    fn train_one<T: Scalar, A: Algorithm<T>>(
        &self,
        run: &PlannedRun,
        due: Due,
    ) -> Result<Outcome, CliError> {
        let path = &run.folder;
        let (trainer, folder) = if due == Due::Begin {
            begun(self.trainer::<T, A>(run)?, || RunFolder::create(path, &run.config))?
        } else {
            let folder = RunFolder::open(path)?;
            let resumed = match Trainer::<T, A>::resume(&folder, || self.trainer(run)) {
                // It ended the replay of an episode; the folder is as it was.
                Err(_) if self.is_interrupted() => {
                    return Err(CliError::RunsInterrupted { place: path.display().to_string() });
                }
                resumed => resumed?,
            };
            self.bars.suspend(|| warn(&resumed));
            (resumed.trainer, folder)
        };
        let name = format!("{}: ", run.name);
        let bar = Bar::among(&self.bars, name, &trainer, self.quiet, self.gym.interrupted.clone());
        drive(trainer, &folder, bar)
    }
}

/// The trainings, once number type and algorithm are known.
struct Trainings<'a, W> {
    study: &'a Study,
    place: &'a Path,
    out: &'a mut W,
}

impl<W: Write> Work for Trainings<'_, W> {
    type Output = Result<usize, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.study.train::<T, A>(self.place, self.out)
    }
}

fn announce(place: &Path, all: &[(&PlannedRun, Due)], out: &mut impl Write) -> io::Result<()> {
    let count = |wanted| all.iter().filter(|&&(_, due)| due == wanted).count();
    let (begin, go_on, finished) = (count(Due::Begin), count(Due::GoOn), count(Due::Nothing));
    writeln!(out, "run folders: {}", place.display())?;
    writeln!(out, "runs: {begin} to begin, {go_on} to go on with, {finished} finished already")?;
    out.flush()
}

/// What is to be done for this run; nothing is touched.
fn due(run: &PlannedRun) -> Result<Due, CliError> {
    let (path, now) = (&run.folder, &run.config);
    let is_empty = || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if !path.exists() || is_empty() {
        return Ok(Due::Begin);
    }
    let folder = RunFolder::open(path)?;
    let then = folder.config()?;
    then.check_unchanged(now).map_err(|error| {
        let advice = "or choose another folder with --out DIR";
        CliError::Usage(format!("{} holds another run: {error}, {advice}", path.display()))
    })?;
    let is_over = folder.is_finished() && then.run.total_timesteps == now.run.total_timesteps;
    Ok(if is_over { Due::Nothing } else { Due::GoOn })
}
