//! What a rule is: one kind of finding, with its code, its name and its long form.

use serde::{Serialize, Serializer};

use crate::diagnostic::Severity;

/// How a rule is taken unless someone says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing can be compiled; cannot be lowered.
    Error,
    /// An error that may be lowered.
    Deny,
    /// A warning.
    Warn,
    /// Silent unless asked for.
    Allow,
}

/// Whether findings of a rule come with an edit that may be applied without looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// Never.
    None,
    /// Where it is certain what was meant.
    Sometimes,
    /// Always.
    Always,
}

/// One kind of finding. Made with [`rule!`](crate::rule!), one file each.
#[derive(Debug)]
pub struct Rule {
    /// Stable code such as `R1001`, never reused.
    pub code: &'static str,
    /// Name after the fault, such as `unknown-node`.
    pub name: &'static str,
    /// Default level.
    pub level: Level,
    /// Whether `--fix` helps.
    pub fix: Fix,
    /// The long form in Markdown: a title line, why it matters, `## Fails` and `## Passes`.
    pub doc: &'static str,
}

impl Rule {
    /// The first line of the long form, without its full stop.
    pub fn title(&self) -> &'static str {
        self.doc.trim_start().lines().next().unwrap_or_default().trim_end_matches('.')
    }

    /// How grave its findings are unless someone says otherwise.
    pub fn severity(&self) -> Severity {
        match self.level {
            Level::Error | Level::Deny => Severity::Error,
            Level::Warn | Level::Allow => Severity::Warning,
        }
    }

    /// The long form as `routec explain` prints it.
    pub fn explanation(&self) -> String {
        let level = match self.level {
            Level::Error => "Always an error.",
            Level::Deny => "An error, unless its level is lowered.",
            Level::Warn => "A warning, unless its level is changed.",
            Level::Allow => "Silent, unless its level is raised.",
        };
        let fix = match self.fix {
            Fix::None => "",
            Fix::Sometimes => " `routec check --fix` solves it where it is certain what was meant.",
            Fix::Always => " `routec check --fix` solves it.",
        };
        let body: Vec<&str> = lines(self.doc).skip(1).collect();
        let body = body.join("\n");
        format!("# {} ({})\n\n{}. {level}{fix}\n\n{}\n", self.name, self.code, self.title(), body.trim())
    }

    /// The examples of the long form.
    pub fn examples(&self) -> Vec<Example<'static>> {
        examples(self.doc)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// A rule is known by its code.
impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

/// A fenced block of a long form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example<'t> {
    /// The heading that it stands under: `Fails`, `Passes`, or something else.
    pub heading: &'t str,
    /// The words after the fence: `route`, `json`, `route common.route`, `sh`.
    pub info: &'t str,
    /// The lines of the block.
    pub text: String,
}

/// A doc comment line by line, without the space after its slashes.
fn lines(doc: &str) -> impl Iterator<Item = &str> {
    doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
}

fn examples(doc: &str) -> Vec<Example<'_>> {
    let mut found: Vec<Example<'_>> = Vec::new();
    let (mut heading, mut open) = ("", false);
    for line in lines(doc) {
        match line.strip_prefix("```") {
            Some(info) if !open => {
                open = true;
                found.push(Example { heading, info: info.trim(), text: String::new() });
            }
            Some(_) => open = false,
            None if open => {
                if let Some(block) = found.last_mut() {
                    block.text += line;
                    block.text.push('\n');
                }
            }
            None => heading = line.strip_prefix("## ").unwrap_or(heading).trim(),
        }
    }
    found
}

/// Declares the rule of a file as `RULE`: its long form as doc comment, code, name, level, and fix.
///
/// ```
/// route_grammar::rule! {
///     /// A name that is too short.
///     ///
///     /// Nobody can read it.
///     "R9999" "short-name" Warn, Sometimes
/// }
/// assert_eq!(RULE.title(), "A name that is too short");
/// ```
#[macro_export]
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $code:literal $name:literal $level:ident, $fix:ident) => {
        $(#[doc = $doc])+
        pub const RULE: &$crate::Rule = &$crate::Rule {
            code: $code,
            name: $name,
            level: $crate::Level::$level,
            fix: $crate::Fix::$fix,
            doc: concat!($($doc, "\n"),+),
        };
    };
}

/// Declares the modules of a family of rules, a constant for each, and the list of all.
#[macro_export]
macro_rules! rules {
    ($($module:ident $name:ident)*) => {
        $(pub mod $module;)*
        /// The rules of this family, each as a constant.
        pub mod codes {
            $(pub use super::$module::RULE as $name;)*
        }
        /// The rules of this family, by ascending code.
        pub const ALL: &[&$crate::Rule] = &[$($module::RULE),*];
    };
}

#[cfg(test)]
mod tests {
    use super::{Example, examples};

    #[test]
    fn examples_stand_under_their_headings() {
        let doc = " A title.\n\n ## Fails\n ```route\n let a = *\n ```\n and\n ```json flows.json\n []\n ```\n ## Passes\n";
        let example = |info, text: &str| Example { heading: "Fails", info, text: text.to_owned() };
        assert_eq!(examples(doc), [example("route", "let a = *\n"), example("json flows.json", "[]\n")]);
    }
}
