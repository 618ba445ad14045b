//! The threads that updates work on: a pool for each thread of Python that learns, of which it is a member.

use std::cell::OnceCell;
use std::num::NonZero;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads of a pool that is made from now on; 0 for one per core.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// A pool, with the process that made it.
struct Pool {
    process: u32,
    threads: ThreadPool,
}

thread_local! {
    static POOL: OnceCell<Pool> = const { OnceCell::new() };
}

/// Sets on how many threads updates are computed, the calling one included; one per core otherwise. Results do not depend
/// on it. It holds for models that have not learned yet in this thread.
///
/// Raises ValueError unless it is from 1 to 1024, RuntimeError if this thread has learned already.
#[pyfunction]
pub fn set_num_threads(threads: i64) -> PyResult<()> {
    if !(1..=1024).contains(&threads) {
        return Err(PyValueError::new_err("the number of threads must be from 1 to 1024"));
    }
    let threads = threads as usize;
    if POOL
        .with(|pool| pool.get().is_some_and(|pool| pool.threads.current_num_threads() != threads))
    {
        return Err(PyRuntimeError::new_err(
            "this thread has learned already: call set_num_threads before the first update",
        ));
    }
    THREADS.store(threads, Ordering::Relaxed);
    Ok(())
}

/// Makes the threads ready for what the calling one does next.
pub fn make_ready() -> PyResult<()> {
    POOL.with(|cell| {
        if cell.get().is_none() {
            let threads = match THREADS.load(Ordering::Relaxed) {
                0 => available_parallelism().map_or(1, NonZero::get),
                threads => threads,
            };
            let builder = ThreadPoolBuilder::new().num_threads(threads).use_current_thread();
            let threads = builder.build().map_err(|error| {
                PyRuntimeError::new_err(format!("the system gives no threads: {error}"))
            })?;
            let _ = cell.set(Pool { process: process::id(), threads });
        }
        let pool = cell.get().expect("it was made");
        // A fork copies this thread alone: the others of its pool are not there.
        if pool.process != process::id() && pool.threads.current_num_threads() > 1 {
            return Err(PyRuntimeError::new_err(
                "this process was forked from one that had learned on several threads: start it with the method \
                 \"spawn\" or \"forkserver\", or call softac.set_num_threads(1) before the first update",
            ));
        }
        Ok(())
    })
}
