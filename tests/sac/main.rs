//! What holds for SAC: values by hand, exact zeros, counts and order, as properties of an implementation.
//!
//! Every property is a function of an [`Implementation`]. The crate's own has them all; each mutant of the
//! zoo has one part that is wrong, as it was found wrong in the wild, and must fail the property that is
//! there to tell.

mod by_hand;
#[path = "../support/counter.rs"]
mod counter;
mod density;
mod faults;
#[path = "../support/five.rs"]
mod five;
mod implementation;
mod learning_loop;
mod loop_by_hand;
mod losses;
mod networks;
mod optimiser;
mod property;
#[path = "../support/recounted.rs"]
mod recounted;
mod settings;
mod together;
mod together_by_hand;
mod update;
mod zoo;

use implementation::Implementation;
use property::{Property, properties};
