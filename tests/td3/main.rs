//! What holds for TD3 and DDPG: values by hand and by PyTorch, exact zeros, counts and order, as properties of an
//! implementation.
//!
//! Every property is a function of an [`Implementation`]. The crate's own has them all; each mutant of the zoo
//! has one part that is wrong, as public implementations have it wrong, and must fail the property that its row names.
#![cfg(feature = "std")]

mod agents;
mod by_hand;
mod equations;
mod faults;
#[path = "../fixture/mod.rs"]
mod fixture;
mod implementation;
mod lockstep;
mod loop_by_hand;
mod parity;
mod pitfalls;
#[path = "../sac/property.rs"]
mod property;
#[path = "../support/recounted.rs"]
mod recounted;
#[path = "../support/split_mix64.rs"]
mod split_mix64;
mod still;
mod update;
mod zoo;

use implementation::Implementation;
use property::{Property, properties};
