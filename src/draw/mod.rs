//! Pictures: line charts, and films of episodes.
//!
//! | file | holds |
//! |---|---|
//! | `chart.rs`, `chart/` | [`chart`]: lines, bands and marks, as SVG and PNG |
//! | `film.rs`, `film/` | [`film()`]: episodes as GIF, SVG, MP4 or PNG |
//! | `raster.rs` | from SVG to pixels |

pub mod chart;
pub mod film;
mod raster;

pub use film::{Film, FilmError, FilmOptions, film};
