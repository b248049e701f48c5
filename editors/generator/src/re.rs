//! Regular expressions as data, printed for Oniguruma, for JavaScript and for Vim.

/// A regular expression that stays on one line.
#[derive(Clone, Debug)]
pub enum Re {
    /// Exactly this.
    Text(String),
    /// One character of these, written as between brackets.
    One(&'static str),
    /// One character but these, written as between brackets.
    NoneOf(&'static str),
    /// Any character.
    Any,
    /// One of these as a whole word.
    Word(Vec<&'static str>),
    /// The place before a word.
    WordStart,
    /// A whole identifier.
    Ident,
    /// A whole identifier that is none of these.
    IdentBut(Vec<&'static str>),
    /// Blanks, or none.
    Gap,
    /// At least one blank.
    Blank,
    /// One after the other.
    Seq(Vec<Re>),
    /// The first that fits.
    Alt(Vec<Re>),
    /// Once or not at all.
    Maybe(Box<Re>),
    /// Any number of times.
    Many(Box<Re>),
    /// Before this.
    Ahead(Box<Re>),
    /// Not before this.
    NotAhead(Box<Re>),
    /// After this.
    Behind(Box<Re>),
    /// Not after this.
    NotBehind(Box<Re>),
    /// Not after a character of an identifier.
    NotInWord,
    /// Not before a character of an identifier.
    WordEnd,
    /// Where a line begins.
    LineStart,
    /// Where a line ends.
    LineEnd,
}

/// Exactly this text.
pub fn text(text: &str) -> Re {
    Re::Text(text.to_owned())
}

/// Whole words.
pub fn word(words: &[&'static str]) -> Re {
    Re::Word(words.to_vec())
}

/// Before this.
pub fn ahead(re: Re) -> Re {
    Re::Ahead(Box::new(re))
}

/// The flavours of regular expressions that differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Oniguruma,
    JavaScript,
}

impl Flavour {
    /// Characters of an identifier after the first, as between brackets.
    fn inner(self) -> &'static str {
        match self {
            Flavour::Oniguruma => r"\p{L}\p{M}\p{N}_",
            // Without the flag `u`, which old versions of highlight.js do not set.
            Flavour::JavaScript => r"A-Za-z0-9_\u0080-\uffff",
        }
    }
    /// The first character of an identifier, as between brackets.
    fn first(self) -> &'static str {
        match self {
            Flavour::Oniguruma => r"\p{L}_",
            Flavour::JavaScript => r"A-Za-z_\u0080-\uffff",
        }
    }
}

impl Re {
    /// For TextMate and Sublime Text. Has no capturing groups.
    pub fn oniguruma(&self) -> String {
        self.perl(Flavour::Oniguruma)
    }

    /// For highlight.js. Has no capturing groups.
    pub fn javascript(&self) -> String {
        self.perl(Flavour::JavaScript)
    }

    fn perl(&self, flavour: Flavour) -> String {
        let go = |re: &Re| re.perl(flavour);
        let inner = flavour.inner();
        let ident = format!("(?<![{inner}])[{}][{inner}]*", flavour.first());
        match self {
            Re::Text(text) => text
                .chars()
                .map(|c| if r"^$\.*+?()[]{}|/".contains(c) { format!("\\{c}") } else { c.to_string() })
                .collect(),
            Re::One(chars) => format!("[{chars}]"),
            Re::NoneOf(chars) => format!("[^{chars}]"),
            Re::Any => ".".to_owned(),
            Re::Word(words) => format!("(?<![{inner}])(?:{})(?![{inner}])", words.join("|")),
            // Oniguruma takes no look-behind within a look-behind.
            Re::WordStart => r"\b".to_owned(),
            Re::NotInWord => format!("(?<![{inner}])"),
            Re::WordEnd => format!("(?![{inner}])"),
            Re::Ident => ident,
            Re::IdentBut(words) => format!("(?!(?:{})(?![{inner}])){ident}", words.join("|")),
            Re::Gap => r"[ \t]*".to_owned(),
            Re::Blank => r"[ \t]+".to_owned(),
            Re::Seq(parts) => parts.iter().map(go).collect(),
            Re::Alt(parts) => format!("(?:{})", parts.iter().map(go).collect::<Vec<_>>().join("|")),
            Re::Maybe(re) => format!("(?:{})?", go(re)),
            Re::Many(re) => format!("(?:{})*", go(re)),
            Re::Ahead(re) => format!("(?={})", go(re)),
            Re::NotAhead(re) => format!("(?!{})", go(re)),
            // Oniguruma takes alternatives of several lengths only at the top of a look-behind.
            Re::Behind(re) => format!("(?<={})", top(&go(re))),
            Re::NotBehind(re) => format!("(?<!{})", top(&go(re))),
            Re::LineStart => "^".to_owned(),
            Re::LineEnd => "$".to_owned(),
        }
    }

    /// For Vim, to stand after `\v`.
    pub fn vim(&self) -> String {
        let many = |parts: &[Re]| parts.iter().map(Re::vim).collect::<Vec<_>>();
        match self {
            Re::Text(text) => text
                .chars()
                .map(|c| if c.is_alphanumeric() || c == '_' { c.to_string() } else { format!("\\{c}") })
                .collect(),
            // Between brackets Vim takes a backslash before `[` for itself.
            Re::One(chars) => format!("[{}]", chars.replace(r"\[", "[")),
            Re::NoneOf(chars) => format!("[^{chars}]"),
            Re::Any => ".".to_owned(),
            Re::Word(words) => format!("<%({})>", words.join("|")),
            Re::WordStart => "<".to_owned(),
            Re::NotInWord => r"\k@1<!".to_owned(),
            Re::WordEnd => r"\k@!".to_owned(),
            Re::Ident => r"<\K\k*".to_owned(),
            Re::IdentBut(words) => format!(r"<%(%({})>)@!\K\k*", words.join("|")),
            Re::Gap => r"[ \t]*".to_owned(),
            Re::Blank => r"[ \t]+".to_owned(),
            Re::Seq(parts) => many(parts).concat(),
            Re::Alt(parts) => format!("%({})", many(parts).join("|")),
            Re::Maybe(re) => format!("%({})=", re.vim()),
            Re::Many(re) => format!("%({})*", re.vim()),
            Re::Ahead(re) => format!("%({})@=", re.vim()),
            Re::NotAhead(re) => format!("%({})@!", re.vim()),
            Re::Behind(re) => format!("%({})@<=", re.vim()),
            Re::NotBehind(re) => format!("%({})@<!", re.vim()),
            Re::LineStart => "^".to_owned(),
            Re::LineEnd => "$".to_owned(),
        }
    }
}

/// Without the group around a whole alternation.
fn top(re: &str) -> &str {
    let Some(inner) = re.strip_prefix("(?:").and_then(|r| r.strip_suffix(')')) else { return re };
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return re;
        }
    }
    inner
}
