//! What holds for a right implementation.

use crate::Implementation;

/// Something that holds for a right implementation; it panics where it does not.
pub struct Property {
    pub name: &'static str,
    pub holds: fn(&Implementation),
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
pub(crate) use properties;
