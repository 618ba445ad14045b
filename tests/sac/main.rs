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
mod implementation;
mod learning_loop;
mod loop_by_hand;
mod losses;
mod networks;
mod optimiser;
mod settings;
mod update;
mod zoo;

use implementation::Implementation;

/// Something that holds for a right implementation; it panics where it does not.
struct Property {
    name: &'static str,
    holds: fn(&Implementation),
}

/// Lists functions of an implementation as properties, and tests that the crate has them.
macro_rules! properties {
    ($($name:ident),* $(,)?) => {
        pub const PROPERTIES: &[crate::Property] =
            &[$(crate::Property { name: stringify!($name), holds: $name }),*];

        mod of_the_crate {
            $(
                #[test]
                fn $name() {
                    super::$name(&crate::Implementation::of_the_crate());
                }
            )*
        }
    };
}
use properties;
