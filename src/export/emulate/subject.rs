//! An export to be run.

use crate::export::source::{Language, Source};

/// An export to be run.
pub struct Subject<'a> {
    /// The language of the source.
    pub language: Language,
    /// What its names begin with.
    pub name: &'a str,
    /// The export.
    pub source: &'a Source,
    /// Observations to act on, one after another: the first ones of them are taken, as many as the machine manages in
    /// seconds.
    pub observations: Vec<&'a [f32]>,
}
