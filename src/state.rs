//! Everything that determines the future of a training, shown piece by piece.
//!
//! Whatever has a state shows all of it to a [`Visitor`], each piece under a name of its own and always in
//! the same order. One list serves writing, reading and comparing, so that nothing can be written
//! that is not read.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use ndarray::Array2;
use rand::SeedableRng;
use sha2::{Digest, Sha256};

use crate::Scalar;
use crate::random::Stream;
use crate::tape::Shape;

/// Who is shown a state, and may change it.
pub trait Visitor<T> {
    /// Numbers in the precision of the training, as a matrix of this shape.
    ///
    /// # Errors
    /// A visitor that cannot take or give this piece.
    fn numbers(&mut self, name: &str, shape: Shape, values: &mut [T]) -> Result<(), StateError>;

    /// Bytes, as many as there are.
    ///
    /// # Errors
    /// A visitor that cannot take or give this piece.
    fn bytes(&mut self, name: &str, bytes: &mut [u8]) -> Result<(), StateError>;

    /// Counters, positions, and the words of random streams. A visitor that reads may give more or fewer
    /// of them: whoever shows them has to check what comes back.
    ///
    /// # Errors
    /// A visitor that cannot take or give this piece.
    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError>;

    /// The same where there may be none, and then there is no piece of this name: so a state of before the piece was
    /// known is one still. A visitor that reads empties `words` where it has no such piece.
    ///
    /// # Errors
    /// A visitor that cannot take or give this piece.
    fn words_if_any(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        if words.is_empty() { Ok(()) } else { self.words(name, words) }
    }
}

/// A piece of a state that cannot be written, or is not what it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}`: {reason}")]
pub struct StateError {
    /// The piece's name.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

impl StateError {
    /// This piece, for this reason.
    #[must_use]
    pub fn new(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into() }
    }
}

/// Shows this many words, and takes as many back.
///
/// # Errors
/// What the visitor said, or if it gave another number of words.
pub fn visit_words<T, const N: usize>(
    visitor: &mut dyn Visitor<T>,
    name: &str,
    words: [u64; N],
) -> Result<[u64; N], StateError> {
    let mut shown = words.to_vec();
    visit_as_many(visitor, name, &mut shown)?;
    Ok(<[u64; N]>::try_from(shown).unwrap_or(words))
}

/// Shows these words, and takes as many back.
///
/// # Errors
/// What the visitor said, or if it gave another number of words.
pub fn visit_as_many<T>(
    visitor: &mut dyn Visitor<T>,
    name: &str,
    words: &mut Vec<u64>,
) -> Result<(), StateError> {
    let expected = words.len();
    visitor.words(name, words)?;
    let found = words.len();
    let other = || StateError::new(name, format!("it has {found} words instead of {expected}"));
    (found == expected).then_some(()).ok_or_else(other)
}

/// What a piece is called of which each of several environments that are stepped together has its own: the first
/// one's has the name alone.
pub(crate) fn name_in_lane(name: &str, lane: usize) -> String {
    match lane {
        0 => name.into(),
        _ => format!("{name}.{lane}"),
    }
}

/// Shows a word that is 0 or 1.
///
/// # Errors
/// What the visitor said, or if it gave another word.
pub fn as_flag(name: &str, word: u64) -> Result<bool, StateError> {
    match word {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(StateError::new(name, format!("{word} is neither 0 nor 1"))),
    }
}

/// Shows a matrix.
///
/// # Errors
/// What the visitor said.
pub fn visit_matrix<T: Scalar>(
    visitor: &mut dyn Visitor<T>,
    name: &str,
    matrix: &mut Array2<T>,
) -> Result<(), StateError> {
    let shape = matrix.dim().into();
    let missing = || StateError::new(name, "it does not lie row after row");
    visitor.numbers(name, shape, matrix.as_slice_mut().ok_or_else(missing)?)
}

/// Takes a word for `count`, which will go on counting.
///
/// # Errors
/// If the word is another number, and one that nothing counts to: 2⁶³ or more.
pub fn as_count(name: &str, count: u64, word: u64) -> Result<u64, StateError> {
    let possible = word == count || i64::try_from(word).is_ok();
    let impossible = || StateError::new(name, format!("nothing has counted to {word}"));
    possible.then_some(word).ok_or_else(impossible)
}

/// Shows a random stream: its key, its number, and how far it has been read.
///
/// # Errors
/// What the visitor said.
pub fn visit_stream<T>(
    visitor: &mut dyn Visitor<T>,
    name: &str,
    stream: &mut Stream,
) -> Result<(), StateError> {
    let words = visit_words(visitor, name, stream_words(stream))?;
    *stream = stream_of(words);
    Ok(())
}

/// The state of a random stream: four words of the key, the stream's number, and two of the position,
/// the lower first.
#[must_use]
pub fn stream_words(stream: &Stream) -> [u64; 7] {
    let mut words = [0; 7];
    for (word, bytes) in words.iter_mut().zip(stream.get_seed().as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let position = stream.get_word_pos();
    words[4] = stream.get_stream();
    words[5] = position as u64;
    words[6] = (position >> 64) as u64;
    words
}

/// The random stream in this state.
#[must_use]
pub fn stream_of(words: [u64; 7]) -> Stream {
    let mut seed = [0; 32];
    for (bytes, word) in seed.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    let mut stream = Stream::from_seed(seed);
    stream.set_stream(words[4]);
    stream.set_word_pos(u128::from(words[6]) << 64 | u128::from(words[5]));
    stream
}

/// A short hash of a state, by which two trainings can be compared at a glance: the first 64 bits of
/// the SHA-256 of all its pieces, numbers as little-endian bytes.
#[derive(Default)]
pub struct Fingerprint {
    hash: Sha256,
}

impl Fingerprint {
    /// Nothing was shown yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The hash of all that was shown.
    #[must_use]
    pub fn finish(self) -> u64 {
        let hash = self.hash.finalize();
        hash.as_slice().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

impl<T: Scalar> Visitor<T> for Fingerprint {
    fn numbers(&mut self, _name: &str, _shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        for_each_chunk(values, |bytes| self.hash.update(bytes));
        Ok(())
    }

    fn bytes(&mut self, _name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        self.hash.update(bytes);
        Ok(())
    }

    fn words(&mut self, _name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        words.iter().for_each(|word| self.hash.update(word.to_le_bytes()));
        Ok(())
    }
}

/// The numbers as little-endian bytes, some thousand at a time.
pub(crate) fn for_each_chunk<T: Scalar>(values: &[T], mut f: impl FnMut(&[u8])) {
    let mut bytes = vec![0; CHUNK * size_of::<T>()];
    for values in values.chunks(CHUNK) {
        let bytes = &mut bytes[..size_of_val(values)];
        for (bytes, value) in bytes.chunks_exact_mut(size_of::<T>()).zip(values) {
            bytes.copy_from_slice(value.to_le_bytes().as_ref());
        }
        f(bytes);
    }
}

/// Numbers that are converted at a time.
const CHUNK: usize = 4096;
