//! Films of episodes: what is seen in each frame of each kind of file, for how long, and what cannot be filmed.

use std::fs;
use std::path::Path;

use resvg::usvg;
use softac::draw::{FilmError, FilmOptions, film};
use softac::env::{
    self, ActionRepeat, BoxSpace, Colour, Env, EnvError, Picture, Pixels, Scene, Shape, Step, View,
};
use softac::train::evaluate;
use tempfile::tempdir;

#[path = "support/played.rs"]
mod played;
use played::play;

fn options() -> FilmOptions {
    FilmOptions {
        episodes: 1,
        seed: 3,
        width: None,
        every: None,
        fps: None,
        python: "python3".into(),
    }
}

/// Pushes to one side and then to the other.
fn act(observation: &[f64], action: &mut [f64]) {
    action[0] = if observation[0] > 0.0 { 1.5 } else { -0.5 };
}

/// An environment of ten steps with a picture that a test thinks up.
struct Painted<F> {
    space: BoxSpace,
    t: u32,
    rate: f64,
    paint: F,
}

impl<F: FnMut(u32) -> View + Send> Painted<F> {
    fn new(rate: f64, paint: F) -> Self {
        let space = BoxSpace::new(vec![-1.0], vec![1.0]).unwrap();
        Self { space, t: 0, rate, paint }
    }
}

impl<F: FnMut(u32) -> View + Send> Env for Painted<F> {
    fn name(&self) -> &str {
        "Painted-v0"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.space
    }

    fn reset(&mut self, _seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        (self.t, observation[0]) = (0, 0.0);
        Ok(())
    }

    fn step(&mut self, _action: &[f64], _observation: &mut [f64]) -> Result<Step, EnvError> {
        self.t += 1;
        Ok(Step { reward: -1.0, terminated: self.t == 10, truncated: false })
    }

    fn picture(&mut self, _action: Option<&[f64]>) -> Result<Option<Picture>, EnvError> {
        let view = (self.paint)(self.t);
        Ok(Some(Picture { view, caption: String::new(), rate: self.rate }))
    }
}

const WIDTH: usize = 70;
const HEIGHT: usize = 36;

/// A picture of a colour for each place and moment.
fn pixels(t: u32, colour: fn(usize, usize, usize) -> [u8; 3]) -> View {
    let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let rgb = places.flat_map(|(x, y)| colour(x, y, t as usize)).collect();
    View::Pixels(Pixels { width: WIDTH, height: HEIGHT, rgb })
}

/// A red disc that goes up by a unit a step, from the middle of a square of 20 units.
fn disc(t: u32) -> View {
    let (centre, colour) = ([0.0, f64::from(t)], Colour(15, 0, 0));
    let ground = Shape::Line { points: vec![[-9.0, -9.0], [9.0, -9.0]], width: 1.0, colour };
    let disc = Shape::Disc { centre, radius: 2.0, colour };
    View::Scene(Scene { low: [-10.0; 2], high: [10.0; 2], shapes: vec![ground, disc] })
}

