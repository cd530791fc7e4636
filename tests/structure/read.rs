//! What a file says about other files: its modules, and each path that it mentions.

use crate::token::{Token, tokens};

/// A path as it is written, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The modules inside the file around the path.
    pub(crate) inside: Vec<String>,
    /// Its segments; the first may be `crate`, `$crate`, `self`, `super` or `::`, the last `*`.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

/// How a path is mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In code, such as `super::depth()`.
    Inline,
    /// In a `use`, which brings it into scope under a name.
    Use { name: String, is_public: bool },
}

/// What is read from a file.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) mentions: Vec<Mention>,
    /// The modules written in the file itself, each with the modules around it.
    pub(crate) modules: Vec<Vec<String>>,
    /// The items defined in the file, methods included, each with the modules around it.
    pub(crate) defined: Vec<Vec<String>>,
    /// The macros that the file exports, which puts them at the crate's root.
    pub(crate) exported: Vec<String>,
    /// The names that occur outside `use`.
    pub(crate) names: Vec<String>,
}

/// Reads a file.
pub(crate) fn read(text: &str) -> Facts {
    let tokens = tokens(text);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        depth: 0,
        inside: Vec::new(),
        is_export: false,
        facts: Facts::default(),
    };
    while reader.at < reader.tokens.len() {
        reader.item();
    }
    reader.facts
}

struct Reader<'a> {
    tokens: &'a [(Token<'a>, usize)],
    at: usize,
    /// How many braces are open.
    depth: usize,
    /// The modules that are open, each with the depth of its brace.
    inside: Vec<(&'a str, usize)>,
    /// Whether `#[macro_export]` has been read, but its macro has not.
    is_export: bool,
    facts: Facts,
}

impl<'a> Reader<'a> {
    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).map(|(token, _)| *token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(_, line)| *line)
    }

    /// Reads the next token, with all that belongs to it.
    fn item(&mut self) {
        let is_public = self.visibility();
        match (self.peek(0), self.peek(1), self.peek(2)) {
            // `use<'a>` is a bound.
            (Some(Token::Name("use")), Some(next), _) if next != Token::Char('<') => {
                self.at += 1;
                self.use_tree(&[], is_public);
            }
            (Some(Token::Name("mod")), Some(Token::Name(name)), Some(Token::Char('{'))) => {
                self.depth += 1;
                self.inside.push((name, self.depth));
                let path = self.modules();
                self.facts.modules.push(path);
                self.at += 3;
            }
            (Some(Token::Name("mod")), Some(Token::Name(_)), Some(Token::Char(';'))) => {
                self.at += 3;
            }
            (Some(Token::Name("macro_rules")), Some(Token::Char('!')), Some(Token::Name(name))) => {
                if std::mem::take(&mut self.is_export) {
                    self.facts.exported.push(name.to_owned());
                }
                self.at += 3;
            }
            (
                Some(Token::Name(
                    "struct" | "enum" | "union" | "fn" | "trait" | "type" | "const" | "static",
                )),
                Some(Token::Name(name)),
                _,
            ) => {
                let mut path = self.modules();
                path.push(name.to_owned());
                self.facts.defined.push(path);
                self.at += 2;
            }
            (Some(Token::Name(name)), _, _) => {
                self.is_export |= name == "macro_export";
                self.path();
            }
            // A path that begins with `::` leads to another crate.
            (Some(Token::Path), Some(Token::Name(_)), _) => self.at += 2,
            (Some(Token::Char('{')), _, _) => {
                self.depth += 1;
                self.at += 1;
            }
            (Some(Token::Char('}')), _, _) => {
                if self
                    .inside
                    .last()
                    .is_some_and(|(_, depth)| *depth == self.depth)
                {
                    self.inside.pop();
                }
                self.depth = self.depth.saturating_sub(1);
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    /// Passes over `pub` and `pub(…)`.
    fn visibility(&mut self) -> bool {
        if self.peek(0) != Some(Token::Name("pub")) {
            return false;
        }
        self.at += 1;
        let is_limited = matches!(
            self.peek(1),
            Some(Token::Name("crate" | "super" | "self" | "in"))
        );
        if self.peek(0) == Some(Token::Char('(')) && is_limited {
            while self.peek(0).is_some_and(|token| token != Token::Char(')')) {
                self.at += 1;
            }
            self.at += 1;
        }
        true
    }

    /// Reads a name in code, with the path that it begins.
    fn path(&mut self) {
        let line = self.line();
        let is_dollar = self.at > 0 && self.tokens[self.at - 1].0 == Token::Char('$');
        let mut path = Vec::new();
        while let Some(Token::Name(name)) = self.peek(0) {
            self.at += 1;
            path.push(if is_dollar && path.is_empty() {
                format!("${name}")
            } else {
                name.to_owned()
            });
            if !(self.peek(0) == Some(Token::Path) && matches!(self.peek(1), Some(Token::Name(_))))
            {
                break;
            }
            self.at += 1;
        }
        self.facts.names.push(path[0].clone());
        if path.len() > 1 {
            self.mention(path, line, Kind::Inline);
        }
    }

    /// Reads a tree of a `use` that follows `before`.
    fn use_tree(&mut self, before: &[String], is_public: bool) {
        let mut path = before.to_vec();
        loop {
            let line = self.line();
            match self.peek(0) {
                Some(Token::Path) => {
                    if path.is_empty() {
                        path.push("::".to_owned());
                    }
                    self.at += 1;
                }
                Some(Token::Char('$')) => self.at += 1,
                Some(Token::Char('*')) => {
                    self.at += 1;
                    path.push("*".to_owned());
                    self.mention(
                        path,
                        line,
                        Kind::Use {
                            name: "*".to_owned(),
                            is_public,
                        },
                    );
                    return;
                }
                Some(Token::Char('{')) => {
                    self.at += 1;
                    while self.peek(0).is_some_and(|token| token != Token::Char('}')) {
                        if self.peek(0) == Some(Token::Char(',')) {
                            self.at += 1;
                        } else {
                            self.use_tree(&path, is_public);
                        }
                    }
                    self.at += 1;
                    return;
                }
                Some(Token::Name(name)) => {
                    self.at += 1;
                    let is_again = name == "self" && !path.is_empty();
                    if !is_again {
                        path.push(name.to_owned());
                    }
                    if self.peek(0) != Some(Token::Path) {
                        let name = self
                            .alias()
                            .unwrap_or_else(|| path.last().cloned().unwrap_or_default());
                        self.mention(path, line, Kind::Use { name, is_public });
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    /// Reads the name after `as`.
    fn alias(&mut self) -> Option<String> {
        match (self.peek(0), self.peek(1)) {
            (Some(Token::Name("as")), Some(Token::Name(name))) => {
                self.at += 2;
                Some(name.to_owned())
            }
            _ => None,
        }
    }

    fn modules(&self) -> Vec<String> {
        self.inside
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    fn mention(&mut self, path: Vec<String>, line: usize, kind: Kind) {
        let inside = self.modules();
        self.facts.mentions.push(Mention {
            inside,
            path,
            line,
            kind,
        });
    }
}
