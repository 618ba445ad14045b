//! Running a run again, to see whether it gives the same bits.

use std::vec::IntoIter;

use super::error::TrainError;
use super::evaluate::EvaluationStep;
use super::metrics::{EvaluationRow, MetricsRow};
use super::observer::{Observer, Progress};
use super::policy_file::SavedPolicy;
use super::rows::{Row, cells, cells_under, columns};
use super::run_folder::{POLICY, RunFolder};
use super::trainer::Trainer;
use crate::Scalar;
use crate::agent::{Algorithm, Metrics};

/// Where a run that is run again first gives something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The file.
    pub file: &'static str,
    /// The environment step of the last row that was the same; 0 if there is none.
    pub same_until: u64,
    /// The environment step of the first row that differs.
    pub timesteps: u64,
    /// The first column that differs.
    pub column: String,
    /// What the file says.
    pub recorded: String,
    /// What the run gives now.
    pub now: String,
}

impl Mismatch {
    /// Tells a policy that differs, behind rows that are all the same, from a row that differs.
    #[must_use]
    pub fn is_of_the_policy(&self) -> bool {
        self.file == POLICY
    }
}

/// What came of running a run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// How many rows of metrics and evaluations were compared.
    pub rows: usize,
    /// The first difference, if there is one.
    pub difference: Option<Mismatch>,
}

/// Trains again, as far as the run in the folder has come and without writing anything, and compares every
/// row of its metrics and evaluations, the parameters' hashes among them, and the policy that a finished run left. Both
/// policies' checksums are looked at first.
///
/// `trainer` must be at its beginning, and of the run's configuration. The row that an interrupted run wrote where it
/// was interrupted is not compared.
///
/// # Errors
/// What the training refused, or files that cannot be read.
pub fn verify<T: Scalar, A: Algorithm<T>>(
    folder: &RunFolder,
    mut trainer: Trainer<T, A>,
    observer: &mut dyn Observer,
) -> Result<Verdict, TrainError> {
    let mut rerun = Rerun {
        metrics: Recorded::new("metrics.csv", folder.metrics_of(A::Metrics::COLUMNS)?),
        evaluations: Recorded::new("evaluations.csv", folder.evaluations()?),
        observer,
        interrupted: false,
    };
    // Before the work of hours: a damaged file is an error of its own.
    let policies = folder.policies_so_far::<T>()?;
    let run = trainer.config().run.clone();
    trainer.load_start(folder)?;
    trainer.train(None, &mut rerun)?;
    let Rerun { mut metrics, mut evaluations, interrupted, .. } = rerun;
    if !interrupted {
        metrics.finish(|t| !run.is_due(run.log_freq, t));
        evaluations.finish(|_| false);
    }
    let differences = [metrics.difference, evaluations.difference];
    let first = differences.into_iter().flatten().min_by_key(|difference| difference.timesteps);
    let [last, _best] = policies;
    let difference = match (first, last) {
        (None, Some(last)) if folder.is_finished() => policy_difference(&last, &trainer)?,
        (first, _) => first,
    };
    Ok(Verdict { rows: metrics.compared + evaluations.compared, difference })
}

/// How the policy that a finished run left differs from the one at the end of this training.
fn policy_difference<T: Scalar, A: Algorithm<T>>(
    recorded: &SavedPolicy<T>,
    trainer: &Trainer<T, A>,
) -> Result<Option<Mismatch>, TrainError> {
    let now = trainer.policy()?;
    let [recorded, now] = [recorded, &now].map(|policy| policy.params().as_slice());
    let mut pairs = recorded.iter().zip(now);
    let timesteps = trainer.learner().steps();
    let mismatch = |(recorded, now): (&T, &T)| Mismatch {
        file: POLICY,
        same_until: timesteps,
        timesteps,
        column: "a parameter".into(),
        recorded: recorded.to_string(),
        now: now.to_string(),
    };
    Ok(pairs.find(|(recorded, now)| recorded != now).map(mismatch))
}

/// Compares while the training goes on.
struct Rerun<'a> {
    metrics: Recorded<MetricsRow>,
    evaluations: Recorded<EvaluationRow>,
    observer: &'a mut dyn Observer,
    /// Whether the observer stopped it.
    interrupted: bool,
}

impl Observer for Rerun<'_> {
    fn on_step(&mut self, progress: &Progress) {
        self.observer.on_step(progress);
    }

    fn on_metrics(&mut self, row: &MetricsRow) {
        self.metrics.compare(row);
        self.observer.on_metrics(row);
    }

    fn on_evaluation(&mut self, row: &EvaluationRow) {
        self.evaluations.compare(row);
        self.observer.on_evaluation(row);
    }

    fn should_stop_evaluating(&mut self, at: &EvaluationStep) -> bool {
        self.interrupted |= self.observer.should_stop_evaluating(at);
        self.interrupted
    }

    fn should_stop(&mut self) -> bool {
        self.interrupted |= self.observer.should_stop();
        let differs = self.metrics.difference.is_some() || self.evaluations.difference.is_some();
        let all = self.metrics.next.is_none() && self.evaluations.next.is_none();
        self.interrupted || differs || all
    }
}

/// The rows of a file, beside those that come now.
struct Recorded<R> {
    file: &'static str,
    /// The row to compare with.
    next: Option<R>,
    rows: IntoIter<R>,
    compared: usize,
    same_until: u64,
    difference: Option<Mismatch>,
}

impl<R: Row> Recorded<R> {
    fn new(file: &'static str, rows: Vec<R>) -> Self {
        let mut rows = rows.into_iter();
        let next = rows.next();
        Self { file, next, rows, compared: 0, same_until: 0, difference: None }
    }

    fn compare(&mut self, now: &R) {
        let last = self.rows.as_slice().is_empty();
        let interruption = |next: &mut R| last && next.timesteps() < now.timesteps();
        self.next.take_if(interruption);
        let Some(recorded) = self.next.take() else { return };
        // What the file does not say is not compared: earlier versions kept no success rate.
        let columns = columns(&recorded);
        let pairs = cells(&recorded).into_iter().zip(cells_under(&columns, now));
        let mut pairs = columns.into_iter().zip(pairs);
        match pairs.find(|(_, (recorded, now))| recorded != now) {
            None => self.same_until = now.timesteps(),
            Some((column, (recorded, now_is))) => {
                self.differs(now.timesteps(), column, recorded, now_is);
            }
        }
        self.compared += 1;
        self.next = self.rows.next();
    }

    /// No more rows come: that one is left, unless it is that of an interruption, is a difference.
    fn finish(&mut self, interruption: impl FnOnce(u64) -> bool) {
        let Some(left) = self.next.take() else { return };
        let t = left.timesteps();
        if self.difference.is_none() && !(self.rows.as_slice().is_empty() && interruption(t)) {
            let (column, recorded) = (columns(&left).swap_remove(0), t.to_string());
            self.differs(t, column, recorded, "the end of the run".into());
        }
    }

    fn differs(&mut self, timesteps: u64, column: String, recorded: String, now: String) {
        let (file, same_until) = (self.file, self.same_until);
        let difference = Mismatch { file, same_until, timesteps, column, recorded, now };
        self.difference.get_or_insert(difference);
    }
}
