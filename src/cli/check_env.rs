//! `softac check-env`

use std::io::Write;

use clap::Args;
use softac::agent::settings::ValueKind;
use softac::env::{CheckConfig, CheckReport, check_env};
use softac::train::{Config, Task, TrainError, gathered, read_value};
use toml::Value;

use super::error::CliError;
use super::gym::Gym;

/// Check whether an environment keeps the promises of its interface
#[derive(Args)]
#[command(after_help = "\
Each kind of problem has one line: its first occurrence, and how many more there are. The exit code is 1 if there
is any; advice does not count.

Examples:
  softac check-env pendulum --steps 5000
  softac check-env gym:Ant-v5
  softac check-env gym:Hopper-v5 --env-arg healthy_reward=0.5 --wrapper TimeAwareObservation")]
pub struct CheckEnv {
    /// The environment, by id or alias (see `softac envs`), or gym:ID for one of Gymnasium's
    env: String,
    /// Argument of a gym: environment: gymnasium.make(id, KEY=VALUE) (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = |text: &str| read_value(ValueKind::Arguments, text))]
    env_arg: Vec<Value>,
    /// Wrapper of gymnasium.wrappers around a gym: environment, the innermost first (repeatable)
    #[arg(long, value_name = "NAME", value_parser = |text: &str| read_value(ValueKind::Names, text))]
    wrapper: Vec<Value>,
    /// Seed of episodes and actions
    #[arg(long, default_value_t = CheckConfig::default().seed)]
    seed: u64,
    /// Steps to look at
    #[arg(
        long,
        default_value_t = CheckConfig::default().steps,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    steps: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gym: Gym,
}

impl CheckEnv {
    /// The environment with its arguments and wrappers, which a run's settings hold.
    fn task(&self) -> Result<Task, TrainError> {
        let task = Task::find(&self.env)?;
        let parts = [("env_args", &self.env_arg), ("wrappers", &self.wrapper)];
        let given = parts.into_iter().filter(|(_, parts)| !parts.is_empty());
        let settings = given.map(|(key, parts)| (key.to_string(), gathered(parts)));
        Config::layered(task, [settings.collect()])?.run.task()
    }

    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let task = self.task()?;
        let gym = self.gym.named();
        let make = |quiet| gym.make(&task, quiet).map_err(TrainError::from);
        let mut envs = [make(self.json)?, make(true)?].into_iter();
        let config = CheckConfig { seed: self.seed, steps: self.steps };
        let report = check_env(|| envs.next().expect("it takes two"), config);
        print(&report, self.json, out)
    }
}

/// Prints the report, which is an error if there are problems in it.
fn print(report: &CheckReport, json: bool, out: &mut impl Write) -> Result<(), CliError> {
    if json {
        writeln!(out, "{}", to_json(report))?;
    } else {
        writeln!(out, "{report}")?;
    }
    match report.problems.len() {
        0 => Ok(()),
        problems => Err(CliError::EnvWrong { env: report.env.clone(), problems }),
    }
}

fn to_json(report: &CheckReport) -> serde_json::Value {
    let problems = report.problems.iter().map(|found| {
        serde_json::json!({
            "kind": found.problem.kind(),
            "message": found.problem.to_string(),
            "count": found.count,
            "components": found.components,
        })
    });
    let advice = report
        .advice
        .iter()
        .map(|advice| serde_json::json!({ "kind": advice.kind(), "message": advice.to_string() }));
    serde_json::json!({
        "env": report.env,
        "seed": report.seed,
        "ok": report.is_ok(),
        "complete": report.complete,
        "problems": problems.collect::<Vec<_>>(),
        "advice": advice.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use softac::env::{self, Problem};

    use super::*;

    #[test]
    fn problems_are_printed_and_end_with_exit_code_1() {
        let mut report = check_env(|| env::make("bandit").unwrap(), CheckConfig::default());
        let printed = |report: &CheckReport, json| {
            let mut out = vec![];
            let code = print(report, json, &mut out).err().map(|error| error.exit_code());
            (code, String::from_utf8(out).unwrap())
        };
        assert_eq!(printed(&report, false).0, None);
        report.problems.push(Problem::EmptyName.into());
        let (code, text) = printed(&report, false);
        assert_eq!(code, Some(1));
        assert!(text.contains("1 problem\nproblem: the name is empty"), "{text}");
        let (code, text) = printed(&report, true);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &json["ok"]), (Some(1), &false.into()));
        let problem = &json["problems"][0];
        assert_eq!((&problem["kind"], &problem["count"]), (&"empty_name".into(), &1.into()));
        assert!(problem["components"].is_null(), "{text}");
    }
}
