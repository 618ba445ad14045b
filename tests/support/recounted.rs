//! Another count of updates than were done.

use softac::state::{StateError, Visitor};
use softac::tape::Shape;

/// Puts this count in the place of the updates so far, and leaves all else as it is.
pub struct Recounted(pub u64);

impl<T> Visitor<T> for Recounted {
    fn numbers(&mut self, _: &str, _: Shape, _: &mut [T]) -> Result<(), StateError> {
        Ok(())
    }

    fn bytes(&mut self, _: &str, _: &mut [u8]) -> Result<(), StateError> {
        Ok(())
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        if name == "updates" {
            words.fill(self.0);
        }
        Ok(())
    }
}
