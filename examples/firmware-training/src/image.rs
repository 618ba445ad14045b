//! What was learned as one flat run of bytes: every piece that `Sac::visit` shows, one after the other.

use alloc::vec::Vec;

use softac::agent::Algorithm;
use softac::sac::Sac;
use softac::state::{StateError, Visitor};

/// The image of all that `sac` has learned, moments of the optimisers and counters with it.
pub fn write_image(sac: &mut Sac<f32>) -> Result<Vec<u8>, StateError> {
    let mut writer = Writer(Vec::new());
    sac.visit(&mut writer)?;
    Ok(writer.0)
}

/// Puts into `sac`, which has the same settings, what an image holds.
pub fn read_image(sac: &mut Sac<f32>, image: &[u8]) -> Result<(), StateError> {
    let mut reader = Reader(image);
    sac.visit(&mut reader)?;
    if reader.0.is_empty() { Ok(()) } else { Err(StateError::new("image", "it is too long")) }
}

struct Writer(Vec<u8>);

impl Visitor<f32> for Writer {
    fn numbers(&mut self, _: &str, _: [usize; 2], values: &mut [f32]) -> Result<(), StateError> {
        values.iter().for_each(|x| self.0.extend_from_slice(&x.to_le_bytes()));
        Ok(())
    }

    fn bytes(&mut self, _: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn words(&mut self, _: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        words.iter().for_each(|word| self.0.extend_from_slice(&word.to_le_bytes()));
        Ok(())
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self, name: &str) -> Result<[u8; N], StateError> {
        let (first, rest) = self
            .0
            .split_first_chunk()
            .ok_or_else(|| StateError::new(name, "the image is too short for these settings"))?;
        self.0 = rest;
        Ok(*first)
    }
}

impl Visitor<f32> for Reader<'_> {
    fn numbers(&mut self, name: &str, _: [usize; 2], values: &mut [f32]) -> Result<(), StateError> {
        for x in values {
            *x = f32::from_le_bytes(self.take(name)?);
        }
        Ok(())
    }

    fn bytes(&mut self, name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        for byte in bytes {
            [*byte] = self.take(name)?;
        }
        Ok(())
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        for word in words {
            *word = u64::from_le_bytes(self.take(name)?);
        }
        Ok(())
    }
}
