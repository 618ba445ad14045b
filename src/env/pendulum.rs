//! Gymnasium's `Pendulum-v1`: swing a pole up and keep it there with a weak motor.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::{FRAC_PI_2, PI, TAU};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::EnvError;
use super::gate::Gate;
use super::picture::{Colour, Picture, Scene, Shape, View};
use super::space::BoxSpace;
use super::{Env, Step};

const MAX_SPEED: f64 = 8.0;
const MAX_TORQUE: f64 = 2.0;
const GRAVITY: f64 = 10.0;
const MASS: f64 = 1.0;
const LENGTH: f64 = 1.0;
/// The time between two observations.
const DT: f64 = 0.05;

/// The inverted pendulum, step for step as in Gymnasium's `Pendulum-v1`.
///
/// The state is the angle `θ` (0 is upright, not wrapped) and the angular velocity `θ̇`; the
/// observation is `[cos θ, sin θ, θ̇]` and the action a torque `u`, clipped to `[-2, 2]`. With
/// `g = 10`, `m = l = 1` and `dt = 0.05`, one step of semi-implicit Euler is
///
/// ```text
/// r  = −(wrap(θ)² + 0.1 θ̇² + 0.001 u²)        wrap(θ) ∈ [−π, π)
/// θ̇' = clip(θ̇ + (3g/(2l) · sin θ + 3/(ml²) · u) dt, −8, 8)
/// θ' = θ + θ̇' dt
/// ```
///
/// Episodes start uniformly in `θ ∈ [−π, π]`, `θ̇ ∈ [−1, 1]` and never end by themselves; the
/// registered environment is cut after 200 steps. Gymnasium rounds observations to `f32`; here they
/// stay in `f64`. Sine and cosine are those of the crate `libm`, the same bits on every machine.
///
/// Source: Gymnasium 1.4.0, `gymnasium/envs/classic_control/pendulum.py`, documented at
/// <https://gymnasium.farama.org/environments/classic_control/pendulum/>.
#[derive(Clone, Debug)]
pub struct Pendulum {
    gate: Gate,
    theta: f64,
    theta_dot: f64,
}

impl Pendulum {
    /// A pendulum at rest, hanging down, before its first episode.
    #[must_use]
    pub fn new() -> Self {
        let bound = [1.0, 1.0, MAX_SPEED];
        let observations = BoxSpace::constant(bound.map(|x: f64| -x), bound);
        Self { gate: Gate::new(observations, MAX_TORQUE), theta: PI, theta_dot: 0.0 }
    }

    /// Starts an episode in the state `[theta, theta_dot]`, where `reset` draws it.
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless `theta` is finite and `theta_dot` within `[-8, 8]`,
    /// [`EnvError::ObservationLength`] as for [`Env::reset`].
    pub fn reset_to(
        &mut self,
        theta: f64,
        theta_dot: f64,
        observation: &mut [f64],
    ) -> Result<(), EnvError> {
        EnvError::require(theta.is_finite(), "theta", theta, "finite")?;
        let slow = theta_dot.abs() <= MAX_SPEED;
        EnvError::require(slow, "theta_dot", theta_dot, "within [-8, 8]")?;
        self.gate.open(observation)?;
        (self.theta, self.theta_dot) = (theta, theta_dot);
        self.observe(observation);
        Ok(())
    }

    /// The state `[θ, θ̇]`, the angle in radians from upright and not wrapped.
    #[must_use]
    pub fn state(&self) -> [f64; 2] {
        [self.theta, self.theta_dot]
    }

    fn observe(&self, observation: &mut [f64]) {
        let (sin, cos) = libm::sincos(self.theta);
        observation.copy_from_slice(&[cos, sin, self.theta_dot]);
    }
}

impl Default for Pendulum {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for Pendulum {
    fn name(&self) -> &str {
        "Pendulum-v1"
    }

