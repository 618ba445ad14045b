//! Environments that Python steps, all at once, as the engine's environments.

use std::sync::{Arc, Mutex, MutexGuard};

use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use softac::env::{BoxSpace, Env, EnvError, Envs, ExternalFault, Step};

/// N environments behind one Python object, which has
///
/// - `reset(lane: int, seed: int) -> float64[S]`
/// - `step(actions: float64[N, A]) -> (float64[N, S], float64[N], bool[N], bool[N])`: last observations of the
///   transitions, rewards, terminated, truncated.
pub struct PyEnvs {
    lanes: Vec<Lane>,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    driver: Option<Py<PyAny>>,
    /// `[N, A]`
    actions: Vec<f64>,
    /// `[N, S]`
    observations: Vec<f64>,
    steps: Vec<Step>,
    /// Lanes that have not fetched their part of the last step.
    waiting: usize,
    /// The exception that Python raised.
    raised: Option<PyErr>,
}

/// One of them.
struct Lane {
    index: usize,
    observation_space: BoxSpace,
    action_space: BoxSpace,
    shared: Arc<Mutex<Shared>>,
}

const NAME: &str = "the environment";

impl PyEnvs {
    pub fn new(n: usize, observation_space: &BoxSpace, action_space: &BoxSpace) -> Self {
        let (s, a) = (observation_space.len(), action_space.len());
        let shared = Arc::new(Mutex::new(Shared {
            driver: None,
            actions: vec![0.0; n * a],
            observations: vec![0.0; n * s],
            steps: vec![Step { reward: 0.0, terminated: false, truncated: false }; n],
            waiting: 0,
            raised: None,
        }));
        let lane = |index| Lane {
            index,
            observation_space: observation_space.clone(),
            action_space: action_space.clone(),
            shared: Arc::clone(&shared),
        };
        Self { lanes: (0..n).map(lane).collect(), shared }
    }

    /// The spaces of observations and actions.
    pub fn spaces(&self) -> (&BoxSpace, &BoxSpace) {
        (&self.lanes[0].observation_space, &self.lanes[0].action_space)
    }

    /// One environment with the same spaces.
    pub fn alone(&self) -> Self {
        let (observation_space, action_space) = self.spaces();
        Self::new(1, observation_space, action_space)
    }

    /// Does something with the environments behind this object, and gives what Python raised meanwhile instead, if it did.
    pub fn with<R>(
        &mut self,
        driver: &Bound<'_, PyAny>,
        act: impl FnOnce(&mut Self) -> R,
    ) -> PyResult<R> {
        {
            let mut shared = lock(&self.shared);
            (shared.driver, shared.waiting) = (Some(driver.clone().unbind()), 0);
        }
        let done = act(self);
        let mut shared = lock(&self.shared);
        shared.driver = None;
        shared.raised.take().map_or(Ok(done), Err)
    }
}

impl Envs for PyEnvs {
    fn count(&self) -> usize {
        self.lanes.len()
    }

    fn env(&mut self, lane: usize) -> &mut dyn Env {
        &mut self.lanes[lane]
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // Whoever panicked left plain numbers.
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn raised(message: String) -> EnvError {
    EnvError::External { env: NAME.into(), fault: ExternalFault::Raised, message }
}

impl Shared {
    /// Calls Python without the lock, which a callback of an environment may want.
    fn call<R>(
        this: &Mutex<Self>,
        call: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<R>,
    ) -> Result<R, EnvError> {
        Python::attach(|py| {
            let driver = lock(this).driver.as_ref().map(|driver| driver.clone_ref(py));
            let driver = driver.ok_or(EnvError::NeedsReset)?;
            call(py, driver.bind(py)).map_err(|error| {
                let message = error.to_string();
                lock(this).raised.get_or_insert(error);
                raised(message)
            })
        })
    }

    /// Takes a step of all environments.
    fn step(this: &Mutex<Self>, n: usize) -> Result<(), EnvError> {
        Self::call(this, |py, driver| {
            let actions = {
                let shared = lock(this);
                let a = shared.actions.len() / n;
                let actions = PyArray1::from_slice(py, &shared.actions);
                numpy::PyArrayMethods::reshape(&actions, [n, a])?
            };
            type Stepped<'py> = (
                PyReadonlyArray2<'py, f64>,
                PyReadonlyArray1<'py, f64>,
                PyReadonlyArray1<'py, bool>,
                PyReadonlyArray1<'py, bool>,
            );
            let stepped = driver.call_method1("step", (actions,))?;
            let (observations, rewards, terminated, truncated): Stepped<'_> = stepped.extract()?;
            let mut shared = lock(this);
            shared.observations.copy_from_slice(observations.as_slice()?);
            let ends = terminated.as_slice()?.iter().zip(truncated.as_slice()?);
            let told = rewards.as_slice()?.iter().zip(ends);
            for (step, (&reward, (&terminated, &truncated))) in shared.steps.iter_mut().zip(told) {
                *step = Step { reward, terminated, truncated };
            }
            shared.waiting = n;
            Ok(())
        })
    }
}

impl Env for Lane {
    fn name(&self) -> &str {
        NAME
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        Shared::call(&self.shared, |_, driver| {
            let first = driver.call_method1("reset", (self.index, seed))?;
            let first: PyReadonlyArray1<'_, f64> = first.extract()?;
            observation.copy_from_slice(first.as_slice()?);
            Ok(())
        })
    }

    fn announce_step(&mut self, action: &[f64]) {
        let a = action.len();
        lock(&self.shared).actions[self.index * a..][..a].copy_from_slice(action);
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.announce_step(action);
        let (waiting, failed, n) = {
            let shared = lock(&self.shared);
            (shared.waiting, shared.raised.is_some(), shared.steps.len())
        };
        if failed {
            return Err(raised("another of the environments raised an exception".into()));
        }
        if waiting == 0 {
            Shared::step(&self.shared, n)?;
        }
        let mut shared = lock(&self.shared);
        let s = observation.len();
        observation.copy_from_slice(&shared.observations[self.index * s..][..s]);
        shared.waiting -= 1;
        Ok(shared.steps[self.index])
    }
}

/// An array of rows.
pub fn rows<'py>(
    py: Python<'py>,
    numbers: &[f64],
    width: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let flat = PyArray1::from_slice(py, numbers);
    numpy::PyArrayMethods::reshape(&flat, [numbers.len() / width, width])
}
