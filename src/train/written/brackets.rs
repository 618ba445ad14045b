//! Brackets around a value, which may be left out.

/// The text between brackets or parentheses; the text itself where there are none.
pub(super) fn without_brackets(text: &str) -> &str {
    let text = text.trim();
    let inner = [('[', ']'), ('(', ')')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.unwrap_or(text).trim()
}
