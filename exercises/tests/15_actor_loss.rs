//! The policy's loss: what is constant in it.

#[cfg_attr(not(feature = "solutions"), path = "../holes/15_actor_loss.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/15_actor_loss.rs")]
mod hole;

use hole::actor_loss;
use ndarray::{Array2, array};
use softac::gradcheck::{Checker, named};
use softac::nn::{Activation, Mlp};
use softac::policy::Gaussian;
use softac::random::{Purpose, stream};
use softac::tape::Tape;
use softac_holes::claims::{gradient, number, numbers, on_tape};

/// Three transitions, one dimension of observation and action.
struct Point {
    s: Array2<f64>,
    mu: Array2<f64>,
    log_sigma: Array2<f64>,
    xi: Array2<f64>,
}

fn point() -> Point {
    Point {
        s: array![[0.2], [-1.0], [0.6]],
        mu: array![[0.3], [-0.8], [0.1]],
        log_sigma: array![[-0.5], [0.2], [-1.0]],
        xi: array![[0.7], [-0.4], [1.5]],
    }
}

impl Point {
    /// a = tanh(μ + σ ξ), by hand.
    fn actions(&self) -> Vec<f64> {
        let parts = self.mu.iter().zip(&self.log_sigma).zip(&self.xi);
        parts.map(|((mu, log_sigma), xi)| (mu + log_sigma.exp() * xi).tanh()).collect()
    }

    /// log π of these actions, by hand.
    fn log_pi(&self) -> Vec<f64> {
        let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
        let parts = self.actions().into_iter().zip(&self.log_sigma).zip(&self.xi);
        parts
            .map(|((a, log_sigma), xi)| {
                -0.5 * xi * xi - log_sigma - half_log_two_pi - (1.0 - a * a).ln()
            })
            .collect()
    }
}

/// A critic without hidden layer, Q = θ₁ s + θ₂ a + θ₃.
fn critic() -> Mlp {
    Mlp::new(2, &[], 1, Activation::Tanh)
}

/// The smaller one is the second for every action above −3.
const THETAS: [[f64; 3]; 2] = [[0.5, 4.0, 3.0], [0.5, 3.0, 0.0]];

#[test]
fn the_value_is_that_of_the_formula() {
    let point = point();
    let tape = Tape::new();
    let [mu, log_sigma, xi, s] =
        [&point.mu, &point.log_sigma, &point.xi, &point.s].map(|x| tape.constant(x));
    let thetas = THETAS.each_ref().map(|theta| tape.frozen(theta));
    let sample = Gaussian { mu, log_sigma }.sample(xi);
    let loss = actor_loss(&critic(), thetas, s, sample, tape.scalar(0.2));
    let rows = point.log_pi().into_iter().zip(point.actions()).zip(&point.s);
    let expected: f64 =
        rows.map(|((log_pi, a), s)| 0.2 * log_pi - (0.5 * s + 3.0 * a)).sum::<f64>() / 3.0;
    let known = [(-expected, "The loss is minimised: Q has to be subtracted, and α log π added.")];
    number("J_π", on_tape(loss.item()), expected, &known);
}

#[test]
fn the_policy_climbs_the_critic() {
    let point = point();
    let tape = Tape::new();
    let [log_sigma, xi, s] = [&point.log_sigma, &point.xi, &point.s].map(|x| tape.constant(x));
    let mu = tape.leaf(&point.mu);
    let thetas = THETAS.each_ref().map(|theta| tape.frozen(theta));
    let sample = Gaussian { mu, log_sigma }.sample(xi);
    let gradients = on_tape(actor_loss(&critic(), thetas, s, sample, tape.scalar(0.0)).backward());
    // −∂Q/∂a ∂a/∂u ∂u/∂μ, with the slope 3 of the smaller critic.
    let expected: Vec<f64> = point.actions().iter().map(|a| -3.0 * (1.0 - a * a) / 3.0).collect();
    let known: [(&[f64], _); 1] = [(
        &[0.0; 3],
        "No gradient comes back from the critics. It is their parameters that are constant, not the action: through the action the \
         policy learns where to go.",
    )];
    numbers("∂J_π/∂μ at α = 0, where Q = 3a is all there is", gradients.wrt(mu), &expected, &known);
}

