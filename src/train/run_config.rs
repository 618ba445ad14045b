//! The settings of a run around the algorithm, and the environments that they ask for.

use std::thread;

use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::schedule::Schedule;
use super::task::Task;
use crate::agent::settings::{
    ConfigError, LearningRates, Rule, check, require, rule, settings, words,
};
use crate::env::{ActionRepeat, Env, EnvError, FrameStack};
use crate::gym::{Arguments, Wrappers};

/// The environment that a training is evaluated in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvalEnv {
    /// One of its own, made at the first evaluation.
    #[default]
    Own,
    /// The first one that it acts in, between two episodes.
    Training,
}

words! { EvalEnv { Own = "own", Training = "training" } }

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
            /// Arguments of a `gym:` environment: `gymnasium.make(id, KEY=VALUE)`.
            env_args: Arguments = Arguments::default();
            /// Wrappers of `gymnasium.wrappers` around a `gym:` environment, the innermost first.
            wrappers: Wrappers = Wrappers::default();
            /// Seed of all random streams of the training.
            seed: u64 = 0, BELOW_2_TO_63;
            /// Bits of the seeds that a `gym:` environment is given.
            env_seed_bits: u32 = 31, Rule {
                kept: |bits| (16..=63).contains(bits),
                text: "it must be from 16 to 63",
            };
            /// Number type.
            precision: Precision = Precision::F32;
            /// Times that each action is repeated; rewards add up.
            action_repeat: u32 = 1, at_least_1();
            /// Number of last observations that the policy is shown together.
            frame_stack: usize = 1, from_1_to_1000();
            /// Number of environments that are stepped together. Environment steps count those of all of them. What is due
            /// at a number of steps that is jumped over is done at the next one.
            num_envs: u32 = 1, NUM_ENVS;
            /// Run folder of a run with whose networks, temperature and statistics the training begins.
            from: Option<String> = None;
            /// Begins with the replay buffer of the run in `from`, too.
            with_replay: bool = false;
            /// Environment steps in all.
            total_timesteps: u64 = 100_000, at_least_1();
            /// Environment steps between rows of `metrics.csv`.
            log_freq: u64 = 1_000, at_least_1();
            /// Number of last episodes in the means `rollout/ep_rew_mean` and `rollout/ep_len_mean`.
            stats_window_size: usize = 100, at_least_1();
            /// Environment steps between evaluations; 0 for none.
            eval_freq: u64 = 5_000;
            /// Environment of the evaluations: `own`, one made at the first of them, or `training`, the one that the
            /// training acts in, between its episodes, for robots and simulators of which there is one.
            eval_env: EvalEnv = EvalEnv::Own;
            /// Episodes of an evaluation during training.
            n_eval_episodes: usize = 10, at_least_1();
            /// Episodes of the final evaluation; 0 for none.
            n_final_eval_episodes: usize = 100;
            /// Seed of the start states of all evaluations. It does not depend on `seed`: all runs are judged by the same
            /// episodes.
            eval_seed: u64 = 0, BELOW_2_TO_63;
            /// Schedule of the learning rate from `learning_rate` = η on, over the share p of `total_timesteps` that is done:
            /// `linear` for η (1 − p), `cosine` for η (1 + cos πp) / 2.
            learning_rate_schedule: Schedule = Schedule::Constant;
            /// Schedule of the critics' learning rate; if not set, `learning_rate_schedule`.
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
    /// The environment's name with its arguments and wrappers.
    ///
    /// # Errors
    /// A name that no environment has; arguments or wrappers of an environment that takes none.
    pub fn task(&self) -> Result<Task, TrainError> {
        match Task::find(&self.env)? {
            Task::Gymnasium(spec) => {
                let (args, wrappers) = (self.env_args.clone(), self.wrappers.clone());
                Ok(Task::Gymnasium(spec.with(args, wrappers, self.env_seed_bits)))
            }
            native => {
                const RULE: &str = "only a `gym:` environment takes it";
                require(self.env_args.is_empty(), "env_args", &self.env_args, RULE)?;
                require(self.wrappers.is_empty(), "wrappers", &self.wrappers, RULE)?;
                Ok(native)
            }
        }
    }

    /// Checks the settings against each other.
    pub(super) fn check_together(&self) -> Result<(), ConfigError> {
        const EVALUATES: &str =
            "it needs evaluations: set `eval_freq` and `n_final_eval_episodes` above 0";
        let rule = "it needs a run: set `from`";
        require(!self.with_replay || self.from.is_some(), "with_replay", self.with_replay, rule)?;
        let evaluates = self.eval_freq > 0 && self.n_final_eval_episodes > 0;
        let (threshold, evals) = (self.reward_threshold, self.max_no_improvement_evals);
        if let Some(threshold) = threshold {
            require(evaluates, "reward_threshold", threshold, EVALUATES)?;
        }
        evals.map_or(Ok(()), |n| require(evaluates, "max_no_improvement_evals", n, EVALUATES))
    }

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

    /// True if a learning rate depends on `total_timesteps`.
    pub(super) fn rates_depend_on_the_end(&self) -> bool {
        self.schedules() != [Schedule::Constant; 2]
    }

    /// The schedules of the learning rates of policy and critics.
    fn schedules(&self) -> [Schedule; 2] {
        let schedule = self.learning_rate_schedule;
        [schedule, self.critic_learning_rate_schedule.unwrap_or(schedule)]
    }

    pub(super) fn check_num_envs(&self) -> Result<(), ConfigError> {
        check("num_envs", &self.num_envs, NUM_ENVS)
    }

    /// Tells whether what is done every `freq` environment steps, or never if that is 0, must be done after step `t`,
    /// together with which come those of the other environments.
    pub(super) fn is_due(&self, freq: u64, t: u64) -> bool {
        freq > 0 && t / freq > t.saturating_sub(self.num_envs.into()) / freq
    }
}
