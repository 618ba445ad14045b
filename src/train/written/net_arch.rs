//! Sizes of hidden layers: `64, 64`, `pi=64,64 qf=256,256`, `dict(pi=[64, 64], qf=[256, 256])`.

use toml::{Table, Value};

use super::brackets::without_brackets;
use super::number::{integer, whole_number};

const FORMS: &str = "it is one list, such as [256, 256], or one for the policy and one for the critics: \
                     { pi = [64, 64], qf = [256, 256] }";

/// The list of a text, or the lists that it has under names, of which any may be missing.
pub(super) fn read(text: &str) -> Option<Value> {
    sizes(text).or_else(|| named_lists(text).map(Value::Table))
}

/// The value in the form of `config.toml`: one list, or the two lists `pi` and `qf`.
pub(super) fn in_its_form(value: Value) -> Result<Value, &'static str> {
    match value {
        Value::Table(lists) => {
            let complete =
                lists.len() == 2 && ["pi", "qf"].iter().all(|&of| lists.contains_key(of));
            let lists = lists.into_iter().map(|(of, sizes)| Ok((of, list(sizes)?)));
            let lists = lists.collect::<Result<Table, &'static str>>()?;
            complete.then_some(Value::Table(lists)).ok_or(FORMS)
        }
        Value::String(text) => match read(&text) {
            Some(read) => in_its_form(read),
            None => Ok(Value::String(text)),
        },
        value => list(value),
    }
}

fn list(value: Value) -> Result<Value, &'static str> {
    match value {
        Value::Integer(size) => Ok(vec![size].into()),
        Value::Array(list) if list.iter().any(Value::is_table) => Err(FORMS),
        Value::Array(list) => Ok(Value::Array(list.into_iter().map(whole_number).collect())),
        Value::String(text) => sizes(&text).ok_or(FORMS),
        Value::Table(_) => Err(FORMS),
        value => Ok(value),
    }
}

fn sizes(text: &str) -> Option<Value> {
    let text = text.trim();
    let inner = without_brackets(text).trim_end_matches(',');
    if inner.is_empty() {
        return text.starts_with(['[', '(']).then(|| Value::Array(vec![]));
    }
    let sizes: Option<Vec<_>> = inner.split(',').map(integer).collect();
    sizes.map(Value::from)
}

fn named_lists(text: &str) -> Option<Table> {
    let text = text.trim();
    let inner = [("{", "}"), ("dict(", ")")]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    let mut lists = Table::new();
    let (first, mut rest) = inner.unwrap_or(text).split_once(['=', ':'])?;
    let mut name = unquoted(first);
    loop {
        // Between two names there are a list and the second name.
        let (part, behind) =
            rest.split_once(['=', ':']).map_or((rest, None), |(a, b)| (a, Some(b)));
        let (list, next) = if behind.is_some() { before_the_name(part) } else { (part, "") };
        let list = sizes(list.trim_end_matches(|c: char| c.is_whitespace() || c == ','))?;
        if lists.insert(name.to_string(), list).is_some() {
            return None;
        }
        let Some(behind) = behind else { return Some(lists) };
        (name, rest) = (next, behind);
    }
}

const QUOTES: [char; 2] = ['\'', '"'];

fn unquoted(name: &str) -> &str {
    name.trim().trim_matches(QUOTES)
}

/// `[64, 64], 'qf'` in two: the list, and the name behind it.
fn before_the_name(text: &str) -> (&str, &str) {
    let text = text.trim_end().trim_end_matches(QUOTES);
    let (list, name) = text.split_at(text.trim_end_matches(char::is_alphanumeric).len());
    (list.trim_end_matches(QUOTES), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn each(pi: Vec<i64>, qf: Vec<i64>) -> Value {
        Value::Table(Table::from_iter([("pi", pi), ("qf", qf)].map(|(k, v)| (k.into(), v.into()))))
    }

    #[test]
    fn sizes_are_read_with_and_without_brackets() {
        for text in ["64,32", "64, 32", "[64,32]", "[ 64 , 32 ]", "(64, 32)", "[6.4e1, 32,]"] {
            assert_eq!(read(text), Some(vec![64, 32].into()), "{text}");
        }
        assert_eq!(read("[]"), Some(Value::Array(vec![])));
        for text in ["", "[64", "64]", "64;32", "64,,32", "big", "=", "pi=", "pi=8 pi=8", "{pi}"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn values_of_toml_take_the_form_of_a_list_or_of_two() {
        let list = |sizes: &[i64]| Ok(Value::from(sizes.to_vec()));
        assert_eq!(in_its_form(64.into()), list(&[64]));
        assert_eq!(in_its_form(vec![6.4e1, 32.0].into()), list(&[64, 32]));
        assert_eq!(in_its_form("64, 32".into()), list(&[64, 32]));
        let table = |text: &str| in_its_form(Value::Table(text.parse().unwrap()));
        let expected = Ok(each(vec![64, 32], vec![8]));
        assert_eq!(table("pi = [64, 32]\nqf = [8]"), expected);
        assert_eq!(table("pi = \"64, 32\"\nqf = 8"), expected);
        // Not to be guessed: whoever reads it says what is wrong.
        assert_eq!(in_its_form("big".into()), Ok("big".into()));
    }

    #[test]
    fn shapes_that_there_are_not_are_answered_with_those_that_there_are() {
        for toml in ["pi = [8]", "qf = [8]", "pi = [8]\nvf = [8]", "pi = [8]\nqf = [8]\nvf = [8]"] {
            let table: Table = toml.parse().unwrap();
            assert!(in_its_form(Value::Table(table)).unwrap_err().contains("pi = [64, 64]"));
        }
        let shared: Table = "x = [64, { pi = [8], vf = [8] }]".parse().unwrap();
        assert_eq!(in_its_form(shared["x"].clone()), Err(FORMS));
        assert_eq!(in_its_form("dict(pi=[8])".into()), Err(FORMS));
        let nested: Table = "pi = { pi = [8], qf = [8] }\nqf = [8]".parse().unwrap();
        assert_eq!(in_its_form(Value::Table(nested)), Err(FORMS));
    }

    proptest! {
        #[test]
        fn two_lists_are_read_however_they_are_written(
            pi in proptest::collection::vec(0..5000_i64, 1..4),
            qf in proptest::collection::vec(0..5000_i64, 1..4),
            swapped in any::<bool>(),
        ) {
            let bare = |sizes: &[i64]| sizes.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            let lists = [("pi", &pi), ("qf", &qf)];
            let [(a, x), (b, y)] = if swapped { [lists[1], lists[0]] } else { lists };
            for text in [
                format!("{a}={} {b}={}", bare(x), bare(y)),
                format!("{a}={},{b}={}", bare(x), bare(y)),
                format!("{a}=[{}] {b}=({})", bare(x), bare(y)),
                format!("{{ {a} = {x:?}, {b} = {y:?} }}"),
                format!("dict({a}={x:?}, {b}={y:?})"),
                format!("dict( {a} = {x:?}, {b} = {y:?}, )"),
                format!("{{'{a}': {x:?}, '{b}': {y:?}}}"),
                format!("{{\"{a}\": {x:?}, \"{b}\": {y:?},}}"),
                format!("{{{a}:{x:?},{b}:{y:?}}}"),
            ] {
                prop_assert_eq!(in_its_form(text.clone().into()), Ok(each(pi.clone(), qf.clone())), "{}", text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9=:,;'\"(){}\\[\\] ]{0,20}|.{0,12}") {
            let _ = in_its_form(text.into());
        }
    }
}
