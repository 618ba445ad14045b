//! `softac eval`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::train::{Config, Evaluation, RunFolder, TrainError, Work, evaluate};

use super::acting::Acting;
use super::error::CliError;
use super::gym::Gym;

/// Replay a run's policy
#[derive(Args)]
#[command(after_help = "Example:\n  softac eval runs/Pendulum-v1/seed-0 --episodes 20")]
pub struct Eval {
    /// The run folder
    run: PathBuf,
    /// Number of episodes
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    episodes: u32,
    #[command(flatten)]
    acting: Acting,
    /// Seed of the start states [default: the run's eval_seed]
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON, with every episode
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    gym: Gym,
}

impl Eval {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let folder = RunFolder::open(&self.run)?;
        let config = folder.config()?;
        let evaluation =
            config.with_types(Evaluate { command: &self, folder: &folder, config: &config })?;
        if self.json {
            self.print_json(&config, &evaluation, out)
        } else {
            print(&config, &evaluation, out)
        }
    }

    fn evaluate<T: Scalar>(
        &self,
        folder: &RunFolder,
        config: &Config,
    ) -> Result<Evaluation, CliError> {
        let policy = self.acting.policy::<T>(folder)?;
        let task = config.run.task().map_err(|error| folder.damaged_config(error))?;
        let env = self.gym.make(&task, self.json).map_err(TrainError::from)?;
        let mut env = config.run.wrap(env);
        policy.check_spaces(env.as_ref())?;
        let (episodes, seed) = (self.episodes as usize, self.seed.unwrap_or(config.run.eval_seed));
        let evaluation = evaluate(env.as_mut(), episodes, seed, self.acting.act(policy, seed));
        Ok(evaluation.map_err(TrainError::from)?)
    }

    fn print_json(
        &self,
        config: &Config,
        evaluation: &Evaluation,
        out: &mut impl Write,
    ) -> Result<(), CliError> {
        let reward = evaluation.reward;
        let finite = |x: f64| x.is_finite().then_some(x);
        let report = serde_json::json!({
            "env": config.run.env,
            "episodes": reward.n,
            "mean_reward": reward.mean,
            "std_reward": reward.std,
            // One episode has no interval.
            "ci95_low": finite(reward.ci95.0),
            "ci95_high": finite(reward.ci95.1),
            "mean_ep_length": evaluation.mean_length,
            // Null where the environment does not tell.
            "success_rate": evaluation.success_rate,
            "rewards": evaluation.episodes.iter().map(|e| e.reward).collect::<Vec<_>>(),
            "lengths": evaluation.episodes.iter().map(|e| e.length).collect::<Vec<_>>(),
            "successes": evaluation.episodes.iter().map(|e| e.success).collect::<Vec<_>>(),
        });
        Ok(writeln!(out, "{report}")?)
    }
}

/// The evaluation, once the number type is known.
struct Evaluate<'a> {
    command: &'a Eval,
    folder: &'a RunFolder,
    config: &'a Config,
}

impl Work for Evaluate<'_> {
    type Output = Result<Evaluation, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.evaluate::<T>(self.folder, self.config)
    }
}

fn print(config: &Config, evaluation: &Evaluation, out: &mut impl Write) -> Result<(), CliError> {
    let (reward, length) = (evaluation.reward, evaluation.mean_length);
    writeln!(out, "environment   {}", config.run.env)?;
    writeln!(out, "episodes      {}, {length:.1} steps each on average", reward.n)?;
    writeln!(out, "return        {:.2} ± {:.2} (standard deviation)", reward.mean, reward.std)?;
    match reward.ci95 {
        (low, high) if low.is_finite() && high.is_finite() => {
            writeln!(out, "mean          95 % confidence interval [{low:.2}, {high:.2}]")?;
        }
        _ => writeln!(out, "mean          one episode gives no confidence interval")?,
    }
    if let Some(rate) = evaluation.success_rate {
        let told = evaluation.episodes.iter().filter(|episode| episode.success.is_some()).count();
        writeln!(out, "success rate  {rate:.2} of {told} episodes")?;
    }
    Ok(())
}
