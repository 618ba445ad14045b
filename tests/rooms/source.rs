//! One file of `src/`: its module, the names it defines, and the paths it imports.

use std::collections::BTreeSet;

/// The path of a module from the root of the crate; the root itself has none.
pub type Module = Vec<String>;

/// An imported path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// Its segments.
    pub path: Vec<String>,
    /// The name that it has in this file; none within an expression or a type.
    pub name: Option<String>,
    /// Whether the file passes it on: `pub use`.
    pub listed: bool,
}

/// A file without its comments, texts and tests.
#[derive(Debug)]
pub struct Source {
    pub module: Module,
    pub defined: BTreeSet<String>,
    /// The modules that have files of their own below it.
    pub children: BTreeSet<String>,
    pub imports: BTreeSet<Import>,
    words: Vec<String>,
}

impl Source {
    pub fn new(module: Module, text: &str) -> Self {
        let tokens = without_tests(&without_visibility(&tokens(text)));
        let mut source = Self {
            module,
            defined: BTreeSet::new(),
            children: BTreeSet::new(),
            imports: BTreeSet::new(),
            words: Vec::new(),
        };
        source.read_items(&tokens);
        source.read_paths(&tokens);
        source
    }

    /// Whether the file itself uses a name that it may also pass on.
    pub fn mentions(&self, name: &str) -> bool {
        self.words.iter().any(|word| word == name)
    }

    /// The names that are defined outside of all braces, and the types within: a macro may declare them in its own.
    fn read_items(&mut self, tokens: &[String]) {
        let mut depth = 0;
        for (i, token) in tokens.iter().enumerate() {
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                "mod" if depth == 0 && tokens.get(i + 2).is_some_and(|end| end == ";") => {
                    self.children.insert(tokens[i + 1].clone());
                }
                "struct" | "enum" | "union" | "trait" => {
                    self.defined.extend(tokens.get(i + 1).cloned());
                }
                "fn" | "const" | "static" | "type" if depth == 0 => {
                    self.defined.extend(tokens.get(i + 1).cloned());
                }
                "macro_rules" => self.defined.extend(tokens.get(i + 2).cloned()),
                _ => {}
            }
        }
    }

    fn read_paths(&mut self, tokens: &[String]) {
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            rest = after;
            // `$crate` is read where the macro is used.
            if token == "$" {
                rest = &rest[usize::from(!rest.is_empty())..];
                continue;
            }
            if token == "use" || token == LISTED {
                let end = after.iter().position(|token| token == ";").unwrap_or(after.len());
                let mut found = Vec::new();
                // A macro's own words are read where it is used.
                if !after[..end].iter().any(|token| token == "$") {
                    expand(&after[..end], &[], &mut found);
                }
                let listed = token == LISTED;
                self.imports.extend(found.into_iter().map(|(path, name)| Import {
                    path,
                    name: Some(name),
                    listed,
                }));
                rest = &after[end..];
                continue;
            }
            // The name of a module or of a type that is declared here is no use of an import of that name.
            if (token == "mod" || token == "type") && !rest.is_empty() {
                rest = &rest[1..];
                continue;
            }
            self.words.push(token.clone());
            let is_start = ["crate", "super", "softac"].contains(&token.as_str())
                || self.children.contains(token);
            if is_start && after.first().is_some_and(|next| next == "::") {
                let mut path = vec![token.clone()];
                while let [colons, word, more @ ..] = rest
                    && colons == "::"
                    && is_word(word)
                {
                    path.push(word.clone());
                    rest = more;
                }
                self.imports.insert(Import { path, name: None, listed: false });
            }
        }
    }
}

