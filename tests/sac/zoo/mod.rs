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

mod equations;
mod learning;
mod optimisers;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Implementation, Property, density, losses, networks, optimiser, update};

/// A mistake, how it is made, and the property that notices.
type Row = (&'static str, fn(&mut Implementation), &'static str);

fn rows() -> impl Iterator<Item = &'static Row> {
    [equations::ROWS, optimisers::ROWS, learning::ROWS].into_iter().flatten()
}

fn properties() -> impl Iterator<Item = &'static Property> {
    let all = [
        density::PROPERTIES,
        losses::PROPERTIES,
        networks::PROPERTIES,
        optimiser::PROPERTIES,
        update::PROPERTIES,
    ];
    all.into_iter().flatten()
}

/// The names of the properties that an implementation does not have.
fn lost(sac: &Implementation) -> Vec<&'static str> {
    let holds =
        |property: &&Property| catch_unwind(AssertUnwindSafe(|| (property.holds)(sac))).is_err();
    properties().filter(holds).map(|property| property.name).collect()
}

#[test]
fn every_mutant_is_killed_by_the_property_that_is_there_to_tell() {
    let mut table = String::new();
    let mut alive = Vec::new();
    for &(mistake, make, killer) in rows() {
        let mut mutant = Implementation::of_the_crate();
        make(&mut mutant);
        let lost = lost(&mutant);
        if !lost.contains(&killer) {
            alive.push(mistake);
        }
        let others: Vec<_> = lost.into_iter().filter(|&name| name != killer).collect();
        table += &format!("{mistake}\n    {killer}\n    also: {}\n", others.join(", "));
    }
    println!("{table}");
    assert!(alive.is_empty(), "{table}\nalive: {alive:#?}");
}

#[test]
fn the_crate_survives_in_the_zoo() {
    assert_eq!(lost(&Implementation::of_the_crate()), [""; 0]);
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
