//! How a stack is compiled: `route.toml`, then the environment, then the flags. What comes later wins.

use std::path::Path;

use route_compiler::Levels;
use route_grammar::Level;

use crate::args::Compile;
use crate::config::Config;
use crate::fault::Fault;

/// The settings of one compilation.
pub(crate) struct Settings {
    /// `--param`
    pub(crate) params: Vec<(String, String)>,
    /// Parameters that are set for more than this stack, by `route.toml` or the environment.
    pub(crate) ambient: Vec<(String, String)>,
    pub(crate) as_runtime: Option<String>,
    pub(crate) levels: Levels,
}

impl Settings {
    /// For a stack in this folder.
    pub(crate) fn of(folder: &Path, how: &Compile) -> Result<Self, Fault> {
        let config = Config::near(folder)?;
        let mut levels = config.levels;
        for (flag, rules, level) in [
            ("deny", &how.deny, Level::Deny),
            ("warn", &how.warn, Level::Warn),
            ("allow", &how.allow, Level::Allow),
        ] {
            for rule in rules {
                levels.set(rule, level).map_err(|why| Fault::new(format!("`--{flag} {rule}`: {why}")))?;
            }
        }
        let mut ambient = config.params;
        ambient.extend(environment());
        Ok(Self {
            params: given(&how.params)?,
            ambient,
            as_runtime: how.as_runtime.clone().or(config.as_runtime),
            levels,
        })
    }

    /// Every parameter; of two of one name the later counts.
    pub(crate) fn all_params(self) -> Vec<(String, String)> {
        let mut all = self.ambient;
        all.extend(self.params);
        all
    }
}

/// `ROUTE_PARAM_NAME`
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars().filter_map(|(name, value)| {
        name.strip_prefix("ROUTE_PARAM_").map(|name| (name.to_ascii_lowercase(), value))
    })
}

/// `NAME=VALUE`, each.
pub(crate) fn given(params: &[String]) -> Result<Vec<(String, String)>, Fault> {
    let split = |flag: &String| {
        let (name, value) = flag.split_once('=').ok_or_else(|| {
            Fault::new(format!("`--param {flag}` has no value")).help("write `--param name=value`")
        })?;
        Ok((name.to_owned(), value.to_owned()))
    };
    params.iter().map(split).collect()
}
