//! Scenes as SVG: a still, or a film that runs in every browser, without a script.
//!
//! In a film each shape is there once, with the course of whatever moves of it (SMIL `animate`), from frame to frame in a
//! straight line. The captions stand below each other, and a window passes over them line by line.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::camera::{CAPTION_HEIGHT, Camera, USUAL_WIDTH};
use super::error::FilmError;
use super::frame::Frame;
use super::reel::{HOLD, Reel};
use crate::env::{Colour, Scene, Shape, View};
use crate::files;

const NAMESPACE: &str = "xmlns=\"http://www.w3.org/2000/svg\"";

/// A scene on its own.
pub(super) fn still(scene: &Scene, camera: Camera) -> String {
    let Camera { width, height } = camera;
    let mut text = format!("<svg {NAMESPACE} width=\"{width}\" height=\"{height}\">");
    for element in elements(scene, camera) {
        element.write(None, &mut text);
    }
    text + "</svg>"
}

/// A caption on its own.
pub(super) fn caption(caption: &str, camera: Camera) -> String {
    let (width, size) = (camera.width, font_size(caption, camera));
    format!(
        "<svg {NAMESPACE} width=\"{width}\" height=\"{CAPTION_HEIGHT}\"><g {}>{}</g></svg>",
        font(size),
        line(caption, 0)
    )
}

/// An animated SVG in the making.
pub(super) struct Animation {
    path: PathBuf,
    width: Option<u32>,
    fps: f64,
    camera: Option<Camera>,
    /// The shapes, with the places they go through.
    shapes: Vec<(Element, Vec<Course>)>,
    captions: Vec<String>,
}

/// The values that an attribute takes, frame by frame.
type Course = Vec<String>;

impl Animation {
    pub fn new(path: &Path, width: Option<u32>, fps: f64) -> Self {
        let (path, camera) = (path.to_path_buf(), None);
        Self { path, width, fps, camera, shapes: Vec::new(), captions: Vec::new() }
    }

    /// How often frames come: those there are, and the last one for some more.
    fn count(&self) -> usize {
        self.captions.len() + (HOLD * self.fps).round() as usize
    }

    fn text(&self, camera: Camera) -> String {
        let [width, height] = camera.size();
        let count = self.count();
        let mut text = format!(
            "<svg {NAMESPACE} width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
        );
        let timing =
            format!("dur=\"{}s\" repeatCount=\"indefinite\"", number(count as f64 / self.fps));
        for (element, courses) in &self.shapes {
            // The way to the frame after the last one takes as long as every other.
            let moving = courses.iter().map(|course| held(course, count + 1)).collect::<Vec<_>>();
            element.write(Some((&moving, &timing)), &mut text);
            text.push('\n');
        }
        self.write_captions(camera, &timing, &mut text);
        text + "</svg>\n"
    }

    fn write_captions(&self, camera: Camera, timing: &str, text: &mut String) {
        let longest = self.captions.iter().max_by_key(|caption| caption.chars().count());
        let font = font(font_size(longest.map_or("", String::as_str), camera));
        let lines: String = self.captions.iter().zip(0..).map(|(text, i)| line(text, i)).collect();
        let shifts =
            (0..self.captions.len()).map(|i| format!("0 -{}", i * CAPTION_HEIGHT as usize));
        let values = held(&shifts.collect(), self.count());
        // Nothing can be said against writing to a text.
        let _ = write!(
            text,
            "<svg y=\"{}\" width=\"{}\" height=\"{CAPTION_HEIGHT}\"><g {font}>{lines}\
             <animateTransform attributeName=\"transform\" type=\"translate\" calcMode=\"discrete\" \
             {timing} values=\"{values}\"/></g></svg>",
            camera.height, camera.width
        );
    }
}

/// The values one after the other, the last one as often as it takes to make so many.
fn held(course: &Course, count: usize) -> String {
    let last = course.last().into_iter().cycle();
    course.iter().chain(last).take(count).map(String::as_str).collect::<Vec<_>>().join(";")
}