#[test]
fn the_critics_are_held_constant() {
    let point = point();
    let tape = Tape::new();
    let [log_sigma, xi, s] = [&point.log_sigma, &point.xi, &point.s].map(|x| tape.constant(x));
    let mu = tape.leaf(&point.mu);
    let thetas = THETAS.each_ref().map(|theta| tape.params(theta));
    let sample = Gaussian { mu, log_sigma }.sample(xi);
    let gradients = on_tape(actor_loss(&critic(), thetas, s, sample, tape.scalar(0.2)).backward());
    for (i, theta) in thetas.into_iter().enumerate() {
        let through = gradients.wrt(theta);
        assert!(
            through.iter().all(|&x| x == 0.0),
            "J_π has a gradient by θ{}, {:?}, and should have none.\nThe critic that makes the policy's loss small is one that \
             flatters. Detach its parameters where they are used.",
            i + 1,
            through.iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_temperature_is_held_constant() {
    let (point, alpha) = (point(), array![[0.2]]);
    let tape = Tape::new();
    let [log_sigma, xi, s] = [&point.log_sigma, &point.xi, &point.s].map(|x| tape.constant(x));
    let (mu, alpha) = (tape.leaf(&point.mu), tape.leaf(&alpha));
    let thetas = THETAS.each_ref().map(|theta| tape.frozen(theta));
    let sample = Gaussian { mu, log_sigma }.sample(xi);
    let gradients = on_tape(actor_loss(&critic(), thetas, s, sample, alpha).backward());
    let mean = point.log_pi().iter().sum::<f64>() / 3.0;
    let known = [(
        mean,
        "That is mean log π. Were it followed, α would fall or rise for ever; it has a loss of its own.",
    )];
    number("∂J_π/∂α", gradients.wrt(alpha)[[0, 0]], 0.0, &known);
}

#[test]
fn differences_agree_with_critics_that_are_bent() {
    let point = point();
    let critic = Mlp::new(2, &[4], 1, Activation::Tanh);
    let mut random = stream(3, Purpose::Init);
    let thetas = [critic.init::<f64>(&mut random), critic.init::<f64>(&mut random)];
    // What is detached moves along: so differences tell, too, if something is that should not be.
    let checked = Checker::new().unpinned().check(
        |tape, p| {
            let thetas = thetas.each_ref().map(|theta| tape.frozen(theta.as_slice()));
            let sample = Gaussian { mu: p[0], log_sigma: p[1] }.sample(tape.constant(&point.xi));
            actor_loss(&critic, thetas, tape.constant(&point.s), sample, tape.scalar(0.2))
        },
        &[&named("mu", &point.mu), &named("log_sigma", &point.log_sigma)],
    );
    gradient(
        "the derivative of J_π",
        checked,
        "Both ways count: through log π, and through the action.",
    );
    let alone = gradient_of_entropy(&point);
    let expected: Vec<f64> = point.actions().iter().map(|a| 2.0 * a / 3.0).collect();
    let known: [(&[f64], _); 1] =
        [(&[0.0; 3], "log π is cut off. It is one of the two ways that the gradient takes to φ.")];
    numbers("∂J_π/∂μ at α = 1 with critics that are 0", &alone, &expected, &known);
}

/// ∂J_π/∂μ where the critics say nothing.
fn gradient_of_entropy(point: &Point) -> Vec<f64> {
    let nothing = [[0.0; 3]; 2];
    let tape = Tape::new();
    let [log_sigma, xi, s] = [&point.log_sigma, &point.xi, &point.s].map(|x| tape.constant(x));
    let mu = tape.leaf(&point.mu);
    let thetas = nothing.each_ref().map(|theta| tape.frozen(theta));
    let sample = Gaussian { mu, log_sigma }.sample(xi);
    let gradients = on_tape(actor_loss(&critic(), thetas, s, sample, tape.scalar(1.0)).backward());
    gradients.wrt(mu).iter().copied().collect()
}
