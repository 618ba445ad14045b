//! Gymnasium's `MountainCarContinuous-v0`: rock a weak car out of a valley.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::EnvError;
use super::gate::Gate;
use super::numpy::Number;
use super::picture::{Colour, Picture, Scene, Shape, View};
use super::space::BoxSpace;
use super::{Env, Step};

const MIN_POSITION: f64 = -1.2;
const MAX_POSITION: f64 = 0.6;
const MAX_SPEED: f64 = 0.07;
const GOAL_POSITION: f64 = 0.45;
const POWER: f64 = 0.0015;
const GRAVITY: f64 = 0.0025;

/// The mountain car with a continuous force, step for step as in Gymnasium's
/// `MountainCarContinuous-v0`.
///
/// State and observation are `[x, v]`, position and velocity; the action is a force `a`. With
/// `f = clip(a, −1, 1)` a step is
///
/// ```text
/// v' = clip(v + 0.0015 f − 0.0025 cos 3x, −0.07, 0.07)
/// x' = clip(x + v', −1.2, 0.6)          v' = 0 where x' = −1.2 and v' < 0
/// r  = −0.1 a² + (100 at the goal)      the goal: x' ≥ 0.45 and v' ≥ 0
/// ```
///
/// The goal terminates the episode; the registered environment is cut after 999 steps. Episodes
/// start uniformly in `x ∈ [−0.6, −0.4]` at rest. As in Gymnasium the penalty is on the action as
/// given, not as clipped; where its square overflows, Gymnasium raises an error and the reward here
/// is `−∞`.
///
/// The state is rounded to `f32` after every step because Gymnasium stores it so, and the rounding
/// is felt: over an episode it moves the car by far more than `1e-9`. Which of the operations
/// within a step round follows from NumPy's promotion rules; the start state, for one, is in
/// double precision, and a number that was clipped is a Python `float`. The cosine is that of the
/// crate `libm`, the same bits on every machine.
///
/// Sources: Gymnasium 1.4.0, `gymnasium/envs/classic_control/continuous_mountain_car.py`,
/// documented at
/// <https://gymnasium.farama.org/environments/classic_control/mountain_car_continuous/>; A. W. Moore,
/// "Efficient Memory-based Learning for Robot Control", University of Cambridge, 1990.
#[derive(Clone, Debug)]
pub struct MountainCarContinuous {
    gate: Gate,
    position: Number,
    velocity: Number,
}

impl MountainCarContinuous {
    /// A car at rest near the bottom of the valley, before its first episode.
    #[must_use]
    pub fn new() -> Self {
        // Gymnasium's bounds are `f32`; the largest `f32` position lies above 0.6.
        let bound = |x| Number::single(x).value();
        let low = [MIN_POSITION, -MAX_SPEED].map(bound);
        let high = [MAX_POSITION, MAX_SPEED].map(bound);
        Self {
            gate: Gate::new(BoxSpace::constant(low, high), 1.0),
            position: Number::double(-0.5),
            velocity: Number::double(0.0),
        }
    }

    /// Starts an episode in the state `[position, velocity]`, where `reset` draws it.
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless `position` is within `[-1.2, 0.6]` and `velocity` within
    /// `[-0.07, 0.07]`, [`EnvError::ObservationLength`] as for [`Env::reset`].
    pub fn reset_to(
        &mut self,
        position: f64,
        velocity: f64,
        observation: &mut [f64],
    ) -> Result<(), EnvError> {
        let on_track = (MIN_POSITION..=MAX_POSITION).contains(&position);
        EnvError::require(on_track, "position", position, "within [-1.2, 0.6]")?;
        let slow = velocity.abs() <= MAX_SPEED;
        EnvError::require(slow, "velocity", velocity, "within [-0.07, 0.07]")?;
        self.gate.open(observation)?;
        (self.position, self.velocity) = (Number::double(position), Number::double(velocity));
        self.observe(observation);
        Ok(())
    }

    /// The state `[x, v]`.
    #[must_use]
    pub fn state(&self) -> [f64; 2] {
        [self.position, self.velocity].map(Number::value)
    }

