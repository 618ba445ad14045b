//! All files of `src/` together: the order of their rooms, and circles among their imports.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Module, Source};

/// The files by their modules, and the table of rooms.
pub struct House {
    rooms: Vec<String>,
    files: BTreeMap<Module, Source>,
}

/// Where an import leads.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// The file that defines what is imported.
    module: Module,
    /// The file that passes it on, where that is another one.
    through: Option<Module>,
}

impl House {
    /// These files, and the rooms in the order of the table.
    pub fn new(rooms: Vec<String>, files: impl IntoIterator<Item = Source>) -> Self {
        let all: BTreeMap<_, _> =
            files.into_iter().map(|file| (file.module.clone(), file)).collect();
        // What no module declares is compiled for tests alone, or into other programs.
        let is_declared = |module: &Module| {
            (2..=module.len()).all(|end| {
                let (name, parent) = module[..end].split_last().expect("it has a name");
                all.get(parent).is_some_and(|file| file.children.contains(name))
            })
        };
        let declared: BTreeSet<_> = all.keys().filter(|m| is_declared(m)).cloned().collect();
        let files = all.into_iter().filter(|(module, _)| declared.contains(module)).collect();
        Self { rooms, files }
    }

    /// What is wrong: rooms that the table does not have, imports from rooms further down, through a
    /// parent, and in circles.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut edges: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
        for (module, file) in self.files.iter().filter(|(module, _)| !module.is_empty()) {
            let Some(own) = self.place(module) else {
                faults.push(format!("`{}` is not in the table of rooms", module[0]));
                continue;
            };
            for import in &file.imports {
                let target = match self.resolve(module, &import.path) {
                    Ok(target) => target,
                    Err(reason) => {
                        faults.push(format!("{}: {reason}", name(module)));
                        continue;
                    }
                };
                let Some(Target { module: found, through }) = target else { continue };
                if found.first() != module.first() {
                    if self.place(&found).is_none_or(|place| place > own) {
                        let (from, to) = (name(module), name(&found));
                        faults.push(format!("{from} imports from {to}, a room further down"));
                    }
                    continue;
                }
                if let Some(parent) = through.filter(|parent| module.starts_with(parent)) {
                    let (path, parent) = (import.path.join("::"), name(&parent));
                    let (from, to) = (name(module), name(&found));
                    faults.push(format!("{from} imports {path} through {parent}, not from {to}"));
                }
                if found != *module && is_used(file, import) {
                    edges.entry(module).or_default().insert(found);
                }
            }
        }
        faults.extend(circles(&edges).iter().map(|circle| {
            let names: Vec<_> = circle.iter().map(name).collect();
            format!("circle: {}", names.join(" ↔ "))
        }));
        faults
    }

    /// The place of a module's room in the table.
    fn place(&self, module: &Module) -> Option<usize> {
        self.rooms.iter().position(|room| Some(room) == module.first())
    }

    /// The file that defines what a path leads to; none outside of the crate.
    fn resolve(&self, from: &Module, path: &[String]) -> Result<Option<Target>, String> {
        let mut at = from.clone();
        let mut rest = path;
        if path[0] == "crate" || path[0] == "softac" {
            at.clear();
            rest = &path[1..];
        } else if path[0] == "super" || path[0] == "self" {
            while let [first, after @ ..] = rest {
                match first.as_str() {
                    "super" => at.truncate(at.len() - 1),
                    "self" => {}
                    _ => break,
                }
                rest = after;
            }
        } else if !self.files[from].children.contains(&path[0]) {
            return Ok(None);
        }
        while let [segment, after @ ..] = rest {
            let below = [&at[..], std::slice::from_ref(segment)].concat();
            if self.files.contains_key(&below) {
                (at, rest) = (below, after);
                continue;
            }
            let file = &self.files[&at];
            if segment == "*" || file.defined.contains(segment) {
                break;
            }
            let named = |import: &&Import| import.name.as_ref() == Some(segment);
            if let Some(import) = file.imports.iter().find(named) {
                let path = [&import.path[..], after].concat();
                // The root passes on what every file may use.
                let through = Some(at.clone()).filter(|through| !through.is_empty());
                let target = self.resolve(&at, &path)?;
                return Ok(target.map(|Target { module, .. }| Target { module, through }));
            }
            if at.is_empty() {
                // Macros, and what is not of this crate.
                let is_macro = |file: &&Source| file.defined.contains(segment);
                let module = self.files.values().find(is_macro).map(|file| file.module.clone());
                return Ok(module.map(|module| Target { module, through: None }));
            }
            return Err(format!("`{}` cannot be followed", path.join("::")));
        }
        Ok(Some(Target { module: at, through: None }))
    }
}

/// Whether the file itself uses an import, rather than only passing it on.
fn is_used(file: &Source, import: &Import) -> bool {
    !import.listed || import.name.as_ref().is_some_and(|name| file.mentions(name))
}

fn name(module: &Module) -> String {
    module.join("::")
}

/// Sets of two or more files that all import each other, directly or not.
fn circles(edges: &BTreeMap<&Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let (mut seen, mut todo) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = todo.pop() {
            for next in edges.get(&module).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    todo.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<_, _> = edges.keys().map(|&module| (module, reached(module))).collect();
    let mut circles = BTreeSet::new();
    for (&module, targets) in &reached {
        let back =
            |target: &&Module| reached.get(*target).is_some_and(|back| back.contains(module));
        let circle: BTreeSet<_> = targets.iter().filter(back).cloned().collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}
