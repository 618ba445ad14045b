//! The zoo: one mutant for every mistake that was found in public implementations of SAC.
//!
//! A row names the mistake, puts it in place of a right part, and names the property that must tell. What
//! cannot live here, and why:
//!
//! | mistake | where it is held instead |
//! |---|---|
//! | training returns reported as evaluation | there is no training return to take: an evaluation has an environment and a stream of its own; `neither_evaluation_nor_logging_changes_the_training` |
//! | α or the moments forgotten in a checkpoint | the crate has no checkpoints of training |
//! | a factor 1 with the learning rate for ½ | the choice of ½ is a convention; here, a critic's loss without it is a mutant |

mod density;
mod learning;
mod losses;
mod optimisers;
mod together;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Implementation, Property, by_hand, loop_by_hand, together_by_hand};

/// A mistake, how it is made, and the property that notices.
pub type Row = (&'static str, fn(&mut Implementation), &'static str);

/// All of them.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [density::ROWS, losses::ROWS, optimisers::ROWS, learning::ROWS, together::ROWS]
        .into_iter()
        .flatten()
}

/// All properties.
pub fn properties() -> impl Iterator<Item = &'static Property> {
    let all = [
        crate::density::PROPERTIES,
        crate::learning_loop::PROPERTIES,
        crate::losses::PROPERTIES,
        crate::networks::PROPERTIES,
        crate::optimiser::PROPERTIES,
        crate::together::PROPERTIES,
        crate::update::PROPERTIES,
    ];
    all.into_iter().flatten()
}

fn has(sac: &Implementation, property: &Property) -> bool {
    catch_unwind(AssertUnwindSafe(|| (property.holds)(sac))).is_ok()
}

/// The crate with this mistake.
pub fn mutant(make: fn(&mut Implementation)) -> Implementation {
    let mut sac = Implementation::of_the_crate();
    make(&mut sac);
    sac
}

#[test]
fn every_mutant_is_killed_by_the_property_that_is_there_to_tell() {
    for &(mistake, make, killer) in rows() {
        let killer = properties().find(|property| property.name == killer).expect(killer);
        assert!(!has(&mutant(make), killer), "{mistake}: {} did not tell", killer.name);
    }
}

#[test]
fn the_crate_survives_in_the_zoo() {
    let crate_itself = Implementation::of_the_crate();
    for property in properties() {
        assert!(has(&crate_itself, property), "{}", property.name);
    }
}

/// What makes a mutant of these must be its mistake, not the hand that wrote them out.
#[test]
fn update_and_loop_by_hand_survive_where_nothing_is_wrong_with_them() {
    let mut by_hand = Implementation::of_the_crate();
    by_hand.updater = |sac| Box::new(by_hand::ByHand::new(sac, by_hand::Wrong::Nothing));
    by_hand.learner = |config, env, seed| {
        loop_by_hand::LoopByHand::boxed(config, env, seed, loop_by_hand::Wrong::Nothing)
    };
    by_hand.together = |config, envs, seed| {
        let nothing = together_by_hand::Wrong::Nothing;
        together_by_hand::TogetherByHand::boxed(config, envs, seed, nothing)
    };
    for property in properties() {
        assert!(has(&by_hand, property), "{}", property.name);
    }
}

#[test]
fn every_row_names_a_mistake_of_its_own_and_a_property_that_there_is() {
    let mut mistakes: Vec<_> = rows().map(|row| row.0).collect();
    let count = mistakes.len();
    mistakes.sort_unstable();
    mistakes.dedup();
    assert_eq!(mistakes.len(), count);
    for (mistake, _, killer) in rows() {
        assert!(properties().any(|property| property.name == *killer), "{mistake}: {killer}");
    }
}