    fn observe(&self, observation: &mut [f64]) {
        observation.copy_from_slice(&self.state().map(|x| Number::single(x).value()));
    }
}

impl Default for MountainCarContinuous {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for MountainCarContinuous {
    fn name(&self) -> &str {
        "MountainCarContinuous-v0"
    }

    fn observation_space(&self) -> &BoxSpace {
        self.gate.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.gate.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        let position = ChaCha8Rng::seed_from_u64(seed).random_range(-0.6..=-0.4);
        self.reset_to(position, 0.0, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action = self.gate.admit(action, observation)?;
        let force = Number::double(action).clamp(-1.0, 1.0);
        let angle = Number::python(3.0) * self.position;
        let pull = Number::python(-GRAVITY * libm::cos(angle.value()));
        let velocity = self.velocity + (force * Number::python(POWER) + pull);
        let mut velocity = velocity.clamp(-MAX_SPEED, MAX_SPEED);
        let position = (self.position + velocity).clamp(MIN_POSITION, MAX_POSITION);
        if position.equal(Number::python(MIN_POSITION)) && velocity.value() < 0.0 {
            velocity = Number::python(0.0);
        }

        let short_of_goal = position.less(Number::python(GOAL_POSITION));
        let terminated = !short_of_goal && velocity.value() >= 0.0;
        let prize = if terminated { 100.0 } else { 0.0 };
        self.position = Number::single(position.value());
        self.velocity = Number::single(velocity.value());
        self.observe(observation);
        if terminated {
            self.gate.close();
        }
        Ok(Step { reward: prize - action * action * 0.1, terminated, truncated: false })
    }

    fn picture(&mut self, action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        let force = action.and_then(<[f64]>::first).map_or(0.0, |a| a.clamp(-1.0, 1.0));
        let view = View::Scene(scene(self.position.value(), force));
        Ok(Some(Picture { view, caption: format!("force {force:+.2}"), rate: 30.0 }))
    }

    fn state(&self) -> Option<Vec<u64>> {
        let ([x, x_precision], [v, v_precision]) = (self.position.words(), self.velocity.words());
        Some(vec![self.gate.word(), x, x_precision, v, v_precision])
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let &[gate, x, x_precision, v, v_precision] = state else { return Err(invalid) };
        let numbers = (Number::of_words([x, x_precision]), Number::of_words([v, v_precision]));
        let (Some(position), Some(velocity)) = numbers else { return Err(invalid) };
        let space = self.gate.observation_space();
        let possible =
            space.contains(&[position, velocity].map(|x| Number::single(x.value()).value()));
        self.gate.restore(gate, possible).ok_or(invalid)?;
        (self.position, self.velocity) = (position, velocity);
        Ok(())
    }
}

/// How high the valley is, as Gymnasium draws it.
fn height(x: f64) -> f64 {
    0.45 * libm::sin(3.0 * x) + 0.55
}

/// The valley with the flag at its goal, the car, and the force as a bar along the way.
fn scene(position: f64, force: f64) -> Scene {
    let ground = |x: f64| [x, height(x)];
    let mut valley: Vec<_> = (0..=60).map(|i| ground(-1.2 + 1.8 * f64::from(i) / 60.0)).collect();
    valley.extend([[MAX_POSITION, 0.0], [MIN_POSITION, 0.0]]);
    let [x, y] = ground(GOAL_POSITION);
    let (pole, cloth) =
        (vec![[x, y], [x, y + 0.2]], vec![[x, y + 0.2], [x, y + 0.12], [x + 0.09, y + 0.16]]);

    let [x, y] = ground(position);
    let (sin, cos) = libm::sincos(libm::atan(1.35 * libm::cos(3.0 * position)));
    // `along` the ground and `above` it.
    let at =
        |along: f64, above: f64| [x + along * cos - above * sin, y + along * sin + above * cos];
    let body =
        [(-0.07, 0.03), (-0.07, 0.08), (-0.03, 0.11), (0.03, 0.11), (0.07, 0.08), (0.07, 0.03)];
    let wheel =
        |along| Shape::Disc { centre: at(along, 0.025), radius: 0.025, colour: Colour(3, 3, 3) };
    let (green, yellow, red, blue) =
        (Colour(13, 14, 12), Colour(14, 10, 0), Colour(12, 4, 4), Colour(0, 7, 11));
    Scene {
        low: [MIN_POSITION, 0.0],
        high: [MAX_POSITION, 1.25],
        shapes: vec![
            Shape::Area { points: valley, colour: green },
            Shape::Line { points: pole, width: 0.01, colour: Colour(3, 3, 3) },
            Shape::Area { points: cloth, colour: yellow },
            Shape::Area { points: body.map(|(along, above)| at(along, above)).into(), colour: red },
            wheel(-0.04),
            wheel(0.04),
            Shape::Line {
                points: vec![at(0.0, 0.15), at(0.15 * force, 0.15)],
                width: 0.02,
                colour: blue,
            },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_wall_stops_the_car() {
        let (mut env, mut observation) = (MountainCarContinuous::new(), [0.0; 2]);
        env.reset_to(-1.19, -0.07, &mut observation).unwrap();
        env.step(&[-1.0], &mut observation).unwrap();
        assert_eq!(observation, [f64::from(-1.2_f32), 0.0]);
    }

    #[test]
    fn the_goal_pays_a_hundred_and_ends_the_episode() {
        let (mut env, mut observation) = (MountainCarContinuous::new(), [0.0; 2]);
        env.reset_to(0.44, 0.05, &mut observation).unwrap();
        let step = env.step(&[0.5], &mut observation).unwrap();
        assert_eq!(step, Step { reward: 100.0 - 0.025, terminated: true, truncated: false });
        assert_eq!(env.step(&[0.5], &mut observation), Err(EnvError::NeedsReset));
    }

    #[test]
    fn the_car_stands_on_the_ground_and_the_force_points_along_it() {
        let (mut env, mut observation) = (MountainCarContinuous::new(), [0.0; 2]);
        for (position, force) in [(-1.2, 1.0), (-core::f64::consts::PI / 6.0, -0.5), (0.4, 0.25)] {
            env.reset_to(position, 0.0, &mut observation).unwrap();
            let picture = env.picture(Some(&[force])).unwrap().unwrap();
            assert_eq!(picture.caption, format!("force {force:+.2}"));
            let View::Scene(scene) = picture.view else { panic!("it is drawn") };
            assert!(scene.is_sound());
            let [.., Shape::Disc { centre: a, radius, .. }, Shape::Disc { centre: b, .. }, bar] =
                scene.shapes.as_slice()
            else {
                panic!("two wheels and a bar")
            };
            // The ground is steepest where the cosine is, and level at the bottom of the valley.
            let slope = 1.35 * libm::cos(3.0 * position);
            assert!(((b[1] - a[1]) / (b[0] - a[0]) - slope).abs() < 1e-12);
            let middle = [(a[0] + b[0]) / 2.0 - position, (a[1] + b[1]) / 2.0 - height(position)];
            assert!((libm::hypot(middle[0], middle[1]) - radius).abs() < 1e-12);
            let Shape::Line { points, .. } = bar else { panic!("the bar is a line") };
            let [dx, dy] = [0, 1].map(|i| points[1][i] - points[0][i]);
            assert!((dy - slope * dx).abs() < 1e-12 && (dx * force > 0.0));
            assert!((libm::hypot(dx, dy) - 0.15 * force.abs()).abs() < 1e-12);
        }
    }

    #[test]
    fn episodes_start_at_rest_in_the_valley() {
        let (mut env, mut observation) = (MountainCarContinuous::new(), [0.0; 2]);
        for seed in 0..100 {
            env.reset(seed, &mut observation).unwrap();
            let [position, velocity] = env.state();
            assert!((-0.6..=-0.4).contains(&position) && velocity == 0.0);
        }
    }
}
