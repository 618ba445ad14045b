//! What an environment looks like: a drawing in a few kinds of shapes, or pixels.
//!
//! An environment says what there is to be seen ([`Env::picture`](super::Env::picture)); how that becomes a file is no
//! concern of its own.

use alloc::string::String;
use alloc::vec::Vec;

/// How an environment looks at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What is seen.
    pub view: View,
    /// A few numbers to be read beside it, always of one width, as `torque -0.52`; empty where there are none.
    pub caption: String,
    /// How many steps a second look natural.
    pub rate: f64,
}

/// What is seen.
#[derive(Clone, Debug, PartialEq)]
pub enum View {
    /// A drawing.
    Scene(Scene),
    /// A picture that another program has drawn.
    Pixels(Pixels),
}

/// A drawing, in the environment's own units with y upwards.
///
/// From one moment to the next, the same shapes come in the same order and with as many points each; what moves is
/// where they are. What is not there for the moment has no size.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The lower left corner of what is seen.
    pub low: [f64; 2],
    /// The upper right corner.
    pub high: [f64; 2],
    /// What is drawn, later ones over earlier ones.
    pub shapes: Vec<Shape>,
}

/// Something that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line from point to point, with round ends.
    Line {
        /// The points, `[x, y]` each.
        points: Vec<[f64; 2]>,
        /// How wide it is.
        width: f64,
        /// Its colour.
        colour: Colour,
    },
    /// An area within a line.
    Area {
        /// The points around it, `[x, y]` each.
        points: Vec<[f64; 2]>,
        /// Its colour.
        colour: Colour,
    },
    /// A round area.
    Disc {
        /// Its centre, `[x, y]`.
        centre: [f64; 2],
        /// Its radius.
        radius: f64,
        /// Its colour.
        colour: Colour,
    },
}

/// Red, green and blue, 0 to 15 each, which is as fine as the colours of films are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Rows of pixels from top to bottom, three bytes each: red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl Scene {
    /// Whether it can be drawn: whether it has an extent, and every number in it is finite.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ([left, bottom], [right, top]) = (self.low, self.high);
        let finite = |points: &[[f64; 2]]| points.as_flattened().iter().all(|x| x.is_finite());
        let sound = |shape: &Shape| match shape {
            Shape::Line { points, width, .. } => finite(points) && width.is_finite(),
            Shape::Area { points, .. } => finite(points),
            Shape::Disc { centre, radius, .. } => finite(&[*centre]) && radius.is_finite(),
        };
        let extent = left < right && bottom < top && finite(&[self.low, self.high]);
        extent && self.shapes.iter().all(sound)
    }
}