/// The token that stands for `pub use`.
const LISTED: &str = "pub use";

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The paths of a tree of imports, each with the name that it gets.
fn expand(tree: &[String], prefix: &[String], found: &mut Vec<(Vec<String>, String)>) {
    if tree.is_empty() {
        return;
    }
    let open = tree.iter().position(|token| token == "{");
    let part = &tree[..open.unwrap_or(tree.len())];
    let renamed = part.iter().position(|token| token == "as");
    let segments = part[..renamed.unwrap_or(part.len())].iter();
    let mut path = prefix.to_vec();
    path.extend(segments.filter(|token| is_word(token) || *token == "*").cloned());
    let Some(open) = open else {
        // `a::{self}` imports `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = renamed.map_or(path.last(), |at| part.get(at + 1)).cloned();
        found.extend(name.map(|name| (path, name)));
        return;
    };
    let (mut depth, mut from) = (0, open + 1);
    for (i, token) in tree.iter().enumerate().skip(open) {
        depth += i32::from(token == "{") - i32::from(token == "}");
        if (depth == 1 && token == ",") || (depth == 0 && token == "}") {
            expand(&tree[from..i], &path, found);
            from = i + 1;
        }
    }
}

/// Words and signs; comments are left out, and of texts and numbers nothing is kept.
fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let len = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(len) = raw_text(rest) {
            len
        } else if first == '"' {
            closing(rest, '"')
        } else if first == '\'' {
            // A lifetime is no character: its second sign is not followed by an apostrophe.
            let second = rest[1..].chars().next().map_or(0, char::len_utf8);
            let is_char = rest[1..].starts_with('\\') || rest[1 + second..].starts_with('\'');
            if is_char { closing(rest, '\'') } else { 1 }
        } else if first.is_ascii_digit() {
            word
        } else if word > 0 {
            tokens.push(rest[..word].into());
            word
        } else if rest.starts_with("::") {
            tokens.push("::".into());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.into());
            }
            first.len_utf8()
        };
        rest = &rest[len..];
    }
    tokens
}

/// The length of a text that begins so, up to this sign, unless a backslash stands before it.
fn closing(text: &str, sign: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        if c == sign && !escaped {
            return i + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The length of `r"…"`, `r#"…"#` and their like.
fn raw_text(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let content = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - content.len();
    Some(content.find(&end).map_or(text.len(), |at| begin + at + end.len()))
}

/// The tokens without visibilities, and `pub use` as one token.
fn without_visibility(tokens: &[String]) -> Vec<String> {
    let (mut kept, mut rest) = (Vec::new(), tokens);
    while let [token, after @ ..] = rest {
        rest = after;
        if token != "pub" {
            kept.push(token.clone());
            continue;
        }
        if rest.first().is_some_and(|next| next == "(") {
            let end = rest.iter().position(|token| token == ")").map_or(rest.len(), |end| end + 1);
            // `pub (A, B)` is a public field in a tuple.
            let inner = rest.get(1).map_or("", String::as_str);
            if ["crate", "super", "self", "in"].contains(&inner) {
                rest = &rest[end..];
            }
        }
        if let [next, after @ ..] = rest
            && next == "use"
        {
            kept.push(LISTED.into());
            rest = after;
        }
    }
    kept
}

/// The tokens without the items, fields and statements that are compiled for tests alone.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let (mut kept, mut rest) = (Vec::new(), tokens);
    while !rest.is_empty() {
        if starts_with(rest, &["#", "[", "cfg", "(", "test", ")", "]"]) {
            rest = &rest[7..];
            rest = &rest[item(rest)..];
        } else {
            kept.push(rest[0].clone());
            rest = &rest[1..];
        }
    }
    kept
}

fn starts_with(tokens: &[String], begin: &[&str]) -> bool {
    tokens.len() >= begin.len() && tokens.iter().zip(begin).all(|(token, sign)| token == sign)
}

/// How many tokens an item takes: up to the end of its braces, to a semicolon or comma, or to the end of what it is in.
fn item(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return i,
            ")" | "]" => depth -= 1,
            "}" if depth == 1 => return i + 1,
            "}" => depth -= 1,
            ";" | "," if depth == 0 => return i + 1,
            _ => {}
        }
    }
    tokens.len()
}