    fn observation_space(&self) -> &BoxSpace {
        self.gate.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.gate.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let theta = rng.random_range(-PI..=PI);
        let theta_dot = rng.random_range(-1.0..=1.0);
        self.reset_to(theta, theta_dot, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let torque = self.gate.admit(action, observation)?.clamp(-MAX_TORQUE, MAX_TORQUE);
        let [theta, theta_dot] = self.state();
        let angle = wrap(theta);
        let cost = angle * angle + 0.1 * (theta_dot * theta_dot) + 0.001 * (torque * torque);

        let acceleration = 3.0 * GRAVITY / (2.0 * LENGTH) * libm::sin(theta)
            + 3.0 / (MASS * LENGTH * LENGTH) * torque;
        self.theta_dot = (theta_dot + acceleration * DT).clamp(-MAX_SPEED, MAX_SPEED);
        self.theta = theta + self.theta_dot * DT;
        self.observe(observation);
        Ok(Step { reward: -cost, terminated: false, truncated: false })
    }

    fn picture(&mut self, action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        let torque =
            action.and_then(<[f64]>::first).map_or(0.0, |u| u.clamp(-MAX_TORQUE, MAX_TORQUE));
        let view = View::Scene(scene(self.theta, torque));
        Ok(Some(Picture { view, caption: format!("torque {torque:+.2}"), rate: 1.0 / DT }))
    }

    fn state(&self) -> Option<Vec<u64>> {
        Some(vec![self.gate.word(), self.theta.to_bits(), self.theta_dot.to_bits()])
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let &[gate, theta, theta_dot] = state else { return Err(invalid) };
        let [theta, theta_dot] = [theta, theta_dot].map(f64::from_bits);
        let possible = theta.is_finite() && theta_dot.abs() <= MAX_SPEED;
        self.gate.restore(gate, possible).ok_or(invalid)?;
        (self.theta, self.theta_dot) = (theta, theta_dot);
        Ok(())
    }
}

/// The angle in `[−π, π)` that differs from `theta` by whole turns.
fn wrap(theta: f64) -> f64 {
    // Python's remainder takes the sign of the divisor, Rust's that of the dividend.
    let turn = (theta + PI) % TAU;
    if turn < 0.0 { turn + TAU - PI } else { turn - PI }
}

/// The pole, and the torque as an arrow around its hinge; both turn to the left where their angles grow.
fn scene(theta: f64, torque: f64) -> Scene {
    const REACH: f64 = 1.25 * LENGTH;
    // Counted from the right, as mathematicians do.
    let point = |angle: f64, radius: f64| {
        let (sin, cos) = libm::sincos(angle);
        [radius * cos, radius * sin]
    };
    let (upright, tip) = (point(FRAC_PI_2, 1.1 * LENGTH), point(theta + FRAC_PI_2, LENGTH));
    let (strength, radius) = (torque / MAX_TORQUE, 0.4 * LENGTH);
    let end = FRAC_PI_2 + 2.0 * strength;
    let arc = (0..=8).map(|i| FRAC_PI_2 + 2.0 * strength * f64::from(i) / 8.0);
    let arc = arc.map(|angle| point(angle, radius)).collect();
    let size = 0.14 * LENGTH * libm::sqrt(libm::fabs(strength));
    let ahead = libm::copysign(1.5 * size / radius, strength);
    let head = [point(end, radius - size), point(end + ahead, radius), point(end, radius + size)];
    let (grey, red, blue) = (Colour(13, 13, 13), Colour(12, 4, 4), Colour(0, 7, 11));
    let line = |points, width, colour| Shape::Line { points, width, colour };
    Scene {
        low: [-REACH; 2],
        high: [REACH; 2],
        shapes: vec![
            line(vec![[0.0; 2], upright], 0.02, grey),
            line(vec![[0.0; 2], tip], 0.2, red),
            line(arc, 0.05, blue),
            Shape::Area { points: head.into(), colour: blue },
            Shape::Disc { centre: [0.0; 2], radius: 0.05, colour: Colour(3, 3, 3) },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upright_at_rest_costs_nothing_and_stays() {
        let (mut env, mut observation) = (Pendulum::new(), [0.0; 3]);
        env.reset_to(0.0, 0.0, &mut observation).unwrap();
        let step = env.step(&[0.0], &mut observation).unwrap();
        assert_eq!(step, Step { reward: 0.0, terminated: false, truncated: false });
        assert_eq!((env.state(), observation), ([0.0, 0.0], [1.0, 0.0, 0.0]));
    }

    #[test]
    fn wrapped_angles_differ_by_whole_turns() {
        for theta in [-20.0, -PI, -3.0, 0.0, 1.0, PI, 5.0, 400.0] {
            let wrapped = wrap(theta);
            assert!((-PI..PI).contains(&wrapped), "wrap({theta}) = {wrapped}");
            let turns = (theta - wrapped) / TAU;
            assert!((turns - turns.round()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_torque_beyond_the_motor_acts_as_the_strongest() {
        let (mut env, mut strong, mut stronger) = (Pendulum::new(), [0.0; 3], [0.0; 3]);
        env.reset_to(1.0, 0.5, &mut strong).unwrap();
        let expected = env.step(&[2.0], &mut strong).unwrap();
        env.reset_to(1.0, 0.5, &mut stronger).unwrap();
        assert_eq!(env.step(&[1e300], &mut stronger).unwrap(), expected);
        assert_eq!(strong, stronger);
    }

    #[test]
    fn the_picture_shows_the_pole_and_the_torque_turning_the_way_that_angles_grow() {
        let (mut env, mut observation) = (Pendulum::new(), [0.0; 3]);
        let mut shapes = |theta, action: Option<&[f64]>| {
            env.reset_to(theta, 0.0, &mut observation).unwrap();
            let picture = env.picture(action).unwrap().unwrap();
            let View::Scene(scene) = picture.view else { panic!("it is drawn") };
            assert!(scene.is_sound());
            let points = |shape: &Shape| match shape {
                Shape::Line { points, .. } | Shape::Area { points, .. } => points.clone(),
                Shape::Disc { centre, .. } => vec![*centre],
            };
            (scene.shapes.iter().map(points).collect::<Vec<_>>(), picture.caption)
        };
        // Upright, then a quarter of a turn to the left, then to the right.
        for (theta, [x, y]) in [(0.0, [0.0, 1.0]), (PI / 2.0, [-1.0, 0.0]), (-PI / 2.0, [1.0, 0.0])]
        {
            let tip = shapes(theta, None).0[1][1];
            assert!((tip[0] - x).abs() < 1e-15 && (tip[1] - y).abs() < 1e-15, "{theta}: {tip:?}");
        }
        for (torque, side) in [(0.5, -1.0), (-0.5, 1.0)] {
            let (points, caption) = shapes(0.0, Some(&[torque]));
            let (end, ahead) = (points[2][8][0], points[3][1][0]);
            assert!(side * end > 0.0 && side * ahead > side * end, "{torque}");
            assert_eq!(caption, format!("torque {torque:+.2}"));
        }
        assert_eq!(shapes(0.0, Some(&[7.0])), shapes(0.0, Some(&[2.0])));
        // Without torque, the arrow is a point.
        let (none, _) = shapes(0.0, None);
        assert!(none[2].iter().chain(&none[3]).all(|point| *point == none[2][0]));
        assert_eq!(none.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 9, 3, 1]);
    }

    #[test]
    fn a_start_state_must_lie_in_the_state_space() {
        let (mut env, mut observation) = (Pendulum::new(), [0.0; 3]);
        for (theta, theta_dot) in [(f64::NAN, 0.0), (f64::INFINITY, 0.0), (0.0, 8.1)] {
            let result = env.reset_to(theta, theta_dot, &mut observation);
            assert!(matches!(result, Err(EnvError::InvalidParameter { .. })));
        }
        assert_eq!(env.step(&[0.0], &mut observation), Err(EnvError::NeedsReset));
    }
}
