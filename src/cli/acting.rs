//! The policy that `eval` and `watch` play, with or without its noise.

use std::io::{self, Write};

use clap::Args;
use softac::Scalar;
use softac::policy::Kind;
use softac::random::{Purpose, fill_normal, stream};
use softac::train::{RunFolder, SavedPolicy};

use super::error::CliError;
use super::patience::Patience;

/// Flags of the commands that have a run's policy act.
#[derive(Args)]
pub struct Acting {
    /// Take the policy of the best evaluation during training instead of the last one
    #[arg(long)]
    best: bool,
    /// Sample actions from the policy, as in training, instead of taking the deterministic ones
    #[arg(long)]
    stochastic: bool,
}

impl Acting {
    /// The policy of a run.
    pub fn policy<T: Scalar>(&self, folder: &RunFolder) -> Result<SavedPolicy<T>, CliError> {
        let policy = if self.best { folder.best_policy::<T>()? } else { folder.policy()? };
        if self.stochastic && policy.kind() == Kind::Deterministic {
            let algorithm = policy.algorithm();
            let why = format!("`--stochastic`: the policy of {algorithm} has no noise of its own");
            return Err(CliError::Usage(why));
        }
        Ok(policy)
    }

    /// The function from observations to actions. Equal seeds give equal noise.
    pub fn act<T: Scalar>(
        &self,
        mut policy: SavedPolicy<T>,
        seed: u64,
    ) -> impl FnMut(&[f64], &mut [f64]) {
        let mut noise = self.stochastic.then(|| stream(seed, Purpose::Policy));
        let mut xi = vec![T::zero(); policy.action_dim()]; // [A]
        let (mut patience, mut steps) = (Patience::new(), 0_u64);
        move |observation, action| {
            if patience.is_over() {
                let _ = writeln!(io::stderr(), "{steps} steps so far");
            }
            steps += 1;
            match &mut noise {
                Some(noise) => {
                    fill_normal(&mut xi, noise);
                    policy.explore(observation, &xi, action);
                }
                None => policy.act(observation, action),
            }
        }
    }
}
