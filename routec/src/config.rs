//! `route.toml`: what holds for every stack below its folder. The nearest one upward counts.
//!
//! ```toml
//! [check]
//! flows = "flows.json"          # relative to this file
//! output-format = "concise"
//! as = "gateway"                # the runtime of the fleet
//!
//! [params]
//! hot = 38
//!
//! [levels]                      # by code or name: deny, warn or allow; `warnings` are all that warn
//! unused = "allow"
//!
//! [lsp]
//! recordings = ["recorded.ndjson"]  # messages whose fields editors complete, relative to this file
//! ```

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use route_compiler::Levels;
use route_compiler::suggest::nearest;
use route_grammar::Level;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::Fault;
use crate::input;
use crate::render::Format;

/// The name of the file.
pub(crate) const NAME: &str = "route.toml";

/// What a `route.toml` says; nothing when there is none.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// `[check] flows`, as seen from here.
    pub(crate) flows: Option<PathBuf>,
    /// `[check] output-format`
    pub(crate) format: Option<Format>,
    /// `[check] as`
    pub(crate) as_runtime: Option<String>,
    /// `[params]`, as text that is read by the parameter's type.
    pub(crate) params: Vec<(String, String)>,
    /// `[levels]`
    pub(crate) levels: Levels,
    /// `[lsp] recordings`, as seen from here.
    pub(crate) recordings: Vec<PathBuf>,
}

impl Config {
    /// The nearest `route.toml` from a folder upward.
    pub(crate) fn near(folder: &Path) -> Result<Self, Fault> {
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let Some(found) = absolute.ancestors().map(|f| f.join(NAME)).find(|path| path.is_file()) else {
            return Ok(Self::default());
        };
        // Said as the user would say it: below or above the folder where they are.
        let here = std::env::current_dir().unwrap_or_default();
        let shown = found.strip_prefix(&here).map(Path::to_owned).unwrap_or(found);
        Self::parse(&input::read(&shown)?, &shown)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Fault> {
        let table = DeTable::parse(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            wrong(path, text, at, e.message())
        })?;
        let mut reader = Reader { text, path, config: Self::default() };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "check" => reader.check(reader.table(value)?)?,
                "params" => reader.params(reader.table(value)?)?,
                "levels" => reader.levels(reader.table(value)?)?,
                "lsp" => reader.lsp(reader.table(value)?)?,
                other => return Err(reader.unknown(other, key, &["check", "params", "levels", "lsp"])),
            }
        }
        Ok(reader.config)
    }
}

type Table<'t> = &'t DeTable<'t>;
type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Value<'t> = Spanned<DeValue<'t>>;

struct Reader<'t> {
    text: &'t str,
    path: &'t Path,
    config: Config,
}

