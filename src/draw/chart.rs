//! Line charts of training runs, as SVG for papers and PNG for everything else.
//!
//! Plotters draws the SVG, and resvg turns that very SVG into the PNG. A diverging run must not
//! break its own chart: values from 1e−300 to 1e300, NaN and infinities all give a picture.
//!
//! ```
//! use softac::draw::chart::{Chart, Series};
//!
//! let folder = tempfile::tempdir()?;
//! let series = vec![Series::new("seed 1", vec![(0.0, -1400.0), (10_000.0, -150.0)])];
//! let chart = Chart { y_label: "return".into(), series, ..Chart::default() };
//! let [svg, png] = chart.save(&folder.path().join("returns"))?;
//! assert!(svg.exists() && png.exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod axis;
mod data;
mod draw;

use std::io;
use std::path::{Path, PathBuf};

pub use data::{Chart, Marks, Reference, Scale, Series};

use super::raster;
use crate::files;

impl Chart {
    /// Draws the chart to `<stem>.svg` (800 × 500) and `<stem>.png` (1200 × 750) and returns
    /// the two paths, in this order. The same chart always gives the same bytes.
    ///
    /// Each file appears whole or not at all: it is written beside its final name and renamed.
    ///
    /// # Errors
    ///
    /// [`ChartError::Write`] when a file cannot be written, [`ChartError::Draw`] when a font
    /// or a drawing backend fails.
    pub fn save(&self, stem: &Path) -> Result<[PathBuf; 2], ChartError> {
        save_stacked(std::slice::from_ref(self), stem)
    }
}

/// Draws charts one above the other into one picture, `<stem>.svg` and `<stem>.png`, as [`Chart::save`] does with a
/// single one: 800 wide, and 380 high for each of several.
///
/// # Errors
///
/// As [`Chart::save`].
pub fn save_stacked(charts: &[Chart], stem: &Path) -> Result<[PathBuf; 2], ChartError> {
    let [svg, png] = [".svg", ".png"].map(|extension| {
        // Not `with_extension`, which would cut the end off a stem such as `alpha-0.2`.
        let mut name = stem.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    });

    let text = draw::svg(charts).map_err(draw_error)?;
    write(&svg, text.as_bytes())?;
    write(&png, &raster::png(&text, ENLARGED).map_err(draw_error)?)?;
    Ok([svg, png])
}

/// The PNG's size, in sizes of the SVG.
const ENLARGED: f32 = 1.5;

fn write(path: &Path, bytes: &[u8]) -> Result<(), ChartError> {
    let refused = |source| ChartError::Write { path: path.to_owned(), source };
    files::write_whole(path, bytes).map_err(refused)
}

fn draw_error(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw { reason: error.to_string() }
}

