//! Learning rate and clipping, as settings of a whole learner.

use softac::agent::Algorithm;
use softac::agent::settings::LearningRates;
use softac::sac::{Sac, SacConfig};

use crate::update::{config, learner, parameters, updates};

#[test]
fn the_learning_rate_of_every_optimiser_can_be_changed() {
    let mut sac = learner::<f64>(SacConfig { n_critics: 5, ..config() });
    updates(&mut sac, 2);
    sac.set_learning_rates(0.0.into()).unwrap();
    let before = (parameters(&sac), sac.critics()[0].adam().steps());
    updates(&mut sac, 1);
    let targets = sac.targets().iter().map(|target| target.as_slice().len()).sum::<usize>();
    let trained = before.0.len() - targets;
    assert_eq!(parameters(&sac)[..trained], before.0[..trained]);
    assert_eq!(sac.critics()[0].adam().steps(), before.1 + 1);
    for wrong in [-1e-3, f64::NAN, f64::INFINITY] {
        let actor = LearningRates { actor: wrong, critics: 0.0 };
        assert_eq!(sac.set_learning_rates(actor).unwrap_err().key, "learning_rate");
        let critics = LearningRates { actor: 0.0, critics: wrong };
        assert_eq!(sac.set_learning_rates(critics).unwrap_err().key, "critic_learning_rate");
    }
    let sets = || [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
    assert!(sets().all(|set| set.adam().learning_rate() == 0.0));
}

/// In its first step Adam moves a parameter by `η |g| / (|g| + ε)`: by next to nothing where the gradient is
/// clipped to much less than ε, by η where it is not.
#[test]
fn the_gradients_of_policy_and_critics_are_clipped_and_that_of_the_temperature_is_not() {
    let moved = |max_grad_norm| {
        let config = SacConfig { max_grad_norm, n_critics: 5, ..config() };
        let mut sac = learner::<f64>(config.clone());
        let before = learner::<f64>(config);
        updates(&mut sac, 1);
        let sets = |sac: &Sac<f64>| -> Vec<Vec<f64>> {
            let sets = [sac.actor()].into_iter().chain(sac.critics()).chain(sac.log_alpha());
            sets.map(|set| set.params().as_slice().to_vec()).collect()
        };
        let pairs = sets(&sac).into_iter().zip(sets(&before));
        let length = |(after, before): (Vec<f64>, Vec<f64>)| {
            after.iter().zip(&before).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
        };
        pairs.map(length).collect::<Vec<f64>>()
    };
    let rate = config().learning_rate;
    for (max_grad_norm, networks) in [(None, rate), (Some(1e6), rate), (Some(1e-14), 0.0)] {
        let moved = moved(max_grad_norm);
        let (log_alpha, of_networks) = moved.split_last().unwrap();
        assert!((log_alpha - rate).abs() < 1e-6, "{max_grad_norm:?}: {moved:?}");
        let near = |moved: &f64| (moved - networks).abs() < 1e-4 * rate;
        assert!(of_networks.iter().all(near), "{max_grad_norm:?}: {moved:?}");
    }
}

/// Norms of the policy's and the critics' gradients are those that Adam went down: of one that is clipped, the bound.
#[test]
fn the_gradient_norms_are_those_of_the_last_update() {
    let norms = |sac: &Sac<f64>| -> Vec<Option<f64>> {
        let sets = [sac.actor()].into_iter().chain(sac.critics());
        sets.map(|set| set.gradient_norm()).collect()
    };
    let after = |max_grad_norm| {
        let mut sac = learner::<f64>(SacConfig { max_grad_norm, ..config() });
        assert_eq!(norms(&sac), [None; 3]);
        updates(&mut sac, 1);
        norms(&sac)
    };
    let whole = after(None);
    assert!(whole.iter().all(|norm| norm.is_some_and(|norm| norm > 1e-3)), "{whole:?}");
    for (norm, clipped) in whole.iter().zip(after(Some(1e-3))) {
        assert!((clipped.unwrap() - 1e-3).abs() < 1e-5, "{norm:?} {clipped:?}");
    }
}
