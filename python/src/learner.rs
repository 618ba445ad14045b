//! The class `Learner`: a learner of any algorithm and precision.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numpy::{PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use softac::agent::settings::LearningRates;
use softac::env::{BoxSpace, Envs};
use softac::train::Config;

use crate::envs::{PyEnvs, rows};
use crate::erased::{Erased, Make, Part};
use crate::export::Target;
use crate::named::Matrix;
use crate::run_folder::Episode;
use crate::{errors, settings, threads};

/// An algorithm with its replay buffer and random streams. What Python adds to it is in `softac.base`.
#[pyclass(module = "softac._core")]
pub struct Learner {
    core: Box<dyn Erased>,
    envs: PyEnvs,
    observation_dim: usize,
    action_dim: usize,
    config: String,
}

#[pymethods]
impl Learner {
    /// A learner with these settings, under the names of `config.toml`, for observations of so many numbers and for
    /// actions within these bounds.
    #[new]
    fn new(
        settings: &Bound<'_, PyDict>,
        observation_dim: usize,
        low: Vec<f64>,
        high: Vec<f64>,
    ) -> PyResult<Self> {
        let config = settings::config(settings)?;
        let space = |low, high| {
            BoxSpace::new(low, high).map_err(|error| PyValueError::new_err(error.to_string()))
        };
        let unbounded = |x| vec![x; observation_dim];
        let observation_space = space(unbounded(f64::NEG_INFINITY), unbounded(f64::INFINITY))?;
        let action_space = space(low, high)?;
        let made = config.with_types(Make {
            config: &config,
            observation_dim,
            action_space: &action_space,
        });
        Ok(Self {
            core: made.map_err(errors::of_training)?,
            envs: PyEnvs::new(config.run.num_envs as usize, &observation_space, &action_space),
            observation_dim,
            action_dim: action_space.len(),
            config: config.to_toml().map_err(errors::of_training)?,
        })
    }

    /// All settings, as TOML.
    #[getter]
    fn config(&self) -> &str {
        &self.config
    }

    /// Environment steps so far, those of all environments.
    #[getter]
    fn steps(&self) -> u64 {
        self.core.steps()
    }

    /// Updates so far.
    #[getter]
    fn updates(&self) -> u64 {
        self.core.updates()
    }

    /// Transitions in the replay buffer.
    #[getter]
    fn replay_len(&self) -> usize {
        self.core.replay_len()
    }

    /// Learning rates of the policy and of the critics.
    #[getter]
    fn learning_rates(&self) -> (f64, f64) {
        let LearningRates { actor, critics } = self.core.learning_rates();
        (actor, critics)
    }

    /// Changes the learning rates of the policy and of the critics from the next update on.
    fn set_learning_rates(&mut self, actor: f64, critics: f64) -> PyResult<()> {
        let set = self.core.set_learning_rates(LearningRates { actor, critics });
        set.map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// One step of the environments behind `driver`: how many updates are due after it.
    fn interact(&mut self, driver: &Bound<'_, PyAny>) -> PyResult<u64> {
        let Self { core, envs, .. } = self;
        let stepped = envs.with(driver, |envs| core.interact(envs));
        if stepped.is_err() {
            core.abandon_episodes();
        }
        stepped?.map_err(errors::of_learner)
    }

    /// Makes so many updates due.
    fn add_updates(&mut self, updates: u64) {
        self.core.add_updates(updates);
    }

    /// Does the updates that are due without the interpreter lock, at most so many: false while some are left.
    fn update(&mut self, py: Python<'_>, at_most: u64) -> PyResult<bool> {
        threads::make_ready()?;
        let core = &mut self.core;
        py.detach(|| {
            for _ in 0..at_most {
                if !core.update().map_err(errors::of_learner)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Gives up the episodes under way: the next step begins others.
    fn abandon_episodes(&mut self) {
        self.core.abandon_episodes();
    }

    /// Counts environment steps from 0 again: warm-up and `learning_starts` begin anew.
    fn count_anew(&mut self) {
        self.core.count_anew();
    }

    /// Copies of the transitions in the replay buffer, those of the second environment after all of the first one's:
    /// observations, actions within [−1, 1], rewards, next observations, terminated, truncated.
    fn transitions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let found = self.core.transitions();
        let (s, a) = (self.observation_dim, self.action_dim);
        let columns = PyDict::new(py);
        columns.set_item("observations", rows(py, &found.observations, s)?)?;
        columns.set_item("actions", rows(py, &found.actions, a)?)?;
        columns.set_item("rewards", PyArray1::from_vec(py, found.rewards))?;
        columns.set_item("next_observations", rows(py, &found.next_observations, s)?)?;
        columns.set_item("terminated", PyArray1::from_vec(py, found.terminated))?;
        columns.set_item("truncated", PyArray1::from_vec(py, found.truncated))?;
        Ok(columns)
    }

    /// The seed of the next episode in this environment.
    fn next_seed(&self, lane: usize) -> PyResult<u64> {
        if lane >= self.envs.count() {
            return Err(PyValueError::new_err(format!("there is no environment {lane}")));
        }
        Ok(self.core.next_seed(lane))
    }

    /// The means of what updates reported since the last call.
    fn take_metrics(&mut self) -> BTreeMap<&'static str, f64> {
        self.core.take_metrics().into_iter().collect()
    }

    /// Actions in the environment's units for rows of observations, of the policy itself or with noise.
    #[pyo3(signature = (observations, deterministic, standardised=false))]
    fn act<'py>(
        &mut self,
        py: Python<'py>,
        observations: PyReadonlyArray2<'_, f64>,
        deterministic: bool,
        standardised: bool,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let s = self.observations(&observations)?;
        let actions = self.core.act(s, deterministic, standardised);
        if actions.iter().any(|x| !x.is_finite()) {
            return Err(PyValueError::new_err(
                "the actions are not finite: the observations hold NaN or numbers that are too large, or the model has diverged",
            ));
        }
        rows(py, &actions, self.action_dim)
    }

    /// Mean and logarithm of the standard deviation of a Gaussian policy before squashing; None for other policies.
    fn gaussian<'py>(
        &self,
        py: Python<'py>,
        observations: PyReadonlyArray2<'_, f64>,
    ) -> PyResult<Option<[Bound<'py, PyArray2<f64>>; 2]>> {
        let s = self.observations(&observations)?;
        let Some(gaussian) = self.core.gaussian(s) else { return Ok(None) };
        let [mu, log_sigma] = gaussian.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Some([rows(py, &mu, self.action_dim)?, rows(py, &log_sigma, self.action_dim)?]))
    }

