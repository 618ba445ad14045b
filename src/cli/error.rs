//! Errors of commands, and the exit codes they lead to.

use std::io;

use softac::draw::FilmError;
use softac::export::ExportError;
use softac::learner::LearnerError;
use softac::study::PlotError;
use softac::study::compare::CompareError;
use softac::tape::TapeError;
use softac::train::TrainError;

/// The error that ends a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Compare(#[from] CompareError),
    #[error(transparent)]
    Plot(#[from] PlotError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Film(#[from] FilmError),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// The system does not tell of Ctrl-C.
    #[error("cannot listen for Ctrl-C: {0}")]
    Signals(io::Error),
    /// Ctrl-C, after everything was saved.
    #[error("interrupted after {timesteps} steps; go on with `softac resume {folder}`")]
    Interrupted { timesteps: u64, folder: String },
    /// The environment failed, after everything was saved.
    #[error("{error}\nthe run is saved: once that is mended, go on with `softac resume {folder}`")]
    EnvFailed { error: TrainError, folder: String },
    /// Ctrl-C while several runs were being trained, after everything was saved.
    #[error("interrupted; the same command goes on with the runs in {place}")]
    RunsInterrupted { place: String },
    /// A training met a bug of the program, which has said where.
    #[error("it panicked, which is a bug worth reporting")]
    Panicked,
    /// Some of several runs came to no end.
    #[error("{failed} of {runs} runs failed; the same command goes on with them")]
    RunsFailed { failed: usize, runs: usize },
    /// A run that is run again gives something else.
    #[error("{0}")]
    OtherBits(String),
    /// Ctrl-C while a run was being run again.
    #[error("interrupted; the first {rows} rows agree")]
    Unfinished { rows: usize },
    /// The tape refused a case of the suite.
    #[error("gradient check: {0}")]
    Gradcheck(TapeError),
    /// The tape refused the policy of two arms.
    #[error("bandit: {0}")]
    Bandit(TapeError),
    #[error(transparent)]
    Bench(#[from] LearnerError),
    #[error("cannot start threads: {0}")]
    Threads(rayon::ThreadPoolBuildError),
    #[error("{failed} cases have a wrong gradient, or too little of it could be checked")]
    GradientsWrong { failed: usize },
    /// Problems of an environment, by the number of their kinds.
    #[error("{env} does not keep its promises: {problems} problem{}", if *problems == 1 { "" } else { "s" })]
    EnvWrong { env: String, problems: usize },
    /// A device, or what was built for it, is not as the host says.
    #[error("{0}")]
    DeviceDiffers(String),
    #[error("{0}")]
    Usage(String),
}

impl CliError {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Train(error) if error.is_usage() => 2,
            Self::Compare(error) if error.is_usage() => 2,
            Self::Plot(error) if error.is_usage() => 2,
            Self::Export(error) if error.is_usage() => 2,
            Self::Film(error) if error.is_usage() => 2,
            Self::Usage(_) => 2,
            Self::Interrupted { .. } | Self::RunsInterrupted { .. } | Self::Unfinished { .. } => {
                130
            }
            Self::Train(_)
            | Self::Compare(_)
            | Self::Plot(_)
            | Self::Export(_)
            | Self::Film(_)
            | Self::Panicked
            | Self::RunsFailed { .. }
            | Self::Output(_)
            | Self::Signals(_)
            | Self::Gradcheck(_)
            | Self::Bandit(_)
            | Self::Bench(_)
            | Self::Threads(_) => 1,
            Self::GradientsWrong { .. }
            | Self::OtherBits(_)
            | Self::DeviceDiffers(_)
            | Self::EnvWrong { .. }
            | Self::EnvFailed { .. } => 1,
        }
    }
}
