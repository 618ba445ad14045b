//! The settings of a run around the algorithm, and the environments that they ask for.

use std::thread;

use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::schedule::Schedule;
use crate::agent::settings::{ConfigError, LearningRates, Rule, check, rule, settings, words};
use crate::env::{ActionRepeat, Env, EnvError, FrameStack};

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

words! { Precision { F32 = "f32", F64 = "f64" } }

/// How many environments may be stepped together.
const NUM_ENVS: Rule<u32> = rule::from_1_to_1000();

settings! {
    /// The settings of a run around the algorithm.
    pub struct RunConfig {
        Run {
            /// Name of the environment.
            env: String = String::new();
            /// Seed of all random streams of the training.
            seed: u64 = 0, BELOW_2_TO_63;
            /// Number type.
            precision: Precision = Precision::F32;
            /// Times that each action is repeated; rewards add up.
            action_repeat: u32 = 1, at_least_1();
            /// Number of last observations that the policy is shown together.
            frame_stack: usize = 1, from_1_to_1000();
            /// Number of environments that are stepped together. Environment steps count those of all of them. What is due
            /// at a number of steps that is jumped over is done at the next one.
            num_envs: u32 = 1, NUM_ENVS;
            /// Environment steps in all.
            total_timesteps: u64 = 100_000, at_least_1();
            /// Environment steps between rows of `metrics.csv`.
            log_freq: u64 = 1_000, at_least_1();
            /// Number of last episodes in the means `rollout/ep_rew_mean` and `rollout/ep_len_mean`.
            stats_window_size: usize = 100, at_least_1();
            /// Environment steps between evaluations.
            eval_freq: u64 = 5_000, at_least_1();
            /// Episodes of an evaluation during training.
            n_eval_episodes: usize = 10, at_least_1();
            /// Episodes of the final evaluation.
            n_final_eval_episodes: usize = 100, at_least_1();
            /// Seed of the start states of all evaluations. It does not depend on `seed`: all runs are judged by the same
            /// episodes.
            eval_seed: u64 = 0, BELOW_2_TO_63;
            /// Course of the learning rate from `learning_rate` = η on, over the share p of `total_timesteps` that is done:
            /// `linear` for η (1 − p), `cosine` for η (1 + cos πp) / 2.
            learning_rate_schedule: Schedule = Schedule::Constant;
            /// Course of the critics' learning rate; if not set, that of `learning_rate_schedule`.
            critic_learning_rate_schedule: Option<Schedule> = None;
            /// Environment steps between checkpoints; 0 for one checkpoint, at the end.
            checkpoint_freq: u64 = 10_000;
            /// Number of last checkpoints that are kept.
            keep_checkpoints: usize = 2, at_least_1();
            /// Ends the training when the mean return of an evaluation is at least this.
            reward_threshold: Option<f64> = None, FINITE;
            /// Ends the training when this many evaluations in a row were no better than the best one.
            max_no_improvement_evals: Option<u64> = None, at_least_1();
            /// Writes the rows for TensorBoard, too.
            tensorboard: bool = true;
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

    /// The learning rates after a share p of the training, from those at its start.
    pub(super) fn learning_rates(&self, start: LearningRates, p: f64) -> LearningRates {
        let [actor, critics] = self.schedules().map(|schedule| schedule.factor(p));
        LearningRates { actor: actor * start.actor, critics: critics * start.critics }
    }

    /// Whether a learning rate depends on `total_timesteps`.
    pub(super) fn rates_depend_on_the_end(&self) -> bool {
        self.schedules() != [Schedule::Constant; 2]
    }

    /// The courses of the learning rates of policy and critics.
    fn schedules(&self) -> [Schedule; 2] {
        let schedule = self.learning_rate_schedule;
        [schedule, self.critic_learning_rate_schedule.unwrap_or(schedule)]
    }

    pub(super) fn check_num_envs(&self) -> Result<(), ConfigError> {
        check("num_envs", &self.num_envs, NUM_ENVS)
    }

    /// Whether what is done every `freq` environment steps is due after step `t`, with which come those of the
    /// other environments.
    pub(super) fn is_due(&self, freq: u64, t: u64) -> bool {
        t / freq > t.saturating_sub(self.num_envs.into()) / freq
    }
}
