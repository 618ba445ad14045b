//! A training at the command line: what it begins with, how it is interrupted, and how its end is reported.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use softac::Scalar;
use softac::agent::Algorithm;
use softac::study::plot_runs;
use softac::train::{
    Config, End, EvaluationRow, Outcome, Resumed, RunFolder, Task, TrainError, Trainer,
};

use super::error::CliError;
use super::gym::Gym;
use super::progress::{Bar, in_words};

/// Says what is not as it was.
pub fn warn<T: Scalar, A: Algorithm<T>>(resumed: &Resumed<T, A>) {
    for reason in &resumed.passed_over {
        // Where nobody reads this, the run goes on nevertheless.
        let _ = writeln!(io::stderr(), "warning: {reason}; going on from an older checkpoint");
    }
    if resumed.episode_restarted {
        let note = "an environment cannot be restored, so that a new episode begins";
        let _ = writeln!(io::stderr(), "warning: {note}; the run is not the same to the bit");
    }
}

/// Says what a user may not have meant.
fn caution(what: &str) {
    let _ = writeln!(io::stderr(), "warning: {what}");
}

/// A training of a run's configuration, at its beginning.
pub fn trainer<T: Scalar, A: Algorithm<T>>(
    folder: &RunFolder,
    config: &Config,
    gym: &Gym,
    quiet: bool,
) -> Result<Trainer<T, A>, TrainError> {
    let task = Task::find(&config.run.env).map_err(|error| folder.damaged_config(error))?;
    let trainer = gym.trainer(&task, config, quiet)?;
    // A policy that cannot be read is no reason not to go on: it is written anew.
    if let Ok(saved) = folder.policy::<T>() {
        saved.check_spaces_like(&trainer.policy()?)?;
    }
    Ok(trainer)
}

/// Trains to the end, or until it is interrupted, and draws the plots.
pub fn drive<T: Scalar, A: Algorithm<T>>(
    mut trainer: Trainer<T, A>,
    folder: &RunFolder,
    mut bar: Bar,
) -> Result<Outcome, CliError> {
    let nothing = trainer.config().learns_nothing();
    nothing.iter().for_each(|why| caution(why));
    let trained = trainer.train(Some(folder), &mut bar);
    bar.finish();
    // Once more, below the progress and its figures.
    nothing.iter().for_each(|why| caution(why));
    let outcome = trained.map_err(|error| match error.is_of_an_environment() {
        true => CliError::EnvFailed { error, folder: folder.path().display().to_string() },
        false => CliError::from(error),
    })?;
    plot_runs(std::slice::from_ref(folder), &folder.plots())?;
    match outcome.end {
        End::Interrupted => {
            let folder = folder.path().display().to_string();
            Err(CliError::Interrupted { timesteps: outcome.timesteps, folder })
        }
        End::Finished | End::RewardThreshold | End::NoImprovement => Ok(outcome),
    }
}

/// Says how the training ended.
pub fn print(outcome: &Outcome, out: &mut impl Write) -> Result<(), CliError> {
    let t = outcome.timesteps;
    match outcome.end {
        End::Finished | End::Interrupted => {}
        End::RewardThreshold => {
            writeln!(out, "ended after {t} steps: `reward_threshold` is reached")?
        }
        End::NoImprovement => {
            writeln!(
                out,
                "ended after {t} steps: `max_no_improvement_evals` without a better one"
            )?;
        }
    }
    if let Some(evaluation) = &outcome.final_evaluation {
        writeln!(out, "final evaluation: {}", in_words(&EvaluationRow::new(t, evaluation)))?;
    }
    Ok(())
}

/// A second signal ends the program from this time after the first on. Job managers and closing terminals repeat a signal
/// within milliseconds.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// The first Ctrl-C sets the flag, and so does SIGTERM or SIGHUP; another one, a second later, ends the program at once.
pub fn interruptible() -> Result<Arc<AtomicBool>, CliError> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let (flag, first) = (interrupted.clone(), OnceLock::new());
    let handler = move || {
        flag.store(true, Ordering::Relaxed);
        if first.get_or_init(Instant::now).elapsed() >= IMPATIENCE {
            // Where standard error is stuck, the program ends nevertheless.
            std::thread::spawn(|| {
                let lost = "ended before it was saved: what came after the last checkpoint is lost";
                let _ = writeln!(io::stderr(), "{lost}");
            });
            std::thread::sleep(Duration::from_millis(50));
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(handler)?;
    Ok(interrupted)
}
