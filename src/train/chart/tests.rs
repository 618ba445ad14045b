//! Tests of whole charts, by the files they leave.

use std::fs;

use proptest::collection::vec;
use proptest::num;
use proptest::prelude::*;

use super::*;

fn chart(points: Vec<(f64, f64)>) -> Chart {
    Chart {
        title: "Return".into(),
        x_label: "environment steps".into(),
        y_label: "return".into(),
        series: vec![Series::new("seed 1", points)],
        ..Chart::default()
    }
}

/// What both surfaces make of a chart, without files.
fn svg_of(chart: &Chart) -> String {
    raster::render(chart).unwrap();
    vector::render(chart).unwrap()
}

#[test]
fn both_files_have_their_formats_and_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let stem = folder.path().join("alpha-0.2");
    let [svg, png] = chart(vec![(0.0, 1.0), (1.0, 2.0)]).save(&stem).unwrap();
    assert!(svg.ends_with("alpha-0.2.svg") && png.ends_with("alpha-0.2.png"));

    let text = fs::read_to_string(svg).unwrap();
    assert!(text.starts_with("<svg width=\"800\" height=\"500\""));
    assert!(text.trim_end().ends_with("</svg>"));

    // The signature, then the header chunk: length, name, width and height.
    let bytes = fs::read(png).unwrap();
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(bytes[16..24], [1600_u32.to_be_bytes(), 1000_u32.to_be_bytes()].concat());

    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "a temporary file is left over");
}

#[test]
fn the_same_chart_gives_the_same_bytes_and_replaces_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let chart = chart((0..100).map(|i| (f64::from(i), f64::from(i * i))).collect());
    let saved = || chart.save(&folder.path().join("chart")).unwrap().map(|p| fs::read(p).unwrap());
    assert_eq!(saved(), saved());
}

#[test]
fn text_is_escaped() {
    let svg = svg_of(&Chart { title: "a < b & \"c\"\u{0}".into(), ..chart(vec![(0.0, 0.0)]) });
    assert!(svg.contains("a &lt; b &amp; &quot;c&quot; \n"));
    assert!(!svg.contains('\u{0}'));
}

#[test]
fn a_legend_appears_only_when_there_is_something_to_tell_apart() {
    let single = chart(vec![(0.0, 1.0), (1.0, 2.0)]);
    assert!(!svg_of(&single).contains("seed 1"));

    let mut with_reference = single.clone();
    with_reference.references.push(Reference { label: "target".into(), y: 1.5 });
    let svg = svg_of(&with_reference);
    assert!(svg.contains("seed 1") && svg.contains("target"));

    let many = Chart { series: vec![single.series[0].clone(); 40], ..single };
    assert!(svg_of(&many).contains("and 29 more"));
}

#[test]
fn a_gap_splits_a_line() {
    let lines = |points| svg_of(&chart(points)).matches("<polyline").count();
    let whole = lines(vec![(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0)]);
    let split = lines(vec![(0.0, 0.0), (1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0), (4.0, 4.0)]);
    assert_eq!(split, whole + 1);
}

#[test]
fn poor_data_still_gives_a_chart() {
    let empty = [vec![], vec![(f64::NAN, 0.0)], vec![(0.0, f64::INFINITY)]];
    for points in empty {
        assert!(svg_of(&chart(points)).contains("no data"));
    }
    assert!(svg_of(&Chart::default()).contains("no data"));
    let poor = [
        vec![(5.0, 5.0)],
        vec![(0.0, 3.0), (1.0, 3.0)],
        vec![(0.0, 0.0), (1.0, 0.0)],
        vec![(0.0, 1e-300), (1.0, 1e300)],
        vec![(f64::MIN, f64::MIN), (f64::MAX, f64::MAX)],
        vec![(0.0, 5e-324), (5e-324, 0.0)],
    ];
    for points in poor {
        for y_scale in [Scale::Linear, Scale::Log] {
            svg_of(&Chart { y_scale, ..chart(points.clone()) });
        }
    }
    let zeros = vec![(0.0, 0.0), (1.0, -1.0)];
    assert!(svg_of(&Chart { y_scale: Scale::Log, ..chart(zeros) }).contains("no data"));
}

#[test]
fn an_unwritable_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let stem = folder.path().join("missing").join("returns");
    let error = chart(vec![]).save(&stem).unwrap_err();
    let message = error.to_string();
    assert!(message.contains(&format!("{}.svg", stem.display())), "{message}");
    assert!(message.contains("folder exists"), "{message}");
}

proptest! {
    // An image takes a while.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_numbers_break_a_chart(
        points in vec((num::f64::ANY, num::f64::ANY), 0..12),
        band in vec((num::f64::ANY, num::f64::ANY, num::f64::ANY), 0..12),
        y in num::f64::ANY,
        log in any::<bool>(),
    ) {
        let mut chart = chart(points);
        chart.series[0].band = Some(band);
        chart.references.push(Reference { label: "reference".into(), y });
        chart.y_scale = if log { Scale::Log } else { Scale::Linear };
        let svg = svg_of(&chart);
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
