//! An environment that is made when it is first needed.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::EnvError;
use super::picture::Picture;
use super::space::BoxSpace;
use super::{Env, Step};

/// An environment that is made at its first reset. Until then it has the name and the spaces of another one.
///
/// ```
/// use softac::env::{Deferred, Env, Pendulum};
/// let mut env = Deferred::like(&Pendulum::new(), || Ok(Box::new(Pendulum::new())));
/// assert!(!env.is_made());
/// env.reset(7, &mut [0.0; 3])?;
/// assert!(env.is_made());
/// # Ok::<(), softac::env::EnvError>(())
/// ```
pub struct Deferred<F> {
    name: String,
    versions: Option<String>,
    observation_space: BoxSpace,
    action_space: BoxSpace,
    make: F,
    env: Option<Box<dyn Env>>,
}

impl<F: FnMut() -> Result<Box<dyn Env>, EnvError> + Send> Deferred<F> {
    /// An environment that `make` makes, with the name and the spaces of `env`.
    #[must_use]
    pub fn like(env: &dyn Env, make: F) -> Self {
        Self {
            name: env.name().into(),
            versions: env.versions().map(String::from),
            observation_space: env.observation_space().clone(),
            action_space: env.action_space().clone(),
            make,
            env: None,
        }
    }

    /// Tells whether the environment was needed.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.env.is_some()
    }

    fn made(&mut self) -> Result<&mut Box<dyn Env>, EnvError> {
        let env = match self.env.take() {
            Some(env) => env,
            None => {
                let env = (self.make)()?;
                let is_same = *env.observation_space() == self.observation_space
                    && *env.action_space() == self.action_space;
                if !is_same {
                    return Err(EnvError::OtherSpaces { env: self.name.clone() });
                }
                env
            }
        };
        Ok(self.env.insert(env))
    }
}

impl<F: FnMut() -> Result<Box<dyn Env>, EnvError> + Send> Env for Deferred<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn versions(&self) -> Option<&str> {
        self.versions.as_deref()
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.made()?.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        match &mut self.env {
            Some(env) => env.step(action, observation),
            None => Err(EnvError::NeedsReset),
        }
    }

    fn success(&self) -> Option<bool> {
        self.env.as_ref().and_then(|env| env.success())
    }

    fn announce_reset(&mut self, seed: u64) {
        if let Some(env) = &mut self.env {
            env.announce_reset(seed);
        }
    }

    fn announce_step(&mut self, action: &[f64]) {
        if let Some(env) = &mut self.env {
            env.announce_step(action);
        }
    }

    fn picture(&mut self, action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        self.env.as_mut().map_or(Ok(None), |env| env.picture(action))
    }

    fn state(&self) -> Option<Vec<u64>> {
        self.env.as_ref().and_then(|env| env.state())
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        self.made()?.restore(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{MountainCarContinuous, Pendulum};

    #[test]
    fn it_is_made_once_and_does_what_it_would_do_alone() {
        let mut times = 0;
        let mut deferred = Deferred::like(&Pendulum::new(), || {
            times += 1;
            Ok(Box::new(Pendulum::new()))
        });
        let (mut alone, mut expected, mut found) = (Pendulum::new(), [0.0; 3], [0.0; 3]);
        assert_eq!(deferred.step(&[0.0], &mut found), Err(EnvError::NeedsReset));
        assert_eq!(deferred.name(), alone.name());
        for seed in 0..3 {
            alone.reset(seed, &mut expected).unwrap();
            deferred.reset(seed, &mut found).unwrap();
            let steps = [alone.step(&[1.0], &mut expected), deferred.step(&[1.0], &mut found)];
            assert_eq!((&steps[0], expected), (&steps[1], found));
            assert_eq!(deferred.state(), Env::state(&alone));
        }
        drop(deferred);
        assert_eq!(times, 1);
    }

    /// Pendulum, whose episodes all succeed.
    struct Succeeds(Pendulum);

    impl Env for Succeeds {
        crate::forward_env! { 0:
            name, observation_space, action_space, reset
        }

        fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
            self.0.step(action, observation)
        }

        fn success(&self) -> Option<bool> {
            Some(true)
        }
    }

    #[test]
    fn it_tells_of_success_as_the_environment_does() {
        let make = || Ok(Box::new(Succeeds(Pendulum::new())) as Box<dyn Env>);
        let mut deferred = Deferred::like(&Pendulum::new(), make);
        deferred.reset(0, &mut [0.0; 3]).unwrap();
        assert_eq!(deferred.success(), Some(true));
    }

    #[test]
    fn an_environment_with_other_spaces_is_refused() {
        let mut deferred =
            Deferred::like(&Pendulum::new(), || Ok(Box::new(MountainCarContinuous::new())));
        let refused = deferred.reset(0, &mut [0.0; 3]);
        assert_eq!(refused, Err(EnvError::OtherSpaces { env: "Pendulum-v1".into() }));
        assert!(!deferred.is_made());
    }
}