impl Reel for Animation {
    fn add(&mut self, frame: Frame) -> Result<(), FilmError> {
        let View::Scene(scene) = &frame.view else {
            let rule = "an SVG is made of drawings, and this environment shows pixels: make a GIF";
            return Err(FilmError::option("out", self.path.display().to_string(), rule));
        };
        let width = self.width.or(Some(USUAL_WIDTH));
        let camera = *self.camera.get_or_insert_with(|| Camera::new(&frame, width));
        let elements: Vec<_> = elements(scene, camera).collect();
        if self.captions.is_empty() {
            let still = |element: Element| {
                let courses = element.moving.iter().map(|_| Vec::new()).collect();
                (element, courses)
            };
            self.shapes = elements.iter().cloned().map(still).collect();
        }
        let same = self.shapes.iter().zip(&elements).all(|(shape, now)| shape.0.is_like(now));
        if !same || self.shapes.len() != elements.len() {
            let reason = "an animated SVG needs the same shapes all the time, make a GIF";
            return Err(FilmError::draw(reason));
        }
        for ((_, courses), element) in self.shapes.iter_mut().zip(elements) {
            for (course, (_, value)) in courses.iter_mut().zip(element.moving) {
                course.push(value);
            }
        }
        self.captions.push(frame.caption);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), FilmError> {
        let Some(camera) = self.camera else { return Ok(()) };
        let text = self.text(camera);
        files::write_whole(&self.path, text.as_bytes()).map_err(FilmError::write(&self.path))
    }
}

/// A shape as SVG.
#[derive(Clone, Debug, PartialEq)]
struct Element {
    tag: &'static str,
    /// The attributes that stay.
    fixed: String,
    /// The attributes that may change, and their values.
    moving: Vec<(&'static str, String)>,
}

impl Element {
    /// Whether it is the same shape, maybe in another place.
    fn is_like(&self, other: &Self) -> bool {
        let shape = |element: &Self| {
            let moving = element.moving.iter();
            moving.map(|(name, value)| (*name, value.split(' ').count())).collect::<Vec<_>>()
        };
        (self.tag, &self.fixed) == (other.tag, &other.fixed) && shape(self) == shape(other)
    }

    /// Writes it where it is, with the courses of its moving attributes where there are any, and their timing.
    fn write(&self, courses: Option<(&[String], &str)>, text: &mut String) {
        let Self { tag, fixed, moving } = self;
        let _ = write!(text, "<{tag} {fixed}");
        for (name, value) in moving {
            let _ = write!(text, " {name}=\"{value}\"");
        }
        text.push('>');
        let (courses, timing) = courses.unwrap_or_default();
        for ((name, value), course) in moving.iter().zip(courses) {
            if course.split(';').any(|other| other != value) {
                let _ = write!(
                    text,
                    "<animate attributeName=\"{name}\" {timing} values=\"{course}\"/>"
                );
            }
        }
        let _ = write!(text, "</{tag}>");
    }
}

/// The shapes of a scene in pixels, y downwards.
fn elements(scene: &Scene, camera: Camera) -> impl Iterator<Item = Element> {
    let scale = f64::from(camera.width) / (scene.high[0] - scene.low[0]);
    let place = move |[x, y]: [f64; 2]| {
        [(x - scene.low[0]) * scale, (scene.high[1] - y) * scale].map(number)
    };
    let all = move |points: &[[f64; 2]]| {
        let points = points.iter().map(|&point| place(point).join(","));
        points.collect::<Vec<_>>().join(" ")
    };
    scene.shapes.iter().map(move |shape| match shape {
        Shape::Line { points, width, colour } => Element {
            tag: "polyline",
            fixed: format!(
                "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" \
                 stroke-linejoin=\"round\"",
                hex(*colour),
                number(width * scale)
            ),
            moving: vec![("points", all(points))],
        },
        Shape::Area { points, colour } => Element {
            tag: "polygon",
            fixed: format!("fill=\"{}\"", hex(*colour)),
            moving: vec![("points", all(points))],
        },
        Shape::Disc { centre, radius, colour } => {
            let ([x, y], r) = (place(*centre), number(radius * scale));
            let fixed = format!("fill=\"{}\"", hex(*colour));
            Element { tag: "circle", fixed, moving: vec![("cx", x), ("cy", y), ("r", r)] }
        }
    })
}

fn hex(Colour(r, g, b): Colour) -> String {
    let [r, g, b] = [r, g, b].map(|channel| channel.min(15));
    format!("#{r:x}{g:x}{b:x}")
}

/// To a hundredth, without what says nothing.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn font(size: f64) -> String {
    let size = number(size);
    format!("font-family=\"DejaVu Sans Mono, monospace\" font-size=\"{size}\" fill=\"#222\"")
}

/// So large that the caption fits in.
fn font_size(caption: &str, camera: Camera) -> f64 {
    // A letter of this font is 0.602 of its size wide.
    let letters = 0.602 * caption.chars().count().max(1) as f64;
    ((f64::from(camera.width) - 16.0) / letters).min(13.0)
}

/// The i-th line of captions.
fn line(caption: &str, i: u32) -> String {
    let escaped = caption.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Several spaces in a row are one, unless they do not break.
    let text = escaped.replace(' ', "\u{a0}");
    let text = text.replace(|c: char| c.is_control(), "\u{a0}");
    format!("<text x=\"8\" y=\"{}\">{text}</text>", i * CAPTION_HEIGHT + 16)
}
