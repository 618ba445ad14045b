//! Acting: from an observation as the environment gives it to an action as the environment takes it.

use alloc::vec;
use alloc::vec::Vec;

use crate::nn::Scratch;
use crate::normalise::Standardisation;
use crate::{Numerics, Scalar};

use super::acting::Policy;
use super::action_box::ActionBox;

/// A policy with everything that acting takes besides parameters and statistics, which change as it learns: the map to the
/// action space, and room for some observations at a time.
///
/// It standardises observations, asks the network, and maps its actions to the environment's units. Nothing else in the
/// crate does all three.
///
/// ```
/// use softac::Numerics;
/// use softac::env::BoxSpace;
/// use softac::nn::Activation;
/// use softac::policy::{ActionBox, Actor, SquashedGaussian};
///
/// let policy = SquashedGaussian::new(3, 1, &[64, 64], Activation::Relu);
/// let phi = policy.mlp().zeros::<f32>(); // μ(s) = 0
/// let action_box = ActionBox::new(&BoxSpace::new(vec![0.0], vec![4.0])?)?;
/// let mut actor = Actor::new(policy, action_box, Numerics::Fast, 1);
/// let mut action = [0.0];
/// actor.act_in_environment(phi.as_slice(), None, &[1.0, 0.0, 0.0], &mut action);
/// assert_eq!(action, [2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Actor<T, P> {
    policy: P,
    action_box: ActionBox,
    scratch: Scratch<T>,
    /// s as the network is shown it, `[N, S]`
    shown: Vec<T>,
    /// a, `[N, A]`
    actions: Vec<T>,
}

impl<T: Scalar, P: Policy> Actor<T, P> {
    /// An actor for at most so many observations at a time, which takes all its memory now.
    ///
    /// # Panics
    /// If policy and action box have different numbers of actions.
    #[must_use]
    pub fn new(policy: P, action_box: ActionBox, numerics: Numerics, rows: usize) -> Self {
        assert_eq!(policy.action_dim(), action_box.space().len(), "one bound for each action");
        let (s, a) = (policy.mlp().inputs(), policy.action_dim());
        let scratch = Scratch::for_rows(policy.mlp(), rows, numerics);
        let (shown, actions) = (vec![T::zero(); rows * s], vec![T::zero(); rows * a]);
        Self { policy, action_box, scratch, shown, actions }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &P {
        &self.policy
    }

    /// The map to the environment's actions.
    #[must_use]
    pub fn action_box(&self) -> &ActionBox {
        &self.action_box
    }

    // ANCHOR: act
    /// Actions in `[−1, 1]ᴬ` for observations as the environment gives them, row after row, `s: [B, S] → [B, A]`:
    /// deterministic, or exploring with the noise `ξ: [B, A]`.
    ///
    /// # Panics
    /// If there are more rows than there is room for, or a slice is not made of as many whole rows as the others.
    pub fn act(
        &mut self,
        phi: &[T],
        standardisation: Option<&Standardisation<T>>,
        s: &[T],
        xi: Option<&[T]>,
    ) -> &[T] {
        self.shown[..s.len()].copy_from_slice(s);
        self.act_on_shown(phi, standardisation, s.len(), xi)
    }

    /// The deterministic action for an observation, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    pub fn act_in_environment(
        &mut self,
        phi: &[T],
        standardisation: Option<&Standardisation<T>>,
        observation: &[f64],
        action: &mut [f64],
    ) {
        self.in_environment(phi, standardisation, observation, None, action);
    }

