//! What a wrapper leaves to the environment within it.

/// Implements methods of [`Env`](crate::env::Env) for a wrapper by those of the environment in one of its fields.
///
/// A wrapper writes what it changes and names what it does not. The defaults of `versions`, `success`, `announce_reset`,
/// `announce_step`, `picture`, `state` and `restore` say that there is nothing, so that a wrapper around any
/// environment has to have them all.
///
/// ```
/// use softac::env::{BoxSpace, Env, EnvError, Pendulum, Picture, Step};
///
/// /// Rewards a tenth as large.
/// struct Tenth<E>(E);
///
/// impl<E: Env> Env for Tenth<E> {
///     softac::forward_env! { 0:
///         name, versions, observation_space, action_space, reset, success, announce_reset, announce_step, picture,
///         state, restore
///     }
///
///     fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
///         let step = self.0.step(action, observation)?;
///         Ok(Step { reward: step.reward / 10.0, ..step })
///     }
/// }
///
/// let (mut env, mut observation) = (Tenth(Pendulum::new()), [0.0; 3]);
/// env.reset(7, &mut observation)?;
/// assert!(env.step(&[0.0], &mut observation)?.reward > -1.7);
/// # Ok::<(), EnvError>(())
/// ```
#[macro_export]
macro_rules! forward_env {
    ($env:tt: $($method:ident),+ $(,)?) => { $($crate::forward_env!(@$method $env);)+ };
    (@name $env:tt) => {
        fn name(&self) -> &str {
            self.$env.name()
        }
    };
    (@versions $env:tt) => {
        fn versions(&self) -> Option<&str> {
            self.$env.versions()
        }
    };
    (@observation_space $env:tt) => {
        fn observation_space(&self) -> &$crate::env::BoxSpace {
            self.$env.observation_space()
        }
    };
    (@action_space $env:tt) => {
        fn action_space(&self) -> &$crate::env::BoxSpace {
            self.$env.action_space()
        }
    };
    (@reset $env:tt) => {
        fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), $crate::env::EnvError> {
            self.$env.reset(seed, observation)
        }
    };
    (@success $env:tt) => {
        fn success(&self) -> Option<bool> {
            self.$env.success()
        }
    };
    (@announce_reset $env:tt) => {
        fn announce_reset(&mut self, seed: u64) {
            self.$env.announce_reset(seed);
        }
    };
    (@announce_step $env:tt) => {
        fn announce_step(&mut self, action: &[f64]) {
            self.$env.announce_step(action);
        }
    };
    (@picture $env:tt) => {
        fn picture(
            &mut self,
            action: Option<&[f64]>,
        ) -> Result<Option<$crate::env::Picture>, $crate::env::EnvError> {
            self.$env.picture(action)
        }
    };
    (@state $env:tt) => {
        fn state(&self) -> Option<$crate::alloc::vec::Vec<u64>> {
            self.$env.state()
        }
    };
    (@restore $env:tt) => {
        fn restore(&mut self, state: &[u64]) -> Result<(), $crate::env::EnvError> {
            self.$env.restore(state)
        }
    };
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use crate::env::{
        ActionRepeat, BoxSpace, Env, EnvError, FrameStack, Pendulum, Step, TimeLimit,
    };

    /// Pendulum, computed by another program.
    struct Elsewhere(Pendulum);

    impl Env for Elsewhere {
        crate::forward_env! { 0: name, observation_space, action_space, reset }

        fn versions(&self) -> Option<&str> {
            Some("another program 1.0")
        }

        fn success(&self) -> Option<bool> {
            Some(true)
        }

        fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
            self.0.step(action, observation)
        }
    }

    #[test]
    fn what_computes_an_environment_and_its_success_are_told_through_every_wrapper() {
        let env: Box<dyn Env> = Box::new(Elsewhere(Pendulum::new()));
        let env = FrameStack::new(ActionRepeat::new(env, 2), 3);
        let env = TimeLimit::new(env, 9);
        assert_eq!((env.name(), env.versions()), ("Pendulum-v1", Some("another program 1.0")));
        assert_eq!((env.success(), Pendulum::new().success()), (Some(true), None));
        let lengths = [env.observation_space(), env.action_space()].map(BoxSpace::len);
        assert_eq!(lengths, [9, 1]);
    }
}