/// A chart that could not be drawn or saved.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// A file could not be written; nothing was left at its name that was not there before.
    #[error(
        "cannot write the chart {path}: {source}; check that its folder exists, may be written \
         to and has space left"
    )]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A font or a drawing backend failed.
    #[error("cannot draw the chart: {reason}; this is a bug worth reporting")]
    Draw {
        /// What the backend said.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::collection::vec;
    use proptest::num::f64::ANY;
    use proptest::prelude::*;

    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        Chart { series: vec![Series::new("seed 1", points)], ..Chart::default() }
    }

    /// The SVG, checked to give a PNG as well.
    fn svg_of(chart: &Chart) -> String {
        let svg = draw::svg(std::slice::from_ref(chart)).unwrap();
        raster::png(&svg, ENLARGED).unwrap();
        svg
    }

    #[test]
    fn both_files_have_their_formats_and_sizes_and_never_differ() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("alpha-0.2");
        let chart = chart(vec![(0.0, 1.0), (1.0, 2.0)]);
        let [svg, png] = chart.save(&stem).unwrap();
        assert!(svg.ends_with("alpha-0.2.svg") && png.ends_with("alpha-0.2.png"));

        let text = fs::read_to_string(&svg).unwrap();
        assert!(text.starts_with("<svg width=\"800\" height=\"500\""), "{text}");
        // The signature, then the header chunk: length, name, width and height.
        let bytes = fs::read(&png).unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(bytes[16..24], [1200_u32.to_be_bytes(), 750_u32.to_be_bytes()].concat());

        chart.save(&stem).unwrap();
        assert_eq!((text.into_bytes(), bytes), (fs::read(svg).unwrap(), fs::read(png).unwrap()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "a file is left over");
    }

    #[test]
    fn stacked_charts_share_one_picture() {
        let folder = tempfile::tempdir().unwrap();
        let charts = ["above", "below"]
            .map(|title| Chart { title: title.into(), ..chart(vec![(0.0, 1.0), (1.0, 2.0)]) });
        let [svg, png] = save_stacked(&charts, &folder.path().join("both")).unwrap();
        let text = fs::read_to_string(svg).unwrap();
        assert!(text.starts_with("<svg width=\"800\" height=\"760\""), "{text}");
        assert!(text.find("above").unwrap() < text.find("below").unwrap());
        let bytes = fs::read(png).unwrap();
        assert_eq!(bytes[16..24], [1200_u32.to_be_bytes(), 1140_u32.to_be_bytes()].concat());
    }

    #[test]
    fn marks_are_points_that_the_legend_lists() {
        let marks =
            |x| vec![Marks { label: "measured".into(), points: vec![(x, 1.5), (1.0, 1.0)] }];
        let curve = chart(vec![(0.1, 1.0), (1.0, 2.0)]);
        let circles = |x, x_scale| {
            let svg = svg_of(&Chart { marks: marks(x), x_scale, ..curve.clone() });
            assert!(svg.contains("measured"));
            svg.matches("<circle").count()
        };
        // The legend has one, too; a logarithmic axis has no place for zero.
        assert_eq!(circles(0.0, Scale::Linear), 3);
        assert_eq!(circles(0.0, Scale::Log), 2);
        assert_eq!(circles(0.1, Scale::Log), 3);
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("missing").join("returns");
        let message = chart(vec![]).save(&stem).unwrap_err().to_string();
        assert!(message.contains(&format!("{}.svg", stem.display())), "{message}");
        assert!(message.contains("folder exists"), "{message}");
    }

    #[test]
    fn text_is_escaped_and_a_legend_appears_only_where_it_tells_lines_apart() {
        let single = Chart { title: "a < b & \"c\"\u{0}".into(), ..chart(vec![(0.0, 1.0)]) };
        let svg = svg_of(&single);
        assert!(svg.contains("a &lt; b &amp; &quot;c&quot; \n") && !svg.contains("seed 1"));
        let reference = Reference { label: "target".into(), y: 1.5 };
        let svg = svg_of(&Chart { references: vec![reference], ..single });
        assert!(svg.contains("seed 1") && svg.contains("target"));
    }

    #[test]
    fn gaps_split_lines_and_poor_data_still_gives_a_chart() {
        let lines = |y| {
            let points = [0.0, 1.0, y, 3.0, 4.0].iter().map(|&y: &f64| (y, y)).collect();
            svg_of(&chart(points)).matches("<polyline").count()
        };
        assert_eq!(lines(f64::NAN), lines(2.0) + 1);

        for points in [vec![], vec![(f64::NAN, 0.0)], vec![(0.0, f64::INFINITY)]] {
            assert!(svg_of(&chart(points)).contains("no data"));
        }
        let log = Chart { y_scale: Scale::Log, ..chart(vec![(0.0, 0.0), (1.0, -1.0)]) };
        assert!(svg_of(&log).contains("no data"));
    }

    #[test]
    fn a_single_interval_is_a_bar_and_several_are_an_area() {
        let shapes = |xs: &[f64]| {
            let points = xs.iter().map(|&x| (x, 1.0)).collect();
            let band = xs.iter().map(|&x| (x, 0.5, 2.0)).collect();
            let svg = svg_of(&Chart {
                series: vec![Series::new("", points).with_band(band)],
                ..Chart::default()
            });
            ["<polygon", "<polyline"].map(|shape| svg.matches(shape).count())
        };
        let [[no_area, lines_and_bar], [area, lines]] = [shapes(&[1.0]), shapes(&[1.0, 2.0])];
        // The two points have a line between them, the single one has a bar.
        assert_eq!((no_area, area, lines_and_bar), (0, 1, lines));
    }

    proptest! {
        // An image takes a while.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_numbers_break_a_chart(
            points in vec((ANY, ANY), 0..12),
            band in vec((ANY, ANY, ANY), 0..12),
            y in ANY,
            log in any::<[bool; 2]>(),
        ) {
            let marks = vec![Marks { label: String::new(), points: points.clone() }];
            let series = vec![Series::new("", points).with_band(band)];
            let references = vec![Reference { label: "reference".into(), y }];
            let [x_scale, y_scale] = log.map(|log| if log { Scale::Log } else { Scale::Linear });
            let chart = Chart { series, marks, references, x_scale, y_scale, ..Chart::default() };
            let svg = svg_of(&chart);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}
