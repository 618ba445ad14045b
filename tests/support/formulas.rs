//! The symbols in the formulas of a Markdown page.

use std::collections::BTreeSet;

/// Letters without a meaning of their own: constants, functions, indices and variables of a sentence, and the number e.
const FREE: &str = "cefjknwx";
/// What follows these is text.
const UPRIGHT: [&str; 5] = ["begin", "end", "mathrm", "operatorname", "text"];
/// A letter in another style is another symbol.
const STYLES: [&str; 4] = ["mathbb", "mathbf", "mathcal", "mathsf"];
/// Over a letter, too.
const ACCENTS: [&str; 3] = ["bar", "hat", "tilde"];
const GREEK: [&str; 30] = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "varrho",
    "sigma",
    "varsigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "ell",
    "Gamma",
    "Delta",
];

/// All symbols of a page's formulas; code is no formula.
pub fn symbols(prose: &str) -> BTreeSet<String> {
    let text: String = prose.split('`').step_by(2).collect();
    let text = text.replace("$$", "$");
    text.split('$').skip(1).step_by(2).flat_map(of_formula).collect()
}

fn of_formula(formula: &str) -> Vec<String> {
    let (mut found, mut rest, mut before) = (Vec::new(), formula, ' ');
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\\' {
            let name = word(rest);
            rest = &rest[name.len()..];
            if UPRIGHT.contains(&name) {
                rest = argument(rest).1;
            } else if STYLES.contains(&name) {
                let (letter, after) = argument(rest);
                found.push(format!("\\{name} {letter}"));
                rest = after;
            } else if ACCENTS.contains(&name) {
                found.extend(accented(name, argument(rest).0));
            } else if GREEK.contains(&name) && !(name == "pi" && before == '2') {
                found.push(format!("\\{name}"));
            }
        } else if c.is_ascii_alphabetic() && !FREE.contains(c) {
            found.push(c.to_string());
        }
        before = c;
    }
    found
}

/// The letters of a command.
fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len())]
}

/// What a command is about, a group or a single thing, and what follows it.
fn argument(text: &str) -> (&str, &str) {
    let text = text.trim_start().trim_start_matches('*');
    if let Some(group) = text.strip_prefix('{') {
        return group.split_once('}').unwrap_or((group, ""));
    }
    let length = match text.strip_prefix('\\') {
        Some(rest) => 1 + word(rest).len(),
        None => text.chars().next().map_or(0, char::len_utf8),
    };
    text.split_at(length)
}

/// A bar means the adjoint, but over θ, φ and the entropy, where it makes another symbol; other accents always do.
fn accented(accent: &str, below: &str) -> Option<String> {
    let below = below.trim_start_matches('\\').trim();
    let name = if below.starts_with("mathcal") { "mathcal" } else { below };
    let plain = accent == "bar" && !["theta", "phi", "mathcal"].contains(&name);
    if name.is_empty() {
        return None;
    }
    Some(if plain { "\\bar".to_string() } else { format!("\\{accent} {name}") })
}
