//! `softac._core`: the engine as a Python module.
//!
//! | file | holds |
//! |---|---|
//! | `learner.rs` | the class `Learner`: a learner of any algorithm and precision |
//! | `erased.rs` | the interface of a learner whose types Python does not know |
//! | `envs.rs` | environments that Python steps |
//! | `named.rs` | the numbers of a state by their names |
//! | `settings.rs` | keyword arguments as a configuration |
//! | `threads.rs` | the threads that updates work on |
//! | `errors.rs` | the engine's errors as Python's |

mod envs;
mod erased;
mod errors;
mod learner;
mod named;
mod settings;
mod threads;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("SoftacError", module.py().get_type::<errors::SoftacError>())?;
    module.add_class::<learner::Learner>()?;
    module.add_function(wrap_pyfunction!(threads::set_num_threads, module)?)
}
