//! A sound environment, each part of which can be replaced by a broken one.

use softac::env::{
    BoxSpace, CheckConfig, CheckReport, Env, EnvError, Moment, Pendulum, Problem, Step, TimeLimit,
    check_env,
};

/// The report with the settings that are the default.
pub fn check(make: impl Fn() -> Broken) -> CheckReport {
    check_env(make, CheckConfig::default())
}

/// The first problem, where there is no other kind of problem.
pub fn only(report: &CheckReport) -> Problem {
    let [found] = &report.problems[..] else { panic!("{report}") };
    let text = report.to_string();
    assert!(text.contains(&format!(": 1 problem\nproblem: {}", found.problem)), "{text}");
    found.problem.clone()
}

pub fn at(seed: u64, step: u32) -> Moment {
    Moment { seed, step }
}

pub type OnStep = fn(&mut Broken, &[f64], &mut [f64]) -> Result<Step, EnvError>;

/// The pendulum within a time limit of 200 steps; a test replaces what is to be broken.
#[derive(Clone)]
pub struct Broken {
    pub env: TimeLimit<Pendulum>,
    pub name: &'static str,
    pub observation: BoxSpace,
    pub action: BoxSpace,
    /// Resets so far, refused ones too.
    pub resets: u64,
    /// The number of the step under way, counted from 1 since the last reset; refused ones do not count.
    pub elapsed: u64,
    /// Calls of `step` since the last reset, refused ones too.
    pub calls: u64,
    /// Whether an episode has ended ever.
    pub ended: bool,
    /// A number for the test.
    pub value: f64,
    pub on_reset: fn(&mut Self, u64, &mut [f64]) -> Result<(), EnvError>,
    pub on_step: OnStep,
}

impl Broken {
    pub fn new() -> Self {
        let env = TimeLimit::new(Pendulum::new(), 200);
        Self {
            name: "Broken-v0",
            observation: env.observation_space().clone(),
            action: env.action_space().clone(),
            env,
            resets: 0,
            elapsed: 0,
            calls: 0,
            ended: false,
            value: 0.0,
            on_reset: |broken, seed, observation| broken.env.reset(seed, observation),
            on_step: |broken, action, observation| broken.env.step(action, observation),
        }
    }
}

impl Env for Broken {
    fn name(&self) -> &str {
        self.name
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.resets += 1;
        let answer = (self.on_reset)(self, seed, observation);
        if answer.is_ok() {
            (self.elapsed, self.calls) = (0, 0);
        }
        answer
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.elapsed += 1;
        self.calls += 1;
        let answer = (self.on_step)(self, action, observation);
        self.elapsed -= u64::from(answer.is_err());
        self.ended |= answer.as_ref().is_ok_and(Step::done);
        answer
    }
}
