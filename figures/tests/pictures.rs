//! The pictures in the book, for print and for pages without WebAssembly, are those of the figures with their first
//! settings. `SOFTAC_REWRITE=1 cargo test -p softac-figures --test pictures` writes them anew.

use std::env;
use std::fs;
use std::path::PathBuf;

use softac_figures::{FIGURES, picture_for_print};

fn book() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

#[test]
fn the_pictures_in_the_book_are_those_of_the_figures() {
    let folder = book().join("figures/live");
    for (name, make) in FIGURES {
        let path = folder.join(format!("{name}.svg"));
        let picture = picture_for_print(make().as_mut());
        if env::var_os("SOFTAC_REWRITE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &picture).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == picture, "{} is of another version", path.display());
    }
}

#[test]
fn every_figure_stands_once_in_the_book_with_its_picture_and_a_caption() {
    let pages = fs::read_dir(book()).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let text: String = pages.map(|path| fs::read_to_string(path).unwrap()).collect();
    for (name, _) in FIGURES {
        let mark = format!("<figure class=\"live\" data-figure=\"{name}\" id=\"figure-{name}\"");
        let places: Vec<_> = text.split(&mark).skip(1).collect();
        assert_eq!(places.len(), 1, "{name}");
        let figure = places[0].split("</figure>").next().unwrap();
        assert!(figure.contains(&format!("<img src=\"figures/live/{name}.svg\" alt=\"")), "{name}");
        assert!(figure.contains("<figcaption>"), "{name}");
    }
}
