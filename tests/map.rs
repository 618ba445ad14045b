//! The map at the head of `lib.rs` says where each equation is computed, tested and explained. It must be true.

use std::fs;
use std::path::{Path, PathBuf};

struct Row {
    function: String,
    tests: Vec<String>,
    chapter: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The code between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

fn rows() -> Vec<Row> {
    let source = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let map = source.split("# The map").nth(1).unwrap().split("# The rooms").next().unwrap();
    let lines = map.lines().filter(|line| line.starts_with("//! |")).skip(2);
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let &[_, _, function, tests, chapter, _] = cells.as_slice() else {
            panic!("a row has four cells: {line}")
        };
        Row {
            function: code(function).swap_remove(0),
            tests: code(tests),
            chapter: code(chapter).swap_remove(0),
        }
    };
    lines.map(row).collect()
}

/// The text of all files with this ending below a folder.
fn texts(folder: &str, ending: &str) -> String {
    let (mut folders, mut text) = (vec![root().join(folder)], String::new());
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for path in entries.collect::<Vec<PathBuf>>() {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                text += &fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_equation_has_a_function_a_test_and_a_chapter_that_exist() {
    let (source, tests) = (texts("src", "rs"), texts("tests", "rs"));
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    let defines = |text: &str, name: &str| {
        text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<"))
    };
    let rows = rows();
    assert!(rows.len() >= 20);
    for Row { function, tests: names, chapter } in rows {
        let name = function.rsplit("::").next().unwrap();
        assert!(defines(&source, name), "there is no function {function}");
        assert!(!names.is_empty(), "{function} has no test");
        for name in names {
            let found = defines(&source, &name) || defines(&tests, &name);
            assert!(found, "there is no test {name} of {function}");
        }
        assert!(summary.contains(&format!("({chapter})")), "the book has no chapter {chapter}");
    }
}

#[test]
fn every_file_and_anchor_that_the_book_includes_exists() {
    let pages = texts("docs/src", "md");
    let includes: Vec<_> = pages
        .split("{{#include ")
        .skip(1)
        // Two levels up from `docs/src`, three from a folder in it.
        .map(|rest| rest.split("}}").next().unwrap().trim_start_matches("../"))
        .collect();
    assert!(includes.len() >= 7);
    for include in includes {
        // A whole file, or what is between two anchors.
        let (path, anchor) = include.split_once(':').map_or((include, None), |(p, a)| (p, Some(a)));
        let source = fs::read_to_string(root().join(path)).unwrap();
        let Some(anchor) = anchor else { continue };
        for marker in ["ANCHOR: ", "ANCHOR_END: "] {
            assert!(source.contains(&format!("// {marker}{anchor}\n")), "{include} is missing");
        }
    }
}

#[test]
fn every_page_that_the_summary_lists_exists() {
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    let pages: Vec<_> =
        summary.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(pages.len() >= 8);
    for page in pages {
        assert!(root().join("docs/src").join(page).is_file(), "{page} is missing");
    }
}
