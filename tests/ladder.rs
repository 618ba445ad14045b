//! The ladders of the book, climbed: by hand, by the tape and by differences each loss has one gradient.

#[path = "../examples/ladder/actor.rs"]
mod actor;
#[path = "../examples/ladder/critic.rs"]
mod critic;
#[path = "../examples/ladder/rungs.rs"]
mod rungs;
#[path = "../examples/ladder/temperature.rs"]
mod temperature;

use rungs::{Climbed, Ladder};

fn ladders() -> [Ladder; 3] {
    let climb: [fn() -> Climbed; 3] = [critic::ladder, actor::ladder, temperature::ladder];
    climb.map(|climb| climb().unwrap())
}

#[test]
fn the_gradient_by_hand_is_that_of_the_tape_for_every_loss() {
    for ladder in ladders() {
        assert!(ladder.tape_error() < 1e-15, "{ladder}");
    }
}

#[test]
fn differences_agree_with_the_tape_in_every_component_of_every_loss() {
    for ladder in ladders() {
        ladder.differences.assert_ok();
        assert_eq!(ladder.differences.coverage.passed, ladder.by_hand.gradient.len(), "{ladder}");
        assert!(ladder.bound() < 1e-9, "{ladder}");
    }
}

#[test]
fn no_component_of_any_ladder_is_zero_by_chance() {
    for ladder in ladders() {
        assert!(ladder.by_hand.gradient.iter().all(|g| g.abs() > 1e-4), "{ladder}");
    }
}
