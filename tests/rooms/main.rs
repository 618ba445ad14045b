//! The table of rooms at the head of `lib.rs` gives the order in which modules depend on each other. These tests keep it
//! true: no file imports from a room further down, siblings import each other by file, and no imports form a circle.

mod house;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use house::House;
use source::{Module, Source};

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The first column of the table of rooms.
fn rooms(lib: &str) -> Vec<String> {
    let table = lib.split("# The rooms").nth(1).expect("`lib.rs` has a table of rooms");
    let lines = table.lines().skip_while(|line| !line.starts_with("//! |"));
    let rows = lines.take_while(|line| line.starts_with("//! |")).skip(2);
    let room = |line: &str| {
        let code = line.split('`').nth(1).expect("a row begins with a module in backticks");
        code.trim_start_matches("mod@").to_string()
    };
    rows.map(room).collect()
}

/// All files below a folder.
fn read(folder: &Path, module: &Module, files: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_string();
        let below = [&module[..], std::slice::from_ref(&stem)].concat();
        if path.is_dir() {
            read(&path, &below, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
            let module = if stem == "mod" || stem == "lib" { module.clone() } else { below };
            files.push(Source::new(module, &fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What is wrong with a house of these files and rooms.
fn faults(rooms: &[&str], files: &[(&str, &str)]) -> Vec<String> {
    let file = |&(path, text): &(&str, &str)| {
        let names = path.split("::").filter(|name| !name.is_empty());
        Source::new(names.map(String::from).collect(), text)
    };
    House::new(rooms.iter().map(ToString::to_string).collect(), files.iter().map(file)).faults()
}

#[test]
fn dependencies_point_upwards_in_the_table_of_rooms_and_never_in_circles() {
    let lib = fs::read_to_string(sources().join("lib.rs")).unwrap();
    let mut files = Vec::new();
    read(&sources(), &Module::new(), &mut files);
    assert!(files.len() > 150);
    let faults = House::new(rooms(&lib), files).faults();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_room_of_the_table_is_a_module() {
    let rooms = rooms(&fs::read_to_string(sources().join("lib.rs")).unwrap());
    assert!(rooms.len() >= 20);
    for room in rooms {
        let is_there = [format!("{room}.rs"), format!("{room}/mod.rs")]
            .iter()
            .any(|file| sources().join(file).is_file());
        assert!(is_there, "there is no module `{room}`");
    }
}

#[test]
fn an_import_from_a_room_further_down_is_found() {
    let lib = ("", "pub mod low; pub mod high;");
    let above = ("low", "pub struct Low;");
    let below = ("high", "use crate::low::Low;\npub struct High;");
    assert!(faults(&["low", "high"], &[lib, above, below]).is_empty());
    let below = ("high", "pub struct High;");
    for text in [
        "use crate::high::High;",
        "use crate::{\n    high::{\n        High,\n    },\n};",
        "fn f() { let x = crate::high::High; }",
        "pub(crate) use crate::high;",
        "use super::high::High as Higher;",
        "/// It says \"quite\n/// often\".\nconst Q: char = '\"'; use crate::high::High;",
    ] {
        let found = faults(&["low", "high"], &[lib, ("low", text), below]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with("low imports from high"), "{found:?}");
    }
}

#[test]
fn comments_texts_and_tests_import_nothing() {
    let lib = ("", "pub mod low; pub mod high;");
    let below = ("high", "pub struct High;");
    for text in [
        "// use crate::high::High;\n/* use crate::high::High; */",
        "const TEXT: &str = \"use crate::high::High;\"; const RAW: &str = r#\"\"use crate::high::High;\"#;",
        "#[cfg(test)]\nmod tests {\n    use crate::high::High;\n    fn f() {}\n}",
        "#[cfg(test)] use crate::high::High;",
        "fn f<'a>(x: &'a str) -> char { 'x' } // crate::high::High",
    ] {
        assert_eq!(faults(&["low", "high"], &[lib, ("low", text), below]), [""; 0], "{text}");
    }
}

#[test]
fn a_circle_of_files_is_found_whatever_its_length() {
    let room = ("room", "mod a; mod b; mod c; pub use a::A;");
    let a = ("room::a", "use super::b::B;\npub struct A;");
    let b = ("room::b", "use super::c::C;\npub struct B;");
    let open = ("room::c", "pub struct C;");
    assert!(faults(&["room"], &[room, a, b, open]).is_empty());
    let closed = ("room::c", "pub struct C;\nfn f(_: crate::room::a::A) {}");
    assert_eq!(faults(&["room"], &[room, a, b, closed]), ["circle: room::a ↔ room::b ↔ room::c"]);
}

#[test]
fn a_parent_that_uses_its_child_is_in_a_circle_with_it_and_one_that_lists_it_is_not() {
    let child = ("room::child", "use super::Parent;\npub struct Child;");
    let lists = ("room", "mod child; pub use child::Child;\npub struct Parent;");
    assert!(faults(&["room"], &[lists, child]).is_empty());
    for text in [
        "mod child; use child::Child;\npub struct Parent;",
        "mod child; pub use child::Child;\npub struct Parent(Child);",
        "mod child;\npub struct Parent;\nfn f() -> child::Child {}",
    ] {
        assert_eq!(faults(&["room"], &[("room", text), child]), ["circle: room ↔ room::child"]);
    }
}

#[test]
fn an_import_of_a_sibling_through_their_parent_is_found() {
    let room = ("room", "mod a; mod b; pub use a::{A, other as B};");
    let a = ("room::a", "pub struct A;\npub fn other() {}");
    for text in ["use super::A;", "use crate::room::{A};", "use super::B;"] {
        let found = faults(&["room"], &[room, a, ("room::b", text)]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains("through room, not from room::a"), "{found:?}");
    }
    assert!(faults(&["room"], &[room, a, ("room::b", "use super::a::A;")]).is_empty());
}

#[test]
fn a_module_that_is_passed_on_under_another_name_is_followed() {
    let lib = ("", "mod high; mod low; pub use high::part as other;");
    let high = [("high", "pub mod part;"), ("high::part", "pub struct Part;")];
    let low = ("low", "use crate::other::Part;");
    let found = faults(&["low", "high"], &[&[lib, low], &high[..]].concat());
    assert_eq!(found, ["low imports from high::part, a room further down"]);
}

#[test]
fn a_room_that_the_table_does_not_have_is_found() {
    let files = [("", "mod low; mod other;"), ("low", ""), ("other", "")];
    assert_eq!(faults(&["low"], &files), ["`other` is not in the table of rooms"]);
}
