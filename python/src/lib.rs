//! `softac._core`: the engine as a Python module.
//!
//! | file | holds |
//! |---|---|
//! | `learner.rs` | the class `Learner`: a learner of any algorithm and precision |
//! | `erased.rs` | the interface of a learner whose types Python does not know |
//! | `envs.rs` | environments that Python steps |
//! | `named.rs` | the numbers of a state by their names |
//! | `settings.rs` | keyword arguments as a configuration |
//! | `export.rs` | a policy as a file for another place |
//! | `run_folder.rs` | a model as the run folder of the command |
//! | `program.rs` | operations that Python recorded, and how the engine's tape records them |
//! | `tape.rs` | the class `Recording`: what `softac.tape` records |
//! | `gradcheck.rs` | the gradient checker |
//! | `threads.rs` | the threads that updates work on |
//! | `errors.rs` | the engine's errors as Python's |

mod envs;
mod erased;
mod errors;
mod export;
mod gradcheck;
mod learner;
mod named;
mod program;
mod run_folder;
mod settings;
mod tape;
mod threads;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("SoftacError", module.py().get_type::<errors::SoftacError>())?;
    module.add_class::<learner::Learner>()?;
    module.add_class::<tape::Recording>()?;
    module.add_function(wrap_pyfunction!(gradcheck::check_recorded, module)?)?;
    module.add_function(wrap_pyfunction!(gradcheck::check_numpy, module)?)?;
    module.add_function(wrap_pyfunction!(threads::set_num_threads, module)?)
}
