//! The book holds together: every page is in its summary and every link leads somewhere, every test that it names
//! exists, its chapters have the sections that they promise, and no symbol comes before its definition. That what it includes exists, and that every equation
//! of the map has a chapter, `tests/map.rs` sees to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "support/formulas.rs"]
mod formulas;
use formulas::symbols;

/// What a chapter has, in this order; a heading may go on.
const SECTIONS: [&str; 7] = [
    "## Background",
    "## Key equations",
    "## Derivation",
    "## In code",
    "## The test",
    "## Elsewhere",
    "## Exercises",
];

/// Chapters that tell what they do instead of "Background" and "In code".
const OTHERWISE: [(&str, &str); 2] =
    [("gradient-checking.md", "## Background"), ("gradient-checking.md", "## In code")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files with this ending below a folder.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The pages by their names, without the summary.
fn pages() -> Vec<(String, String)> {
    let source = root().join("docs/src");
    let name = |path: &Path| path.strip_prefix(&source).unwrap().to_str().unwrap().to_string();
    let pages = files("docs/src", "md").into_iter().map(|path| (name(&path), read(path)));
    pages.filter(|(name, _)| name != "SUMMARY.md").collect()
}

fn page(name: &str) -> String {
    read(root().join("docs/src").join(name))
}

/// What is linked to, in the order of the text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link).collect()
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The chapters: the summary's first four parts, and that of the others which has exercises.
fn chapters() -> Vec<String> {
    let summary = page("SUMMARY.md");
    let first = summary.split("# How it is known to be right").next().unwrap();
    let first = first.split("# The objective").nth(1).unwrap();
    let chapters = links(first).into_iter().map(str::to_string);
    chapters.chain(["running.md".to_string()]).collect()
}

/// The anchors that mdBook makes of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = page("SUMMARY.md");
    let listed = links(&summary);
    for (name, _) in pages() {
        assert_eq!(listed.iter().filter(|&&link| link == name).count(), 1, "{name}");
    }
}

