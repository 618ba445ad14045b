//! Products with the vector instructions of this processor.

use pulp::Arch;

use super::element::Element;
use super::packed::Packed;
use super::panels::Panels;
use super::product::Product;

/// A number that products are compiled for: here, once, and not again in every program that uses them.
pub trait Multiply: Element {
    /// Computes a product.
    #[doc(hidden)]
    fn multiply(product: Product<'_, Self>, panels: &mut Panels<Self>);
}

macro_rules! multiply {
    ($($number:ty),*) => {
        $(impl Multiply for $number {
            fn multiply(product: Product<'_, Self>, panels: &mut Panels<Self>) {
                // Each is compiled by itself, which leaves it more registers.
                if product.packs() {
                    Arch::new().dispatch(Packed { product, panels });
                } else {
                    Arch::new().dispatch(product);
                }
            }
        })*
    };
}

multiply!(f32, f64);

impl<T: Multiply> Product<'_, T> {
    /// Computes it.
    pub fn compute(self, panels: &mut Panels<T>) {
        T::multiply(self, panels);
    }
}
