//! A model as the run folder of the command.

use std::path::Path;

use softac::Scalar;
use softac::agent::Algorithm;
use softac::env::{BoxSpace, Env, EnvError, Step};
use softac::gym::Journal;
use softac::learner::Learner;
use softac::train::{Config, Quiet, RunFolder, TrainError, Trainer, read_state, write_state};

/// The episode under way in an environment: its seed, and row after row its actions, rewards and observations, of which the
/// first is that of its beginning.
#[derive(pyo3::FromPyObject)]
#[pyo3(from_item_all)]
pub struct Episode {
    pub seed: u64,
    pub actions: Vec<f64>,
    pub rewards: Vec<f64>,
    pub observations: Vec<f64>,
}

/// Environments that only tell where they are.
struct Place {
    name: String,
    observation_space: BoxSpace,
    action_space: BoxSpace,
    words: Option<Vec<u64>>,
}

impl Env for Place {
    fn name(&self) -> &str {
        &self.name
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, _seed: u64, _observation: &mut [f64]) -> Result<(), EnvError> {
        Err(EnvError::NeedsReset)
    }

    fn step(&mut self, _action: &[f64], _observation: &mut [f64]) -> Result<Step, EnvError> {
        Err(EnvError::NeedsReset)
    }

    fn state(&self) -> Option<Vec<u64>> {
        self.words.clone()
    }
}

/// The state of the command's environment of Gymnasium in an episode.
fn words(episode: &Episode, s: usize, a: usize) -> Option<Vec<u64>> {
    let mut journal = Journal::new(a, true);
    let mut observations = episode.observations.chunks_exact(s);
    journal.begin(episode.seed, observations.next()?);
    let steps = episode.actions.chunks_exact(a).zip(&episode.rewards).zip(observations);
    for ((action, &reward), observation) in steps {
        let step = Step { reward, terminated: false, truncated: false };
        journal.add(action, step, observation);
    }
    journal.words()
}

/// Writes a run folder from which the command goes on.
pub fn save<T: Scalar, A: Algorithm<T>>(
    learner: &mut Learner<T, A>,
    config: &Config,
    path: &Path,
    spaces: (&BoxSpace, &BoxSpace),
    episodes: &[Option<Episode>],
) -> Result<(), TrainError> {
    let folder = RunFolder::create(path, config)?;
    let (s, a) = (spaces.0.len(), spaces.1.len());
    let place = |episode: Option<&Episode>| -> Box<dyn Env> {
        Box::new(Place {
            name: config.run.env.clone(),
            observation_space: spaces.0.clone(),
            action_space: spaces.1.clone(),
            words: episode.and_then(|episode| words(episode, s, a)),
        })
    };
    let envs = episodes.iter().map(|episode| place(episode.as_ref())).collect();
    let mut trainer = Trainer::<T, A>::in_lockstep(config.clone(), envs, place(None))?;
    // Beside the folder's own files, and gone before the training is saved.
    let state = path.join("state-of-python");
    write_state::<T>(&state, |visitor| learner.visit(visitor))?;
    let read = read_state::<T>(&state, |visitor| trainer.learner_mut().visit(visitor));
    let removed = std::fs::remove_file(&state);
    read?;
    removed.map_err(|source| TrainError::Io { action: "remove", path: state, source })?;
    // It is at its end, so that all that is left to be done is to save it.
    trainer.train(Some(&folder), &mut Quiet).map(|_| ())
}
