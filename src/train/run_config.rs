//! The settings of a run around the algorithm, and the environments that they ask for.

use std::thread;

use serde::{Deserialize, Serialize};

use super::{Schedule, TrainError};
use crate::env::{ActionRepeat, Env, EnvError, FrameStack};
use crate::sac::{ConfigError, unless};

/// The number type of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision, for training.
    #[default]
    F32,
    /// Double precision, for checking.
    F64,
}

/// The settings of a run around the algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The environment's name.
    pub env: String,
    /// The seed from which all random streams of the training are derived.
    pub seed: u64,
    /// The number type.
    pub precision: Precision,
    /// How often each action is taken in a row; rewards add up.
    pub action_repeat: u32,
    /// How many of the last observations the policy is shown together.
    pub frame_stack: usize,
    /// How many environments are stepped together. Environment steps count those of all, so that they come so many
    /// at a time; what is due after a number of them that is jumped over comes after the next.
    pub num_envs: u32,
    /// Environment steps in all.
    pub total_timesteps: u64,
    /// Environment steps between rows of `metrics.csv`.
    pub log_freq: u64,
    /// How many of the last episodes `rollout/ep_rew_mean` and `rollout/ep_len_mean` are means of.
    pub stats_window_size: usize,
    /// Environment steps between evaluations.
    pub eval_freq: u64,
    /// Episodes of an evaluation during training.
    pub n_eval_episodes: usize,
    /// Episodes of the final evaluation.
    pub n_final_eval_episodes: usize,
    /// The seed of the start states of all evaluations. It does not depend on `seed`, so that runs are
    /// judged by the same episodes.
    pub eval_seed: u64,
    /// How the learning rate goes on from `learning_rate`: `"constant"`, `"linear"` or `"cosine"`.
    pub learning_rate_schedule: Schedule,
    /// Environment steps between checkpoints; 0 for one at the end alone.
    pub checkpoint_freq: u64,
    /// How many of the last checkpoints are kept.
    pub keep_checkpoints: usize,
    /// Training ends when an evaluation's mean return is at least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward_threshold: Option<f64>,
    /// Training ends when this many evaluations in a row were no better than the best one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_no_improvement_evals: Option<u64>,
    /// Whether the rows are written for TensorBoard too.
    pub tensorboard: bool,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            env: String::new(),
            action_repeat: 1,
            frame_stack: 1,
            num_envs: 1,
            seed: 0,
            precision: Precision::F32,
            total_timesteps: 100_000,
            log_freq: 1_000,
            stats_window_size: 100,
            eval_freq: 5_000,
            n_eval_episodes: 10,
            n_final_eval_episodes: 100,
            eval_seed: 0,
            learning_rate_schedule: Schedule::Constant,
            checkpoint_freq: 10_000,
            keep_checkpoints: 2,
            reward_threshold: None,
            max_no_improvement_evals: None,
            tensorboard: true,
        }
    }
}

impl RunConfig {
    /// The environment as the run acts in it: with `action_repeat` and `frame_stack`.
    #[must_use]
    pub fn wrap(&self, mut env: Box<dyn Env>) -> Box<dyn Env> {
        if self.action_repeat > 1 {
            env = Box::new(ActionRepeat::new(env, self.action_repeat));
        }
        if self.frame_stack > 1 {
            env = Box::new(FrameStack::new(env, self.frame_stack));
        }
        env
    }

    /// The environments that the run acts in together, wrapped and made at the same time.
    ///
    /// # Errors
    /// `num_envs` that cannot be, or the first thing that `make` said.
    pub fn envs(
        &self,
        make: impl Fn() -> Result<Box<dyn Env>, EnvError> + Sync,
    ) -> Result<Vec<Box<dyn Env>>, TrainError> {
        self.check_num_envs()?;
        let made = thread::scope(|scope| {
            let others: Vec<_> = (1..self.num_envs).map(|_| scope.spawn(&make)).collect();
            let first = make();
            let others = others.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            [first].into_iter().chain(others).collect::<Result<Vec<_>, _>>()
        });
        Ok(made?.into_iter().map(|env| self.wrap(env)).collect())
    }

    pub(super) fn check_num_envs(&self) -> Result<(), ConfigError> {
        let rule = "it must be from 1 to 1000";
        unless((1..=1000).contains(&self.num_envs), "num_envs", self.num_envs, rule)
    }

    /// Whether what is done every `freq` environment steps is due after step `t`, with which come those of the
    /// other environments.
    pub(super) fn is_due(&self, freq: u64, t: u64) -> bool {
        t / freq > t.saturating_sub(self.num_envs.into()) / freq
    }
}
