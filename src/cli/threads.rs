//! The threads that commands work on.

use std::num::NonZero;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::error::CliError;

/// Makes this many threads ready, the calling one included; as many as there are cores if not given.
pub fn start(threads: Option<usize>) -> Result<(), CliError> {
    let threads = checked("--threads", threads.unwrap_or_else(cores))?;
    pool(threads).build_global().map_err(CliError::Threads)
}

/// Makes this many threads ready for what the calling one does, itself included, apart from those of others.
/// They end with what is returned.
pub fn start_apart(threads: usize) -> Result<ThreadPool, CliError> {
    pool(threads).build().map_err(CliError::Threads)
}

fn pool(threads: usize) -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().num_threads(threads).use_current_thread()
}

/// The number that a flag gives, if there can be so many threads.
pub fn checked(flag: &str, threads: usize) -> Result<usize, CliError> {
    if !(1..=1024).contains(&threads) {
        return Err(CliError::Usage(format!("`{flag}` must be from 1 to 1024")));
    }
    Ok(threads)
}

pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}