#[test]
fn every_link_between_pages_leads_to_a_page_and_a_heading() {
    for (name, text) in pages() {
        for link in links(&prose(&text)).into_iter().filter(|link| !link.contains("://")) {
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let from = root().join("docs/src").join(&name);
            let target = if target.is_empty() { from } else { from.parent().unwrap().join(target) };
            assert!(target.is_file(), "{name}: {link}");
            if !heading.is_empty() {
                assert!(anchors(&read(&target)).contains(heading), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_readme_and_the_map_lead_to_pages_that_exist() {
    let readme = read(root().join("README.md"));
    let links = links(&readme).into_iter().filter(|link| link.starts_with("docs/"));
    for link in links {
        assert!(root().join(link).is_file(), "{link}");
    }
}

#[test]
fn every_chapter_has_its_sections_in_order() {
    let chapters = chapters();
    assert!(chapters.len() >= 21, "{chapters:?}");
    for name in chapters {
        let text = prose(&page(&name));
        let mut rest = text.as_str();
        for section in SECTIONS {
            if OTHERWISE.contains(&(name.as_str(), section)) {
                continue;
            }
            let at = rest.find(&format!("\n{section}"));
            rest = &rest[at.unwrap_or_else(|| panic!("{name}: no {section} where it belongs"))..];
            rest = &rest[1..];
        }
    }
}

#[test]
fn every_chapter_has_answers_to_its_exercises() {
    let answers = page("answers.md");
    for name in chapters() {
        let text = prose(&page(&name));
        let exercises = text.split("\n## Exercises").nth(1).unwrap();
        let exercises = exercises.split("\n## ").next().unwrap();
        let asked = numbered(exercises);
        let answered = answers.split(&format!("]({name})\n")).nth(1);
        let answered = answered.unwrap_or_else(|| panic!("there are no answers to {name}"));
        assert!((3..=5).contains(&asked), "{name} has {asked} exercises");
        assert_eq!(numbered(answered.split("\n## ").next().unwrap()), asked, "{name}");
    }
}

/// How long a list is whose numbers begin with 1.
fn numbered(list: &str) -> usize {
    let starts = |number: usize| list.lines().any(|line| line.starts_with(&format!("{number}. ")));
    (1..).take_while(|&number| starts(number)).count()
}

#[test]
fn every_test_that_a_chapter_names_exists() {
    let sources: String =
        ["src", "tests"].iter().flat_map(|folder| files(folder, "rs")).map(read).collect();
    let mut named = 0;
    for (name, text) in pages() {
        let text = prose(&text);
        for section in text.split("\n## The test").skip(1) {
            let section = section.split("\n## ").next().unwrap();
            for code in section.split('`').skip(1).step_by(2) {
                // Names of tests are sentences; paths and types are not.
                let sentence =
                    code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if sentence && code.matches('_').count() >= 3 {
                    assert!(
                        sources.contains(&format!("fn {code}(")),
                        "{name}: there is no test {code}"
                    );
                    named += 1;
                } else if code.contains('/') {
                    assert!(root().join(code).exists(), "{name}: there is no {code}");
                }
            }
        }
    }
    assert!(named >= 60, "{named}");
}

#[test]
fn every_chapter_names_a_test() {
    for name in chapters() {
        let text = prose(&page(&name));
        let section = text.split("\n## The test").nth(1).unwrap().split("\n## ").next().unwrap();
        assert!(section.contains("_the_") || section.matches('_').count() >= 3, "{name}");
    }
}

#[test]
fn every_hole_is_on_its_page_with_tests_and_a_solution_and_its_chapter_leads_to_it() {
    let page_of_holes = page("holes.md");
    let holes = files("exercises/holes", "rs");
    assert!(holes.len() >= 15, "{holes:?}");
    for hole in holes {
        let file = hole.file_name().unwrap().to_str().unwrap();
        for folder in ["tests", "solutions"] {
            assert!(root().join("exercises").join(folder).join(file).is_file(), "{folder}/{file}");
        }
        let row = page_of_holes.lines().find(|line| line.contains(&format!("| `{file}` |")));
        let chapter = links(row.unwrap_or_else(|| panic!("{file} is not on its page")))[0];
        let text = read(&hole);
        assert!(text.contains(&format!("Chapter: `docs/src/{chapter}`")), "{file}: {chapter}");
        let chapter_text = page(chapter);
        let exercises = chapter_text.split("\n## Exercises").nth(1).unwrap();
        let link = exercises.lines().find(|line| line.contains("](holes.md#the-holes)"));
        assert!(link.is_some_and(|link| link.contains(&file[..2])), "{chapter} and {file}");
    }
}

#[test]
fn mathematics_is_balanced_and_no_cell_of_a_table_is_cut_by_a_bar_in_it() {
    for (name, text) in pages() {
        let text: String = prose(&text).split('`').step_by(2).collect();
        assert_eq!(text.matches("$$").count() % 2, 0, "{name}");
        for paragraph in text.split("\n\n") {
            assert_eq!(paragraph.matches('$').count() % 2, 0, "{name}: {paragraph}");
        }
        for row in text.lines().filter(|line| line.starts_with('|')) {
            let inside = row.split('$').skip(1).step_by(2);
            assert!(inside.clone().all(|math| !math.contains('|')), "{name}: {row}");
        }
    }
}

#[test]
fn no_symbol_is_used_before_the_chapter_that_defines_it() {
    let summary = page("SUMMARY.md");
    let order = links(&summary);
    let place = |name: &str| order.iter().position(|&page| page == name).unwrap();
    // A row of the notation page defines what is in its first cell, in the chapter that its last cell leads to.
    let mut defined = BTreeMap::new();
    let notation = page("notation.md");
    for row in notation.lines().filter(|line| line.starts_with('|')) {
        let chapter = links(row).last().map_or(0, |chapter| place(chapter));
        for symbol in symbols(row.split('|').nth(1).unwrap()) {
            let first = defined.entry(symbol).or_insert(chapter);
            *first = chapter.min(*first);
        }
    }
    assert!(defined.len() >= 60, "{defined:?}");
    for name in order.iter().filter(|&&name| name != "notation.md") {
        for symbol in symbols(&prose(&page(name))) {
            let first = defined.get(&symbol);
            let &first =
                first.unwrap_or_else(|| panic!("{name}: {symbol} is not on the page on notation"));
            assert!(first <= place(name), "{name}: {symbol} is defined in {} only", order[first]);
        }
    }
}
