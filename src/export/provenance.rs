//! Where an exported policy comes from.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::reference::Single;
use crate::files::hex;
use crate::train::{Config, Precision};
use crate::{Numerics, nn::Activation};

/// What an export says of its policy; JSON within the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// The version of this crate.
    pub softac: &'static str,
    /// The environment.
    pub env: String,
    /// The seed of the training.
    pub seed: u64,
    /// Sizes of the hidden layers.
    pub net_arch: Vec<usize>,
    /// What stands behind each of them.
    pub activation: Activation,
    /// The bounds of actions.
    pub action_low: Vec<f64>,
    /// The bounds of actions.
    pub action_high: Vec<f64>,
    /// How many of the last observations the policy acts on together. The caller stacks them, the oldest first.
    pub frame_stack: usize,
    /// How often the caller is to take each action.
    pub action_repeat: u32,
    /// The precision of the training.
    pub precision: Precision,
    /// The numerics of the training.
    pub numerics: Numerics,
    /// `"int8"`, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantize: Option<&'static str>,
    /// SHA-256 of all parameters of the policy in single precision, as they lie in `policy.safetensors`.
    pub sha256: String,
}

impl Provenance {
    /// Of a policy from a run of this configuration.
    #[must_use]
    pub fn of(policy: &Single, config: &Config) -> Self {
        let (saved, run) = (policy.saved(), &config.run);
        let space = saved.action_box().space();
        let mut sha256 = Sha256::new();
        for number in saved.params().as_slice() {
            sha256.update(number.to_le_bytes());
        }
        Self {
            softac: env!("CARGO_PKG_VERSION"),
            env: saved.env().into(),
            seed: run.seed,
            net_arch: saved.net_arch().to_vec(),
            activation: saved.activation(),
            action_low: space.low().to_vec(),
            action_high: space.high().to_vec(),
            frame_stack: run.frame_stack,
            action_repeat: run.action_repeat,
            precision: run.precision,
            numerics: config.algo.off_policy().numerics,
            quantize: None,
            sha256: hex(&sha256.finalize()),
        }
    }
}
