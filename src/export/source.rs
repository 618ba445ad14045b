//! C and Rust, from templates that read like code written by hand.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::context::Context;
use super::error::ExportError;
use super::literals::add_filters;
use super::model::Model;
use super::provenance::Provenance;
use super::vectors::SelfTest;

/// What a policy can be written in for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// One file in C99, which is C++ as well, and its header.
    C,
    /// One module in Rust.
    Rust,
}

/// The text of an export.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file.
    pub text: String,
    /// The header that goes with it.
    pub header: Option<String>,
    /// Bytes of its parameters on the device.
    pub parameter_bytes: usize,
}

const TEMPLATES: &[(&str, &str)] = &[
    ("policy.c", include_str!("templates/policy.c.jinja")),
    ("policy.h", include_str!("templates/policy.h.jinja")),
    ("float.c", include_str!("templates/float.c.jinja")),
    ("float_network.c", include_str!("templates/float_network.c.jinja")),
    ("float_checksum.c", include_str!("templates/float_checksum.c.jinja")),
    ("int8.c", include_str!("templates/int8.c.jinja")),
    ("int8_network.c", include_str!("templates/int8_network.c.jinja")),
    ("int8_checksum.c", include_str!("templates/int8_checksum.c.jinja")),
    ("int8.rs", include_str!("templates/int8.rs.jinja")),
    ("int8_network.rs", include_str!("templates/int8_network.rs.jinja")),
    ("int8_checksum.rs", include_str!("templates/int8_checksum.rs.jinja")),
    ("policy.rs", include_str!("templates/policy.rs.jinja")),
    ("axes.rs", include_str!("templates/axes.rs.jinja")),
    ("float.rs", include_str!("templates/float.rs.jinja")),
    ("float_network.rs", include_str!("templates/float_network.rs.jinja")),
    ("float_checksum.rs", include_str!("templates/float_checksum.rs.jinja")),
];

/// Writes the policy in a language. `name` begins the names of its functions.
///
/// # Errors
/// [`ExportError::Name`] for what is no name.
pub fn source(
    language: Language,
    name: &str,
    model: Model<'_>,
    provenance: &Provenance,
    test: &SelfTest,
) -> Result<Source, ExportError> {
    check_name(name)?;
    let context = Value::from(Serde(Context::of(name, model, provenance, test)));
    let render = |template: &str| environment()?.get_template(template)?.render(&context);
    let parameter_bytes = model.parameter_bytes();
    let (text, header) = match language {
        Language::C => (render("policy.c")?, Some(render("policy.h")?)),
        Language::Rust => (render("policy.rs")?, None),
    };
    Ok(Source { text, header, parameter_bytes })
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    add_filters(&mut environment);
    for &(name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

fn check_name(name: &str) -> Result<(), ExportError> {
    let letter = |c: char| c.is_ascii_lowercase();
    let begins = name.starts_with(letter) && name.len() <= 40;
    let fits = begins && name.chars().all(|c| letter(c) || c.is_ascii_digit() || c == '_');
    fits.then_some(()).ok_or_else(|| ExportError::Name { name: name.into() })
}