impl Reader<'_> {
    fn check(&mut self, table: Table<'_>) -> Result<(), Fault> {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "flows" => {
                    let folder = self.path.parent().unwrap_or(Path::new(""));
                    self.config.flows = Some(folder.join(self.string(value)?));
                }
                "output-format" => {
                    let name = self.string(value)?;
                    let format = Format::from_str(name, false).map_err(|_| {
                        let known: Vec<String> = Format::value_variants().iter().map(name_of).collect();
                        self.wrong(value, &format!("`{name}` is no output format"))
                            .help(format!("formats are {}", known.join(", ")))
                    })?;
                    self.config.format = Some(format);
                }
                "as" => self.config.as_runtime = Some(self.string(value)?.to_owned()),
                other => return Err(self.unknown(other, key, &["flows", "output-format", "as"])),
            }
        }
        Ok(())
    }

    fn params(&mut self, table: Table<'_>) -> Result<(), Fault> {
        for (key, value) in table {
            let text = match value.get_ref() {
                DeValue::String(text) => text.clone().into_owned(),
                DeValue::Integer(n) if n.radix() == 10 => n.as_str().to_owned(),
                DeValue::Float(n) => n.as_str().to_owned(),
                DeValue::Boolean(b) => b.to_string(),
                _ => return Err(self.wrong(value, "a parameter is a text, a number or a truth value")),
            };
            self.config.params.push((key.get_ref().clone().into_owned(), text));
        }
        Ok(())
    }

    fn levels(&mut self, table: Table<'_>) -> Result<(), Fault> {
        for (key, value) in table {
            let level = match self.string(value)? {
                "deny" => Level::Deny,
                "warn" => Level::Warn,
                "allow" => Level::Allow,
                other => {
                    let fault = self.wrong(value, &format!("`{other}` is no level"));
                    return Err(fault.help("levels are `deny`, `warn` and `allow`"));
                }
            };
            self.config.levels.set(key.get_ref(), level).map_err(|why| self.wrong(key, &why))?;
        }
        Ok(())
    }

    fn lsp(&mut self, table: Table<'_>) -> Result<(), Fault> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("recordings", DeValue::Array(files)) => {
                    for file in files {
                        let path = folder.join(self.string(file)?);
                        self.config.recordings.push(path);
                    }
                }
                ("recordings", _) => return Err(self.wrong(value, "a list of files is wanted here")),
                (other, _) => return Err(self.unknown(other, key, &["recordings"])),
            }
        }
        Ok(())
    }

    fn table<'v>(&self, value: &'v Value<'v>) -> Result<Table<'v>, Fault> {
        value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong(value, "a table is wanted here, such as `[check]`"))
    }

    fn string<'v>(&self, value: &'v Value<'_>) -> Result<&'v str, Fault> {
        value.get_ref().as_str().ok_or_else(|| self.wrong(value, "a text in quotes is wanted here"))
    }

    fn unknown(&self, name: &str, key: &Key<'_>, known: &[&str]) -> Fault {
        let fault = self.wrong(key, &format!("there is no key `{name}`"));
        fault.help(match nearest(name, known.iter().copied()) {
            Some(near) => format!("there is `{near}`"),
            None => format!("there are `{}`", known.join("`, `")),
        })
    }

    fn wrong<T>(&self, at: &Spanned<T>, why: &str) -> Fault {
        wrong(self.path, self.text, at.span().start, why)
    }
}

fn wrong(path: &Path, text: &str, at: usize, why: &str) -> Fault {
    let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    Fault::new(format!("`{}`, line {line}: {why}", path.display()))
}

fn name_of(format: &Format) -> String {
    format.to_possible_value().map(|value| format!("`{}`", value.get_name())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("home/route.toml")).map_err(|fault| fault.to_string())
    }

    #[test]
    fn all_keys() {
        let text = "[check]\nflows = \"../flows.json\"\noutput-format = \"json-lines\"\nas = \"attic\"\n\n\
                    [params]\nhot = 38.5\nmost = 1_000\nsite = \"north\"\nnight = true\n\n\
                    [levels]\nunused = \"allow\"\nR3002 = \"deny\"\nwarnings = \"warn\"\n\n[lsp]\nrecordings = [\"a.ndjson\"]\n";
        let config = parse(text).unwrap();
        assert_eq!(config.flows.unwrap(), Path::new("home/../flows.json"));
        assert_eq!((config.format, config.as_runtime.as_deref()), (Some(Format::JsonLines), Some("attic")));
        let params: Vec<String> =
            config.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(params, ["hot=38.5", "most=1000", "night=true", "site=north"]);
        assert_eq!(config.recordings, [Path::new("home/a.ndjson")]);
        assert_eq!(config.levels.of(route_compiler::codes::UNUSED), Level::Allow);
        assert_eq!(config.levels.of(route_compiler::codes::UNBOUNDED_BREAK), Level::Deny);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, said) in [
            ("[check]\nflow = \"x\"\n", "line 2: there is no key `flow`\n  help: there is `flows`"),
            ("[chekc]\n", "line 1: there is no key `chekc`\n  help: there is `check`"),
            ("[levels]\nunusd = \"deny\"\n", "line 2: there is no rule `unusd`; there is `unused`"),
            ("[levels]\nunused = \"off\"\n", "line 2: `off` is no level\n  help: levels are"),
            ("[levels]\nunknown-node = \"warn\"\n", "line 2: `unknown-node` is always an error"),
            ("[check]\nflows = 3\n", "line 2: a text in quotes is wanted here"),
            ("check = 3\n", "line 1: a table is wanted here"),
            (
                "[check]\noutput-format = \"xml\"\n",
                "line 2: `xml` is no output format\n  help: formats are `full`",
            ),
            ("[params]\nhot = [1]\n", "line 2: a parameter is a text, a number or a truth value"),
            ("[check\n", "line 1: "),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(fault.starts_with("error: `home/route.toml`, ") && fault.contains(said), "{fault}");
        }
    }
}
