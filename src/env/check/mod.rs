//! Whether an environment keeps the promises of [`Env`].
//!
//! | file | holds |
//! |---|---|
//! | `rollout.rs` | what one environment does alone: spaces, observations, rewards, ends, actions out of bounds |
//! | `pairs.rs` | two environments side by side: the same seed, calls that are refused |
//! | `subject.rs` | an environment with its buffer and its place in an episode; the actions it is given |
//! | `problem.rs`, `advice.rs`, `terms.rs` | what is found |
//! | `report.rs` | [`CheckReport`]: one [`Finding`] for each kind of problem |

use alloc::string::ToString;
use alloc::vec::Vec;

use super::Env;
use super::space::BoxSpace;

mod advice;
mod pairs;
mod problem;
mod report;
mod rollout;
mod subject;
mod terms;

pub use advice::Advice;
pub use problem::Problem;
pub use report::{CheckReport, Finding};
pub use terms::{Difference, Misuse, Moment, SpaceKind};

use subject::Subject;

/// How an environment is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckConfig {
    /// The seed of episodes and actions.
    pub seed: u64,
    /// The steps in which observations and rewards are looked at, at least one. The other checks take
    /// about as many, and those of misuse four times as many at most.
    pub steps: u32,
}

impl Default for CheckConfig {
    /// 1000 steps, the length of the longest usual episodes.
    fn default() -> Self {
        Self { seed: 0, steps: 1000 }
    }
}

/// Checks the environment that `make` makes against the promises of [`Env`], and reports all that it finds:
///
/// - it has a name, its action space is finite, and its spaces never change;
/// - `reset` and `step` write every component of the observation, finite and within its bounds, and rewards are
///   finite, for actions at the bounds, at the centre and in between;
/// - the same seed and the same actions give the same episode, to the bit, whatever was done before;
/// - an episode can begin after another has ended, or in the midst of it;
/// - steps before the first `reset` and after the end of an episode, buffers and actions of a wrong length, and
///   actions that are not finite are refused, with the right error, and change nothing;
/// - finite actions out of bounds may be refused or clipped, but make no NaN.
///
/// It calls `make` twice, and needs environments that nothing was done to yet.
///
/// # Panics
/// Where the environment itself does, as on buffers of a wrong length that it should refuse.
///
/// ```
/// use softac::env::{CheckConfig, Pendulum, TimeLimit, check_env};
/// let report = check_env(|| TimeLimit::new(Pendulum::new(), 200), CheckConfig::default());
/// assert!(report.is_ok(), "{report}");
/// ```
pub fn check_env<E: Env>(mut make: impl FnMut() -> E, config: CheckConfig) -> CheckReport {
    let mut first = Subject::new(make());
    let mut check = Check::new(&first.env, config);
    check.declarations();
    check.before_reset(&mut first);
    check.rollout(&mut first);
    if check.can_go_on() {
        let mut second = Subject::new(make());
        if check.spaces_hold(&second, None) {
            let same = check.same_seed(&mut first, &mut second);
            check.outside(&mut first);
            if check.can_go_on() {
                check.misuses(&mut first, &mut second, same);
                check.report.complete = same;
            }
        }
    }
    check.report
}

/// A check under way.
struct Check {
    config: CheckConfig,
    observation_space: BoxSpace,
    action_space: BoxSpace,
    report: CheckReport,
}

impl Check {
    fn new(env: &impl Env, config: CheckConfig) -> Self {
        let report = CheckReport {
            env: env.name().to_string(),
            seed: config.seed,
            problems: Vec::new(),
            advice: Vec::new(),
            complete: true,
        };
        let config = CheckConfig { steps: config.steps.max(1), ..config };
        let spaces = (env.observation_space().clone(), env.action_space().clone());
        Self { config, observation_space: spaces.0, action_space: spaces.1, report }
    }

    /// What the environment says of itself.
    fn declarations(&mut self) {
        if self.report.env.trim().is_empty() {
            self.report.add(Problem::EmptyName);
        }
        let bounds = self.action_space.low().iter().zip(self.action_space.high());
        for (index, (&low, &high)) in bounds.enumerate() {
            if !(low.is_finite() && high.is_finite()) {
                self.report.add(Problem::UnboundedAction { index, low, high });
            }
        }
        self.report.advice.extend(advice::of_spaces(&self.observation_space, &self.action_space));
    }

    /// Whether the spaces are what they were at first.
    fn spaces_hold<E: Env>(&mut self, subject: &Subject<E>, moment: Option<Moment>) -> bool {
        let observation = *subject.env.observation_space() == self.observation_space;
        let action = *subject.env.action_space() == self.action_space;
        for (holds, space) in [(observation, SpaceKind::Observation), (action, SpaceKind::Action)] {
            if !holds {
                self.give_up(Problem::SpaceChanged { space, moment });
            }
        }
        observation && action
    }

    /// Adds a problem that leaves no sense in further checks.
    fn give_up(&mut self, problem: Problem) {
        self.report.add(problem);
        self.report.complete = false;
    }

    fn can_go_on(&self) -> bool {
        self.report.complete
    }
}
