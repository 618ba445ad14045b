//! An environment of one's own: a wrapper around another.

use alloc::boxed::Box;

use softac::env::{Env, EnvError, Step};

/// An environment whose motors have lost a part of their strength, as the machine in the field has against the
/// one in the simulator.
pub struct WornMotor {
    env: Box<dyn Env>,
    strength: f64,
}

impl WornMotor {
    /// Motors that give this share of what they are told to.
    #[must_use]
    pub fn new(env: Box<dyn Env>, strength: f64) -> Self {
        Self { env, strength }
    }
}

impl Env for WornMotor {
    softac::forward_env! { env: name, observation_space, action_space, reset }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let &[torque] = action else {
            let (expected, found) = (1, action.len());
            return Err(EnvError::ActionLength { expected, found });
        };
        self.env.step(&[self.strength * torque], observation)
    }
}
