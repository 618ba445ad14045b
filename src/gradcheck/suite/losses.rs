//! SAC's equations, each on its own.

use alloc::vec;
use alloc::vec::Vec;

use super::case::{Case, Group};
use super::points::Points;
use crate::gradcheck::input::named;
use crate::sac::{actor_loss, critic_loss, q_min, soft_target, temperature_loss};
use crate::tape::{Shape, Var};

const GAMMA: f64 = 0.97;
const TARGET_ENTROPY: f64 = -1.5;

pub(super) fn cases(shape: Shape) -> Vec<Case> {
    vec![
        critic(shape),
        minimum(shape),
        actor(shape),
        temperature(shape),
        target(shape, "soft_target", true),
        target(shape, "soft_target undetached", false),
    ]
}

/// One number per transition: of these there are `B · D`, so that each shape gives another batch.
fn column([batch, dim]: Shape) -> Shape {
    [batch * dim, 1]
}

fn critic(shape: Shape) -> Case {
    Case::new(Group::Loss, "critic_loss", shape, move |checker| {
        let mut points = Points::new(checker);
        let (q, y) = (points.normal(column(shape)), points.normal(column(shape)));
        checker.check(|_, p| critic_loss(p[0], p[1]), &[&named("q", &q), &named("y", &y)])
    })
}

fn minimum(shape: Shape) -> Case {
    Case::new(Group::Loss, "q_min", shape, move |checker| {
        let mut points = Points::new(checker);
        let q = [(); 3].map(|()| points.normal(column(shape)));
        checker.check(|_, p| q_min(p.iter().copied()), &[&q[0], &q[1], &q[2]])
    })
}

fn actor(shape: Shape) -> Case {
    Case::new(Group::Loss, "actor_loss", shape, move |checker| {
        let mut points = Points::new(checker);
        let (alpha, log_pi) = (points.normal([1, 1]), points.normal(column(shape)));
        let q = points.normal(column(shape));
        checker.check(
            |_, p| actor_loss(p[0], p[1], p[2]),
            &[&named("alpha", &alpha), &named("log_pi", &log_pi), &named("q_min", &q)],
        )
    })
}

fn temperature(shape: Shape) -> Case {
    Case::new(Group::Loss, "temperature_loss", shape, move |checker| {
        let mut points = Points::new(checker);
        let (log_alpha, log_pi) = (points.normal([1, 1]), points.normal(column(shape)));
        checker.check(
            |_, p| temperature_loss(p[0], p[1], TARGET_ENTROPY),
            &[&named("log_alpha", &log_alpha), &named("log_pi", &log_pi)],
        )
    })
}

/// The target is a constant to what is computed from it, so its own gradient is zero. Its formula
/// is checked once more without the `detach`.
fn target(shape: Shape, name: &'static str, detached: bool) -> Case {
    Case::new(Group::Loss, name, shape, move |checker| {
        let mut points = Points::new(checker);
        let (r, d) = (points.normal(column(shape)), points.flags(column(shape)));
        let (q, log_pi) = (points.normal(column(shape)), points.normal(column(shape)));
        let alpha = points.normal([1, 1]);
        let target = if detached { soft_target } else { undetached_target };
        checker.check(
            |_, p| target(p[0], p[1], p[2], p[3], p[4], GAMMA),
            &[
                &named("r", &r),
                &named("d", &d),
                &named("q_min_next", &q),
                &named("alpha", &alpha),
                &named("log_pi_next", &log_pi),
            ],
        )
    })
}

/// [`soft_target`] before it is cut off; a test holds their values together.
fn undetached_target<'t>(
    r: Var<'t, f64>,
    d: Var<'t, f64>,
    q_min_next: Var<'t, f64>,
    alpha: Var<'t, f64>,
    log_pi_next: Var<'t, f64>,
    gamma: f64,
) -> Var<'t, f64> {
    let soft_value = q_min_next - alpha.broadcast_like(log_pi_next) * log_pi_next;
    r + d.one_minus() * soft_value * gamma
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::Checker;
    use crate::tape::Tape;

    #[test]
    fn the_target_that_is_differentiated_is_the_target_that_is_used() {
        let mut points = Points::new(&Checker::new());
        let p = [(); 5].map(|()| points.normal([1, 1]));
        let tape = Tape::new();
        let [r, d, q, alpha, log_pi] = p.each_ref().map(|x| tape.leaf(x));
        let used = soft_target(r, d, q, alpha, log_pi, GAMMA);
        let differentiated = undetached_target(r, d, q, alpha, log_pi, GAMMA);
        assert_eq!(used.value().unwrap(), differentiated.value().unwrap());
    }
}
