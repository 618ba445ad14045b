//! A training that reports as it goes.

use alloc::boxed::Box;
use core::fmt::{self, Write};

use softac::agent::Algorithm;
use softac::env::{self, Env, EnvError};
use softac::learner::{Learner, LearnerError};
use softac::sac::{Sac, SacConfig};
use softac::state::StateError;

/// Why a training stopped.
#[derive(Debug)]
pub enum Failed {
    Learner(LearnerError),
    Env(EnvError),
    Image(StateError),
    Output(fmt::Error),
}

impl From<LearnerError> for Failed {
    fn from(error: LearnerError) -> Self {
        Self::Learner(error)
    }
}

impl From<EnvError> for Failed {
    fn from(error: EnvError) -> Self {
        Self::Env(error)
    }
}

impl From<StateError> for Failed {
    fn from(error: StateError) -> Self {
        Self::Image(error)
    }
}

impl From<fmt::Error> for Failed {
    fn from(error: fmt::Error) -> Self {
        Self::Output(error)
    }
}

/// A learner and the two environments of a training: one to act in, one to be judged in.
pub struct Training {
    env: Box<dyn Env>,
    judge: Box<dyn Env>,
    learner: Learner<f32>,
}

impl Training {
    /// Episodes by which a policy is judged, always from the same starts.
    const JUDGED_BY: u64 = 5;

    /// A training in Pendulum, changed by `wrap`.
    pub fn new(
        config: SacConfig,
        seed: u64,
        wrap: impl Fn(Box<dyn Env>) -> Box<dyn Env>,
    ) -> Result<Self, Failed> {
        let (env, judge) = (wrap(env::make("pendulum")?), wrap(env::make("pendulum")?));
        let learner = Learner::new(config, env.as_ref(), seed)?;
        Ok(Self { env, judge, learner })
    }

    /// What is being learned.
    pub fn sac_mut(&mut self) -> &mut Sac<f32> {
        self.learner.sac_mut()
    }

    /// Takes this many steps, with a report before the first and after every `interval`.
    pub fn run(&mut self, steps: u64, interval: u64, out: &mut dyn Write) -> Result<(), Failed> {
        self.report(out)?;
        for step in 1..=steps {
            self.learner.step(self.env.as_mut(), |_metrics| {})?;
            if step % interval == 0 || step == steps {
                self.report(out)?;
            }
        }
        Ok(())
    }

    fn report(&mut self, out: &mut dyn Write) -> Result<(), Failed> {
        let mean = self.judge()?;
        let (steps, sac) = (self.learner.steps(), self.learner.sac_mut());
        let (updates, hash) = (sac.updates(), sac.fingerprint());
        writeln!(
            out,
            "{steps:6} steps {updates:6} updates  learned {hash:016x}  return {mean:9.3}"
        )?;
        Ok(())
    }

    /// The mean return of the deterministic policy.
    fn judge(&mut self) -> Result<f64, Failed> {
        let (mut observation, mut action) = ([0.0; 3], [0.0]);
        let mut sum = 0.0;
        for seed in 0..Self::JUDGED_BY {
            self.judge.reset(seed, &mut observation)?;
            loop {
                self.learner.act(&observation, &mut action);
                let step = self.judge.step(&action, &mut observation)?;
                sum += step.reward;
                if step.done() {
                    break;
                }
            }
        }
        Ok(sum / Self::JUDGED_BY as f64)
    }
}