    /// Everything that was learned and belongs to learning, as (rows, columns, numbers) by name.
    fn numbers(&mut self) -> BTreeMap<String, Matrix> {
        self.core.collect()
    }

    /// Replaces numbers by name: the names that there are not.
    fn set_numbers(&mut self, numbers: BTreeMap<String, Vec<f64>>) -> PyResult<Vec<String>> {
        self.core.replace(numbers).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// A hash of everything that was learned, as it stands in `metrics.csv`.
    fn fingerprint(&mut self) -> String {
        format!("{:016x}", self.core.fingerprint())
    }

    /// Writes a new file: "all", "all but replay" or "replay".
    fn save(&mut self, py: Python<'_>, path: PathBuf, part: &str) -> PyResult<()> {
        let (part, core) = (of_name(part)?, &mut self.core);
        py.detach(|| core.save(&path, part)).map_err(errors::of_training)
    }

    /// Reads a file of that part; of a whole state also "learned", what other settings can begin with.
    fn load(&mut self, py: Python<'_>, path: PathBuf, part: &str) -> PyResult<()> {
        let (part, core) = (of_name(part)?, &mut self.core);
        py.detach(|| core.load(&path, part)).map_err(errors::of_training)
    }

    /// Writes a run folder of the command, in an environment of this name. Of each episode under way that can be played
    /// again: its seed, actions, rewards and observations.
    fn save_run(
        &mut self,
        path: PathBuf,
        env_name: String,
        episodes: Vec<Option<Episode>>,
    ) -> PyResult<()> {
        let mut config =
            Config::from_toml(&self.config, "settings").map_err(errors::of_training)?;
        // The run is at its end; the command makes it longer.
        (config.run.env, config.run.total_timesteps) = (env_name, self.core.steps());
        config.run.n_final_eval_episodes = 0;
        let saved = self.core.save_run(&config, &path, self.envs.spaces(), &episodes);
        saved.map_err(errors::of_training)
    }

    /// Writes the policy for another place: the files. Sources need an environment, behind a driver of one, from whose
    /// observations they take the vectors of their self-test.
    #[pyo3(signature = (format, name, path, env_name, overwrite, driver=None))]
    fn export(
        &self,
        format: &str,
        name: &str,
        path: PathBuf,
        env_name: &str,
        overwrite: bool,
        driver: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<PathBuf>> {
        let config = Config::from_toml(&self.config, "settings").map_err(errors::of_training)?;
        let target = Target { format, name, path: &path, overwrite };
        let core = &self.core;
        let written = match driver {
            None => core.export(&config, env_name, &target, None),
            Some(driver) => {
                let mut envs = self.envs.alone();
                envs.with(driver, |envs| {
                    core.export(&config, env_name, &target, Some(Envs::env(envs, 0)))
                })?
            }
        };
        written.map_err(errors::of_export)
    }

    /// Begins another series of noise in `act`.
    fn reseed(&mut self, seed: u64) {
        self.core.reseed(seed);
    }
}

impl Learner {
    fn observations<'a>(&self, observations: &'a PyReadonlyArray2<'_, f64>) -> PyResult<&'a [f64]> {
        let width = observations.as_array().ncols();
        if width != self.observation_dim {
            let expected = self.observation_dim;
            return Err(PyValueError::new_err(format!(
                "an observation has {expected} numbers, not {width}"
            )));
        }
        observations.as_slice().map_err(|_| PyValueError::new_err("the array is not contiguous"))
    }
}

fn of_name(part: &str) -> PyResult<Part> {
    match part {
        "all" => Ok(Part::All),
        "all but replay" => Ok(Part::AllButReplay),
        "replay" => Ok(Part::Replay),
        "learned" => Ok(Part::Learned),
        _ => Err(PyValueError::new_err("there is no such part")),
    }
}