    /// The action with the noise `ξ: [A]`, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    pub fn explore_in_environment(
        &mut self,
        phi: &[T],
        standardisation: Option<&Standardisation<T>>,
        observation: &[f64],
        xi: &[T],
        action: &mut [f64],
    ) {
        self.in_environment(phi, standardisation, observation, Some(xi), action);
    }

    fn in_environment(
        &mut self,
        phi: &[T],
        standardisation: Option<&Standardisation<T>>,
        observation: &[f64],
        xi: Option<&[T]>,
        action: &mut [f64],
    ) {
        let (s, a) = (self.policy.mlp().inputs(), self.policy.action_dim());
        assert_eq!(observation.len(), s, "one number for each observation");
        assert_eq!(action.len(), a, "one number for each action dimension");
        self.shown.iter_mut().zip(observation).for_each(|(to, &from)| *to = T::of(from));
        self.act_on_shown(phi, standardisation, s, xi);
        self.action_box.to_environment(&self.actions[..a], action);
    }

    /// Actions for the first so many numbers of what is shown.
    fn act_on_shown(
        &mut self,
        phi: &[T],
        standardisation: Option<&Standardisation<T>>,
        len: usize,
        xi: Option<&[T]>,
    ) -> &[T] {
        let shown = &mut self.shown[..len];
        if let Some(standardisation) = standardisation {
            standardisation.apply(shown);
        }
        let rows = len / self.policy.mlp().inputs();
        let actions = &mut self.actions[..rows * self.policy.action_dim()];
        self.policy.act(phi, shown, xi, &mut self.scratch, actions);
        actions
    }
    // ANCHOR_END: act
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::BoxSpace;
    use crate::nn::{Activation, Params};
    use crate::policy::{AnyPolicy, Deterministic, Kind, SquashedGaussian};
    use crate::random::{Purpose, fill_normal, stream};

    const ROWS: usize = 5;

    struct Subject {
        policy: AnyPolicy,
        phi: Params<f32>,
        action_box: ActionBox,
        standardisation: Option<Standardisation<f32>>,
    }

    impl Subject {
        fn all() -> impl Iterator<Item = Self> {
            let space = BoxSpace::new(vec![-0.4, 1.0], vec![0.4, 7.0]).unwrap();
            let action_box = ActionBox::new(&space).unwrap();
            let of_three = |x: [f32; 3]| x.to_vec();
            let standardisation = Standardisation::of_parts(
                of_three([0.3, -1.0, 0.1]),
                of_three([2.0, 0.7, 1.1]),
                1.5,
            );
            let policies = [
                AnyPolicy::from(SquashedGaussian::new(3, 2, &[8, 5], Activation::Tanh)),
                Deterministic::new(3, 2, &[8, 5], Activation::Relu).exploring(0.3).into(),
            ];
            policies.into_iter().flat_map(move |policy| {
                let (action_box, standardisation) = (action_box.clone(), standardisation.clone());
                [None, Some(standardisation)].map(|standardisation| Self {
                    phi: policy.mlp().init(&mut stream(1, Purpose::Init)),
                    policy: policy.clone(),
                    action_box: action_box.clone(),
                    standardisation,
                })
            })
        }

        fn actor(&self) -> Actor<f32, AnyPolicy> {
            Actor::new(self.policy.clone(), self.action_box.clone(), Numerics::Portable, ROWS)
        }

        /// What the actor does, written out, for so many observations.
        fn by_hand(&self, s: &[f32], xi: Option<&[f32]>) -> Vec<f32> {
            let mut shown = s.to_vec();
            self.standardisation.iter().for_each(|it| it.apply(&mut shown));
            let mut actions = vec![0.0; s.len() / 3 * 2];
            let scratch = &mut Scratch::new(Numerics::Portable);
            self.policy.act(self.phi.as_slice(), &shown, xi, scratch, &mut actions);
            actions
        }
    }

    fn normal(len: usize) -> Vec<f32> {
        let mut numbers = vec![0.0; len];
        fill_normal(&mut numbers, &mut stream(7, Purpose::Policy));
        numbers
    }

    #[test]
    fn actions_in_lockstep_have_the_bits_of_standardisation_and_network() {
        for subject in Subject::all() {
            let (mut actor, phi) = (subject.actor(), subject.phi.as_slice());
            let (s, xi) = (normal(3 * ROWS), normal(2 * ROWS));
            for rows in [ROWS, 1, 3] {
                for xi in [None, Some(&xi[..2 * rows])] {
                    let s = &s[..3 * rows];
                    let found = actor.act(phi, subject.standardisation.as_ref(), s, xi);
                    assert_eq!(found, subject.by_hand(s, xi));
                }
            }
        }
    }

    #[test]
    fn actions_in_the_environment_have_the_bits_of_standardisation_network_and_map() {
        for subject in Subject::all() {
            let (mut actor, phi) = (subject.actor(), subject.phi.as_slice());
            let observations = normal(3 * ROWS);
            for s in observations.chunks_exact(3) {
                let observation: Vec<f64> = s.iter().map(|&x| f64::from(x) + 1e-12).collect();
                let (mut found, mut expected) = ([9.0; 2], [0.0; 2]);
                let standardisation = subject.standardisation.as_ref();
                actor.act_in_environment(phi, standardisation, &observation, &mut found);
                subject.action_box.to_environment(&subject.by_hand(s, None), &mut expected);
                assert_eq!(found, expected);
                let xi = [0.7, -1.3];
                actor.explore_in_environment(phi, standardisation, &observation, &xi, &mut found);
                let by_hand = subject.by_hand(s, Some(&xi));
                subject.action_box.to_environment(&by_hand, &mut expected);
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    #[should_panic(expected = "one bound for each action")]
    fn a_box_of_other_actions_is_refused() {
        let policy = AnyPolicy::new(Kind::Deterministic, 3, 1, &[], Activation::Relu);
        let action_box = Subject::all().next().unwrap().action_box;
        let _ = Actor::<f32, _>::new(policy, action_box, Numerics::Fast, 1);
    }
}
