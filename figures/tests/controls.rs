//! What holds of every figure, whatever is done to its controls.

use softac_figures::FIGURES;
use softac_figures::figure::{Control, ControlError, Figure, Kind};

/// The values that are tried on a control: its ends, beyond them, and something between.
fn trials(control: &Control) -> Vec<f64> {
    match &control.kind {
        Kind::Slider { min, max, .. } => {
            vec![*min, *max, min - 1e9, max + 1e9, min + 0.37 * (max - min)]
        }
        Kind::Switch { .. } => vec![0.0, 1.0, -7.5],
        Kind::Choice { options, .. } => (0..options.len() + 2).map(|i| i as f64).collect(),
        Kind::Button => vec![0.0],
    }
}

fn named(figure: &dyn Figure, name: &str) -> Control {
    figure.controls().into_iter().find(|control| control.name == name).unwrap()
}

/// Whether a control has a value that it can have.
fn is_within(control: &Control) -> bool {
    match &control.kind {
        Kind::Slider { min, max, value, .. } => (min..=max).contains(&value),
        Kind::Switch { value } => *value == 0.0 || *value == 1.0,
        Kind::Choice { options, value } => value.fract() == 0.0 && *value < options.len() as f64,
        Kind::Button => true,
    }
}

#[test]
fn controls_stay_within_their_bounds_and_pictures_have_no_nan() {
    for (name, make) in FIGURES {
        for control in make().controls() {
            for value in trials(&control) {
                let mut figure = make();
                figure.turn(control.name, value).unwrap();
                figure.tick();
                let shown = figure.shown();
                assert!(!shown.contains("NaN"), "{name}: {} = {value}", control.name);
                for control in figure.controls() {
                    assert!(is_within(&control), "{name}: {control:?}");
                }
            }
        }
    }
}

#[test]
fn a_slider_takes_the_value_that_it_is_given() {
    for (name, make) in FIGURES {
        for control in make().controls() {
            let Kind::Slider { min, max, step, .. } = control.kind else { continue };
            let chosen = min + step * (0.6 * (max - min) / step).round();
            let mut figure = make();
            figure.turn(control.name, chosen).unwrap();
            let Kind::Slider { value, .. } = named(figure.as_ref(), control.name).kind else {
                panic!("{name}: {} has become something else", control.name)
            };
            assert!(
                (value - chosen).abs() <= 0.5 * step,
                "{name}: {} {value} {chosen}",
                control.name
            );
        }
    }
}

#[test]
fn what_no_control_takes_is_refused_and_changes_nothing() {
    for (name, make) in FIGURES {
        let mut figure = make();
        let before = figure.shown();
        let unknown = figure.turn("no such control", 1.0);
        assert!(matches!(unknown, Err(ControlError::Unknown { .. })), "{name}");
        for control in figure.controls() {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let refused = figure.turn(control.name, value);
                assert!(matches!(refused, Err(ControlError::NotFinite { .. })), "{name}");
            }
        }
        assert_eq!(figure.shown(), before, "{name}");
    }
}

#[test]
fn every_figure_is_the_same_whenever_the_same_is_done_to_it() {
    for (name, make) in FIGURES {
        let [mut one, mut other] = [make(), make()];
        for figure in [&mut one, &mut other] {
            for control in figure.controls() {
                figure.turn(control.name, trials(&control)[trials(&control).len() - 1]).unwrap();
            }
            (0..3).all(|_| figure.tick());
        }
        assert_eq!(one.shown(), other.shown(), "{name}");
    }
}

#[test]
fn only_a_figure_with_a_pace_moves() {
    for (name, make) in FIGURES {
        let mut figure = make();
        if figure.pace().is_none() {
            assert!(!figure.tick(), "{name}");
        }
    }
}
