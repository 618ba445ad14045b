//! The zoo of `tests/sac/` as a library: the very files, not a copy. What it is, is said there.

#![allow(
    dead_code,
    unused_imports,
    reason = "some of it only the tests use, which are left out here"
)]

#[path = "../../../tests/sac/by_hand.rs"]
mod by_hand;
#[path = "../../../tests/support/counter.rs"]
mod counter;
#[path = "../../../tests/sac/density.rs"]
mod density;
#[path = "../../../tests/support/five.rs"]
mod five;
#[path = "../../../tests/sac/implementation.rs"]
pub mod implementation;
#[path = "../../../tests/sac/learning_loop.rs"]
mod learning_loop;
#[path = "../../../tests/sac/loop_by_hand.rs"]
mod loop_by_hand;
#[path = "../../../tests/sac/losses.rs"]
mod losses;
#[path = "../../../tests/sac/networks.rs"]
mod networks;
#[path = "../../../tests/sac/optimiser.rs"]
mod optimiser;
#[path = "../../../tests/sac/property.rs"]
mod property;
#[path = "../../../tests/support/recounted.rs"]
mod recounted;
#[path = "../../../tests/sac/together.rs"]
mod together;
#[path = "../../../tests/sac/together_by_hand.rs"]
mod together_by_hand;
#[path = "../../../tests/sac/update.rs"]
mod update;
#[path = "../../../tests/sac/zoo/mod.rs"]
mod zoo;

pub use implementation::Implementation;
pub use property::Property;
use property::properties;
pub use zoo::{Row, mutant, properties as all_properties, rows};
