//! Numbers and texts as they stand in C and Rust: filters for the templates.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

/// Columns of a line of numbers, at most.
const WIDTH: usize = 110;

/// Makes them known to the templates.
pub(super) fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("number", |x: Value, suffix: &str| number(&x, suffix));
    environment.add_filter("numbers", |x: Value, suffix: &str| {
        Ok::<_, Error>(lines("        ", &elements(&x, |x| number(x, suffix))?))
    });
    environment.add_filter("row", |x: Value, suffix: &str| {
        Ok::<_, Error>(elements(&x, |x| number(x, suffix))?.join(", "))
    });
    environment.add_filter("words", |x: Value, suffix: &str| {
        Ok::<_, Error>(lines("        ", &elements(&x, |x| Ok(word(as_word(x)?) + suffix))?))
    });
    environment.add_filter("word", |x: Value| Ok::<_, Error>(word(as_word(&x)?)));
    environment.add_filter("nested", |x: Value, shape: Vec<usize>, depth: usize| {
        nested(&x, &shape, depth)
    });
    environment.add_filter("string_literal", |text: &str| string_literal(text));
}

fn elements(
    list: &Value,
    literal: impl Fn(&Value) -> Result<String, Error>,
) -> Result<Vec<String>, Error> {
    list.try_iter()?.map(|x| literal(&x)).collect()
}

/// The shortest literal that is read as this very number: `0.1f`, `1e-7f`, `-0.0f`, and `-3` for an integer.
fn number(x: &Value, suffix: &str) -> Result<String, Error> {
    if x.kind() == ValueKind::Number && x.is_integer() {
        return Ok(x.to_string());
    }
    let x = f64::try_from(x.clone())? as f32;
    if !x.is_finite() {
        return Err(Error::new(ErrorKind::InvalidOperation, "only finite numbers are parameters"));
    }
    Ok(format!("{x:?}{suffix}"))
}

fn as_word(x: &Value) -> Result<u32, Error> {
    u32::try_from(x.clone())
}

fn word(bits: u32) -> String {
    format!("0x{bits:08x}")
}

/// Several to a line, with a comma after each.
fn lines(indent: &str, literals: &[String]) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for literal in literals {
        if line.len() + literal.len() + 2 > WIDTH {
            text += &format!("{indent}{}\n", line.trim_end());
            line.clear();
        }
        line += literal;
        line += ", ";
    }
    text + indent + line.trim_end()
}

/// An array of arrays of this shape in Rust, which begins on a line that is indented `depth` times.
fn nested(list: &Value, shape: &[usize], depth: usize) -> Result<String, Error> {
    let literals = elements(list, |x| number(x, ""))?;
    let mut text = String::new();
    nest(&literals, shape, depth, &mut text);
    Ok(text)
}

fn nest(literals: &[String], shape: &[usize], depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    match *shape {
        [] => text.push_str(&literals.concat()),
        [0, ..] => text.push_str("[]"),
        // Rows of nothing are all the same.
        [count, .., 0] => text.push_str(&format!("[[]; {count}]")),
        [count] if literals.len() == count && count <= 8 => {
            text.push_str(&format!("[{}]", literals.join(", ")));
        }
        [_] => {
            text.push_str(&format!("[\n{}\n{indent}]", lines(&format!("{indent}    "), literals)))
        }
        [count, ref rest @ ..] => {
            text.push_str("[\n");
            for part in literals.chunks(literals.len() / count) {
                text.push_str(&format!("{indent}    "));
                nest(part, rest, depth + 1, text);
                text.push_str(",\n");
            }
            text.push_str(&format!("{indent}]"));
        }
    }
}

/// What is no printable ASCII character becomes a question mark: the two languages write others differently.
fn string_literal(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' => "\\\"".to_string(),
        '\\' => "\\\\".to_string(),
        ' '..='~' => c.to_string(),
        _ => "?".to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(x: f32) -> String {
        number(&Value::from(f64::from(x)), "f").unwrap()
    }

    #[test]
    fn a_number_is_read_again_to_the_bit() {
        let numbers = [0.1, -0.0, 1e-45, f32::MAX, f32::MIN_POSITIVE, 1.0 / 3.0, 16_777_217.0, 2e9];
        for x in numbers {
            let text = literal(x);
            let read: f32 = text.strip_suffix('f').unwrap().parse().unwrap();
            assert_eq!(read.to_bits(), x.to_bits(), "{text}");
            assert!(text.contains('.') || text.contains('e'), "{text} is no number in C");
        }
        assert_eq!(number(&Value::from(-3), "f").unwrap(), "-3");
        assert!(number(&Value::from(f64::NAN), "f").is_err());
    }

    #[test]
    fn arrays_of_arrays_have_their_shape_even_where_there_is_nothing() {
        let of =
            |numbers: Vec<i32>, shape: &[usize]| nested(&Value::from(numbers), shape, 0).unwrap();
        let flat = |text: String| text.split_whitespace().collect::<String>();
        assert_eq!(of(vec![1, 2], &[2]), "[1, 2]");
        assert_eq!(flat(of(vec![1, 2, 3, 4], &[2, 2])), "[[1,2],[3,4],]");
        assert_eq!(of(vec![], &[0, 3, 16]), "[]");
        assert_eq!(of(vec![], &[3, 0]), "[[]; 3]");
        let long = flat(of((0..20).collect(), &[20]));
        assert!(long.starts_with("[0,1,") && long.ends_with(",19,]"), "{long}");
    }

    #[test]
    fn a_text_cannot_end_its_literal() {
        assert_eq!(string_literal(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(string_literal("ä\n"), "\"??\"");
    }
}
