//! The threads that commands work on.

use std::num::NonZero;
use std::thread::available_parallelism;

use super::CliError;

/// Makes this many threads ready, the calling one included; as many as there are cores if not given.
pub fn start(threads: Option<usize>) -> Result<(), CliError> {
    let threads = threads.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get));
    if !(1..=1024).contains(&threads) {
        return Err(CliError::Usage("`--threads` must be from 1 to 1024".into()));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread();
    pool.build_global().map_err(CliError::Threads)
}