#[test]
fn the_episodes_of_a_film_are_those_of_an_evaluation() {
    let folder = tempdir().unwrap();
    for name in ["pendulum", "mountain-car"] {
        let mut expected = evaluate(env::make(name).unwrap().as_mut(), 2, 3, act).unwrap().episodes;
        for file in ["film.gif", "film.svg", "film.png"] {
            let path = folder.path().join(file);
            let every = Some(40);
            let two = FilmOptions { episodes: 2, width: Some(64), every, ..options() };
            let made = film(env::make(name).unwrap().as_mut(), act, &path, &two).unwrap();
            assert_eq!(made.episodes, expected);
            let bytes = fs::read(&path).unwrap();
            film(env::make(name).unwrap().as_mut(), act, &path, &two).unwrap();
            assert!(fs::read(&path).unwrap() == bytes, "{file} is the same again");
        }
        expected.truncate(1);
        let path = folder.path().join("one.png");
        let one = FilmOptions { width: Some(64), ..options() };
        let made = film(env::make(name).unwrap().as_mut(), act, &path, &one).unwrap();
        assert_eq!(made.episodes, expected);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left over");
}

#[test]
fn a_pendulum_takes_little_room() {
    let folder = tempdir().unwrap();
    for (file, most) in [("film.gif", 500_000), ("film.svg", 150_000)] {
        let path = folder.path().join(file);
        let made = film(env::make("pendulum").unwrap().as_mut(), act, &path, &options()).unwrap();
        // The first moment, and the one after each step; twenty steps are a second.
        assert_eq!((made.frames, made.fps), (201, 20.0));
        let len = fs::metadata(&path).unwrap().len();
        assert!(len < most, "{file} is of {len} bytes");
    }
}

#[test]
fn every_pixel_of_every_frame_of_a_gif_is_as_it_was_painted() {
    fn colour(x: usize, y: usize, t: usize) -> [u8; 3] {
        // A square that moves over a ground, and one that turns from colour to colour.
        let square = |left: usize| (left..left + 9).contains(&x) && (7..20).contains(&y);
        match [3 * t, 50].map(square) {
            [true, _] => [255, 0, 17],
            [_, true] => [0, 17 * t as u8, 255 - 17 * t as u8],
            _ => [17 * (x / 10) as u8, 238, 204],
        }
    }
    let path = tempdir().unwrap().path().with_extension("gif");
    let mut env = Painted::new(10.0, |t| pixels(t, colour));
    let made = film(&mut env, act, &path, &options()).unwrap();
    assert_eq!((made.frames, made.fps), (11, 10.0));
    let shown = play(&path);
    assert_eq!(shown.len(), 11);
    for (t, frame) in shown.iter().enumerate() {
        assert_eq!((frame.width, frame.delay), (WIDTH, if t == 10 { 110 } else { 10 }));
        for (x, y) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y))) {
            assert_eq!(frame.at(x, y), colour(x, y, t), "({x}, {y}) after {t} steps");
        }
        // Below it there are the numbers.
        let below = frame.pixels[HEIGHT * WIDTH..].iter();
        let ink = below.filter(|pixel| **pixel != [255; 3]).count();
        assert!(ink > 50, "{ink}");
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn more_colours_than_a_gif_has_are_shown_by_the_nearest() {
    /// All 4096 of them, from the first moment on.
    fn colour(x: usize, y: usize, t: usize) -> [u8; 3] {
        let i = (y * WIDTH + x + t) % 4096;
        [i / 256, i / 16 % 16, i % 16].map(|channel| 17 * channel as u8)
    }
    let path = tempdir().unwrap().path().with_extension("gif");
    film(&mut Painted::new(10.0, |t| pixels(t, colour)), act, &path, &options()).unwrap();
    for (t, frame) in play(&path).iter().enumerate() {
        for (x, y) in [(0, 0), (20, 3), (69, 2)] {
            // Those are among the first.
            let expected = colour(x, y, t);
            if expected[0] == 0 && expected[1] < 15 {
                assert_eq!(frame.at(x, y), expected);
            }
        }
        let found: std::collections::BTreeSet<_> = frame.pixels.iter().collect();
        assert!(found.len() <= 255);
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn hundredths_of_a_second_are_dealt_out_so_that_no_error_grows() {
    let path = tempdir().unwrap().path().with_extension("gif");
    let mut env = Painted::new(30.0, |_| pixels(0, |_, _, _| [0, 0, 0]));
    film(&mut env, act, &path, &options()).unwrap();
    let delays: Vec<_> = play(&path).iter().map(|frame| frame.delay).collect();
    // Thirty a second are a hundred hundredths, and the last one stays for a second.
    assert_eq!(delays, [3, 4, 3, 3, 4, 3, 3, 4, 3, 3, 104]);
    fs::remove_file(path).unwrap();
}

#[test]
fn a_shape_is_drawn_where_the_scene_has_it() {
    let path = tempdir().unwrap().path().with_extension("gif");
    film(&mut Painted::new(10.0, disc), act, &path, &options()).unwrap();
    let shown = play(&path);
    assert_eq!((shown.len(), shown[0].width), (11, 400));
    for (t, frame) in shown.iter().enumerate() {
        // Twenty pixels are a unit, and up is up.
        let centre = (200.0, 200.0 - 20.0 * t as f64);
        for (x, y) in (0..350).flat_map(|y| (0..400).map(move |x| (x, y))) {
            let distance = (x as f64 + 0.5 - centre.0).hypot(y as f64 + 0.5 - centre.1);
            if (distance - 40.0).abs() > 1.0 {
                let expected = if distance < 40.0 { [255, 0, 0] } else { [255; 3] };
                assert_eq!(frame.at(x, y), expected, "({x}, {y}) after {t} steps");
            }
        }
        assert_eq!((frame.at(200, 380), frame.at(200, 365)), ([255, 0, 0], [255; 3]));
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn an_svg_moves_what_moves_from_frame_to_frame() {
    let path = tempdir().unwrap().path().with_extension("svg");
    let made = film(&mut Painted::new(10.0, disc), act, &path, &options()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    usvg::Tree::from_str(&text, &usvg::Options::default()).unwrap();
    assert!(!text.contains("<script"));
    // Eleven frames, and the last one for another second.
    assert_eq!((made.frames, made.fps), (11, 10.0));
    let courses: Vec<(&str, Vec<&str>)> = text
        .split("attributeName=\"")
        .skip(1)
        .map(|rest| {
            assert!(rest.contains("dur=\"2.1s\" repeatCount=\"indefinite\""));
            let (name, rest) = rest.split_once('"').unwrap();
            let values = rest.split_once("values=\"").unwrap().1.split_once('"').unwrap().0;
            (name, values.split(';').collect())
        })
        .collect();
    let [(cy, height), (transform, captions)] = courses.as_slice() else { panic!("{text}") };
    assert_eq!((*cy, *transform), ("cy", "transform"));
    // In a straight line to the frame after each; captions jump.
    let expected: Vec<_> = (0..22).map(|i| (200 - 20 * i.min(10)).to_string()).collect();
    assert_eq!(height, &expected);
    let expected: Vec<_> = (0..21).map(|i: i32| format!("0 -{}", 24 * i.min(10))).collect();
    assert_eq!(captions, &expected);
    for t in 0..=10 {
        let line = format!(
            "step {t:>3}  reward {:>7.2}  return {:>8.1}",
            -f64::from(t.min(1)),
            -f64::from(t)
        );
        let line = line.replace("-0.0", " 0.0").replace(' ', "\u{a0}");
        assert!(text.contains(&format!(">{line}</text>")), "{line}: {text}");
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn a_sheet_shows_moments_at_equal_distances() {
    let size = |every| {
        let path = tempdir().unwrap().path().with_extension("png");
        let options = FilmOptions { width: Some(80), every, ..options() };
        film(env::make("pendulum").unwrap().as_mut(), act, &path, &options).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
        [16, 20].map(|at| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()))
    };
    // 201 moments, of which every sixteenth is thirteen: four rows of four.
    assert_eq!(size(None), [4 * 88 + 8, 4 * 112 + 8]);
    // Three: the first, the one in the middle and the last.
    assert_eq!(size(Some(100)), [3 * 88 + 8, 112 + 8]);
}

#[test]
fn frames_come_as_fast_as_looks_natural_unless_asked_for() {
    let path = tempdir().unwrap().path().with_extension("png");
    let made = |rate, every, fps| {
        let options = FilmOptions { every, fps, ..options() };
        let mut env = Painted::new(rate, |t| pixels(t, |_, _, _| [0; 3]));
        let made = film(&mut env, act, &path, &options).unwrap();
        (made.frames, made.fps)
    };
    assert_eq!(made(25.0, None, None), (11, 25.0));
    // Hopper's rate: every fifth step, and the end.
    assert_eq!(made(125.0, None, None), (3, 25.0));
    assert_eq!(made(25.0, Some(4), None), (4, 6.25));
    assert_eq!(made(25.0, Some(4), Some(50.0)), (4, 50.0));
    // Nobody knows.
    for rate in [0.0, f64::NAN, -1.0, f64::INFINITY] {
        assert_eq!(made(rate, None, None), (11, 30.0));
    }
    let mut slow = ActionRepeat::new(Painted::new(20.0, disc), 2);
    let made = film(&mut slow, act, &path, &options()).unwrap();
    assert_eq!((made.frames, made.fps), (6, 10.0));
    fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_filmed_is_named_and_what_is_there_stays() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("film.gif"), "mine").unwrap();
    let refused = |env: &mut dyn Env, file: &str, options: FilmOptions| -> (FilmError, String) {
        let error = film(env, act, &path(file), &options).unwrap_err();
        let said = error.to_string();
        (error, said)
    };
    let mut bandit = env::make("bandit").unwrap();
    let (error, said) = refused(bandit.as_mut(), "film.gif", options());
    let expected = "TwoArmedBandit-v0 has no picture; those that have one are Pendulum-v1, \
                    MountainCarContinuous-v0, and Gymnasium's, as gym:Pendulum-v1";
    assert!(error.is_usage() && said == expected, "{said}");

    for file in ["film", "film.avi", "gif"] {
        let (error, said) = refused(&mut Painted::new(9.0, disc), file, options());
        assert!(error.is_usage() && said.contains("none of the endings .gif, .svg"), "{said}");
    }
    for (options, expected) in [
        (FilmOptions { width: Some(63), ..options() }, "`size` is 63; it must be from 64 to 2000"),
        (FilmOptions { width: Some(2001), ..options() }, "`size` is 2001"),
        (FilmOptions { every: Some(0), ..options() }, "`every` is 0; it must be at least 1"),
        (
            FilmOptions { fps: Some(51.0), ..options() },
            "`fps` is 51; it must be above 0 and at most 50",
        ),
        (FilmOptions { fps: Some(0.0), ..options() }, "`fps` is 0"),
        (FilmOptions { fps: Some(f64::NAN), ..options() }, "`fps` is NaN"),
    ] {
        let (error, said) = refused(&mut Painted::new(9.0, disc), "film.gif", options);
        assert!(error.is_usage() && said.contains(expected), "{said}");
    }

    let mut painted = Painted::new(9.0, |t| pixels(t, |_, _, _| [0; 3]));
    let (_, said) = refused(&mut painted, "film.svg", options());
    assert!(said.contains("an SVG is made of drawings"), "{said}");
    let mut more = |t: u32| {
        let View::Scene(mut scene) = disc(t) else { unreachable!() };
        scene.shapes.truncate(if t < 5 { 1 } else { 2 });
        View::Scene(scene)
    };
    let (_, said) = refused(&mut Painted::new(9.0, &mut more), "film.svg", options());
    assert!(said.contains("needs the same shapes all the time, make a GIF"), "{said}");
    film(&mut Painted::new(9.0, &mut more), act, &path("good.gif"), &options()).unwrap();
    let mut unsound = Painted::new(9.0, |t| {
        let View::Scene(mut scene) = disc(t) else { unreachable!() };
        scene.high[1] = if t < 5 { 10.0 } else { f64::NAN };
        View::Scene(scene)
    });
    let (_, said) = refused(&mut unsound, "film.gif", options());
    assert!(said.contains("no extent, or a number that is not finite"), "{said}");
    let mut torn =
        Painted::new(9.0, |_| View::Pixels(Pixels { width: 4, height: 4, rgb: vec![0; 47] }));
    refused(&mut torn, "film.gif", options());

    let (_, said) = refused(&mut Painted::new(9.0, disc), "missing/film.gif", options());
    assert!(said.contains("cannot write") && said.contains("missing"), "{said}");
    assert_eq!(fs::read_to_string(path("film.gif")).unwrap(), "mine");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(Path::new(&path("good.gif")).exists());
}
