//! The numbers of a state by their names.

use std::collections::BTreeMap;

use softac::Scalar;
use softac::state::{StateError, Visitor};
use softac::tape::Shape;

/// A matrix: rows, columns, numbers.
pub type Matrix = (usize, usize, Vec<f64>);

/// Takes copies of all numbers that are shown.
#[derive(Default)]
pub struct Collector(pub BTreeMap<String, Matrix>);

impl<T: Scalar> Visitor<T> for Collector {
    fn numbers(&mut self, name: &str, shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        let numbers = values.iter().map(|&x| x.as_f64()).collect();
        self.0.insert(name.into(), (shape[0], shape[1], numbers));
        Ok(())
    }

    fn bytes(&mut self, _name: &str, _bytes: &mut [u8]) -> Result<(), StateError> {
        Ok(())
    }

    fn words(&mut self, _name: &str, _words: &mut Vec<u64>) -> Result<(), StateError> {
        Ok(())
    }
}

/// Puts numbers in the places of those that are shown under their names.
pub struct Replacer(pub BTreeMap<String, Vec<f64>>);

impl<T: Scalar> Visitor<T> for Replacer {
    fn numbers(&mut self, name: &str, _shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        let Some(numbers) = self.0.remove(name) else { return Ok(()) };
        if numbers.len() != values.len() {
            let reason =
                format!("{} numbers were given, and it has {}", numbers.len(), values.len());
            return Err(StateError::new(name, reason));
        }
        values.iter_mut().zip(numbers).for_each(|(to, from)| *to = T::of(from));
        Ok(())
    }

    fn bytes(&mut self, _name: &str, _bytes: &mut [u8]) -> Result<(), StateError> {
        Ok(())
    }

    fn words(&mut self, _name: &str, _words: &mut Vec<u64>) -> Result<(), StateError> {
        Ok(())
    }
}
