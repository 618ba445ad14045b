//! `softac watch`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::draw::{Film, FilmError, FilmOptions, film};
use softac::train::{Config, RunFolder, TrainError, Work};

use super::acting::Acting;
use super::error::CliError;
use super::gym::Gym;

/// Film a run's policy at work: the episodes that `eval` plays
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac watch runs/Pendulum-v1/seed-0
  softac watch runs/Pendulum-v1/seed-0 --episodes 3 --out swing-up.svg
  softac watch runs/gym-HalfCheetah-v5/seed-0 --out run.mp4 --python .venv/bin/python")]
pub struct Watch {
    /// The run folder
    run: PathBuf,
    /// The film, over what is there; .gif, .svg (of drawings), .mp4 (by Python's imageio-ffmpeg) or .png (some stills)
    /// [default: watch.gif in the run folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Number of episodes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    episodes: u32,
    #[command(flatten)]
    acting: Acting,
    /// Seed of the start states [default: the run's eval_seed]
    #[arg(long)]
    seed: Option<u64>,
    /// Pixels from left to right [default: 400 for drawings, 240 for stills, else as many as there are]
    #[arg(long, value_name = "PIXELS")]
    size: Option<u32>,
    /// Show every so many steps [default: as many as make no more than 30 frames a second]
    #[arg(long, value_name = "STEPS")]
    every: Option<u64>,
    /// Frames a second [default: as they look natural]
    #[arg(long)]
    fps: Option<f64>,
    #[command(flatten)]
    gym: Gym,
}

impl Watch {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let folder = RunFolder::open(&self.run)?;
        let config = folder.config()?;
        let default = || folder.path().join("watch.gif");
        let path = self.out.clone().unwrap_or_else(default);
        let work = Shoot { command: &self, folder: &folder, config: &config, path: &path };
        let film = config.with_types(work)?;
        print(&film, &path, out)
    }

    fn film<T: Scalar>(
        &self,
        folder: &RunFolder,
        config: &Config,
        path: &Path,
    ) -> Result<Film, CliError> {
        let policy = self.acting.policy::<T>(folder)?;
        let task = config.run.task().map_err(|error| folder.damaged_config(error))?;
        let env = self.gym.make_to_watch(&task).map_err(TrainError::from)?;
        let mut env = config.run.wrap(env);
        policy.check_spaces(env.as_ref())?;
        let seed = self.seed.unwrap_or(config.run.eval_seed);
        let options = FilmOptions {
            episodes: self.episodes as usize,
            seed,
            width: self.size,
            every: self.every,
            fps: self.fps,
            python: self.gym.options().python,
        };
        Ok(film(env.as_mut(), self.acting.act(policy, seed), path, &options)?)
    }
}

/// The film, once the number type is known.
struct Shoot<'a> {
    command: &'a Watch,
    folder: &'a RunFolder,
    config: &'a Config,
    path: &'a Path,
}

impl Work for Shoot<'_> {
    type Output = Result<Film, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.film::<T>(self.folder, self.config, self.path)
    }
}

fn print(film: &Film, path: &Path, out: &mut impl Write) -> Result<(), CliError> {
    for (n, episode) in film.episodes.iter().enumerate() {
        let (reward, steps) = (episode.reward, episode.length);
        writeln!(out, "episode {}: return {reward:.2} in {steps} steps", n + 1)?;
    }
    let size =
        fs::metadata(path).map_err(|source| FilmError::Write { path: path.into(), source })?;
    let (path, frames, kilobytes) = (path.display(), film.frames, size.len().div_ceil(1000));
    Ok(writeln!(out, "{path}: {frames} frames, {:.0} a second, {kilobytes} kB", film.fps)?)
}
