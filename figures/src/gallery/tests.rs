use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use softac::agent::{Algorithm, UpdateNoise};
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::{EntCoef, Noise, Sac, SacConfig};
use softac_figures_zoo::implementation::Updater;
use softac_figures_zoo::{Implementation, all_properties};

use super::assembled::Assembled;
use super::*;

/// A batch of random numbers with noise: three observations, two actions.
fn inputs(seed: u64) -> (Batch<f64>, Noise<f64>) {
    let numbers = &mut stream(seed, Purpose::Policy);
    let mut batch = Batch::new(8, 3, 2);
    let Batch { observations, actions, rewards, next_observations, terminated } = &mut batch;
    for matrix in [observations, actions, rewards, next_observations] {
        softac::random::fill_uniform(matrix.as_slice_mut().unwrap(), 1.0, numbers);
    }
    terminated[[7, 0]] = 1.0;
    let mut noise = Noise::new(8, 2);
    noise.draw(numbers);
    (batch, noise)
}

#[test]
fn put_together_from_right_parts_it_is_the_crates_update_to_the_bit() {
    for ent_coef in [EntCoef::Fixed(0.2), EntCoef::Auto { initial: 0.3 }] {
        let numerics = softac::Numerics::Portable;
        let config =
            SacConfig { net_arch: vec![9].into(), ent_coef, numerics, ..SacConfig::default() };
        let sac = || Sac::<f64>::new(config.clone(), 3, 2, &mut stream(1, Purpose::Init)).unwrap();
        let mut assembled = Assembled::new(Implementation::of_the_crate(), sac());
        let mut own: Box<dyn Updater> = Box::new(sac());
        for seed in 0..5 {
            let (batch, noise) = inputs(seed);
            assert_eq!(assembled.learn(&batch, &noise), own.learn(&batch, &noise));
            assert_eq!(assembled.learned(), own.learned());
        }
    }
}

#[test]
fn without_a_mistake_every_scene_comes_near_to_what_is_exact() {
    for bug in &BUGS {
        let Some(truth) = bug.scene.truth() else { continue };
        let mut right = bug.scene.curve(0, None);
        let end = right.pop().unwrap();
        assert!(
            (end - truth).abs() < 0.15 * truth.abs().max(1.0),
            "{}: {end} {truth}",
            bug.mistake
        );
    }
}

/// What every reader can count on, whatever the seed: the outcome of the mistake.
#[test]
fn the_outcome_does_not_hang_on_the_seed() {
    for bug in &BUGS {
        let outcomes = [0, 1, 2].map(|seed| Curves::new(bug, seed).outcome());
        assert!(
            outcomes.iter().all(|outcome| *outcome == outcomes[0]),
            "{}: {outcomes:?}",
            bug.mistake
        );
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    let text = text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = shortened(&text);
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

/// Without what `ndarray` says of layouts, and with four digits after the point: the others are another matter on another
/// processor.
fn shortened(text: &str) -> String {
    let mut parts = text.split(", shape=");
    let mut plain = parts.next().unwrap_or_default().to_string();
    for part in parts {
        plain += part.split_once("ndim=2").map_or("", |(_, rest)| rest);
    }
    let mut digits = None;
    plain.retain(|c| {
        digits = match (c, digits) {
            ('.', _) => Some(0),
            ('0'..='9', Some(count)) => Some(count + 1),
            _ => None,
        };
        digits.is_none_or(|count| count <= 4)
    });
    plain
}

/// The property that the gallery names is the zoo's, and it says what the gallery shows.
/// `SOFTAC_REWRITE=1 cargo test -p softac-figures gallery` writes the messages anew.
#[test]
fn the_property_that_is_named_catches_the_mistake_and_says_what_is_shown() {
    let protests = BUGS.each_ref().map(|bug| {
        let (mistake, make, killer) = *bug.row();
        let property = all_properties().find(|property| property.name == killer).unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| (property.holds)(&mutant(make))));
        (mistake, words(panic.expect_err(mistake).as_ref()))
    });
    if std::env::var_os("SOFTAC_REWRITE").is_some() {
        let entries = protests.iter().map(
            |(mistake, message)| serde_json::json!({ "mistake": mistake, "message": message }),
        );
        let text = serde_json::to_string_pretty(&entries.collect::<Vec<_>>()).unwrap() + "\n";
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/gallery/messages.json");
        fs::write(path, text).unwrap();
        return;
    }
    for (bug, (mistake, message)) in protests.iter().enumerate() {
        let shown = BugGallery { bug, ..Default::default() }.message();
        assert_eq!(&shown, message, "{mistake}");
    }
}

#[test]
fn nothing_is_given_away_before_the_reader_has_said_something() {
    let mut figure = BugGallery::default();
    figure.set("bug", 3.0);
    let names = |figure: &BugGallery| -> Vec<_> {
        figure.readouts().iter().map(|readout| readout.name).collect()
    };
    assert_eq!(names(&figure), ["about", "task", "right", "truth", "outcome"]);
    assert!(!figure.picture().contains("second"));
    figure.set("prediction", 1.0);
    assert!(names(&figure).contains(&"property") && figure.picture().contains("second"));
}
