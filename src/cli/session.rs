//! A training at the command line: what it begins with, how it is interrupted, and how its end is reported.

use std::ffi::c_int;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::study::plot_runs;
use softac::train::{Config, End, EvaluationRow, Outcome, Resumed, RunFolder, TrainError, Trainer};

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
    config.run.task().map_err(|error| folder.damaged_config(error))?;
    let trainer = gym.trainer(config, quiet)?;
    // A policy that cannot be read is no reason not to go on: it is written anew.
    if let Ok(saved) = folder.policy::<T>() {
        saved.check_spaces_like(&trainer.policy()?)?;
    }
    Ok(trainer)
}

/// A trainer at its beginning, with what the run in `from` learned if the configuration names one; and where to keep that.
pub fn begun<T: Scalar, A: Algorithm<T>>(
    mut trainer: Trainer<T, A>,
    make_folder: impl FnOnce() -> Result<RunFolder, TrainError>,
) -> Result<(Trainer<T, A>, RunFolder), TrainError> {
    let Some(from) = trainer.config().run.from.clone() else {
        return Ok((trainer, make_folder()?));
    };
    let timesteps = trainer.start_from(&RunFolder::open(Path::new(&from))?)?;
    // Only now, when everything has been checked, is anything written.
    let folder = make_folder()?;
    trainer.save_start(&folder, timesteps)?;
    Ok((trainer, folder))
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

/// A second Ctrl-C ends the program from this time after the first on.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// The signals that interrupt a training.
const SIGNALS: &[c_int] = &[
    SIGINT,
    SIGTERM,
    #[cfg(unix)]
    signal_hook::consts::SIGHUP,
];

/// Sets the flag at Ctrl-C, SIGTERM and SIGHUP. Job managers and closing terminals repeat their signals, which changes
/// nothing: only a second Ctrl-C, at least a second after the first, ends the program at once.
pub fn interruptible(interrupted: &Arc<AtomicBool>) -> Result<(), CliError> {
    let typed = Arc::default();
    for &signal in SIGNALS {
        flag::register(signal, Arc::clone(interrupted)).map_err(CliError::Signals)?;
    }
    flag::register(SIGINT, Arc::clone(&typed)).map_err(CliError::Signals)?;
    thread::spawn(move || end_when_impatient(&typed));
    Ok(())
}

/// Ends the program at the second Ctrl-C; `typed` is set by each.
fn end_when_impatient(typed: &AtomicBool) {
    let mut first: Option<Instant> = None;
    loop {
        thread::sleep(Duration::from_millis(50));
        if !typed.swap(false, Ordering::Relaxed) {
            continue;
        }
        if first.get_or_insert_with(Instant::now).elapsed() >= IMPATIENCE {
            // Where standard error is stuck, the program ends nevertheless.
            thread::spawn(|| {
                let lost = "ended before it was saved: what came after the last checkpoint is lost";
                let _ = writeln!(io::stderr(), "{lost}");
            });
            thread::sleep(Duration::from_millis(50));
            std::process::exit(130);
        }
    }
}
