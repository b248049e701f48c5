//! Arguments of the commands that talk to a running runtime.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use url::Url;

use super::Compile;

/// How a running runtime is found.
#[derive(Debug, Args)]
pub(crate) struct Control {
    /// `flows.json` or its folder as given to `routec run` [default: this folder]
    #[arg(long, global = true, default_value = ".", hide_default_value = true)]
    pub(crate) of: PathBuf,
    /// State folder, when `routec run` was given one
    #[arg(long, global = true)]
    pub(crate) state: Option<PathBuf>,
    /// Address of the runtime, instead of the one in the state folder: its control socket, or a Node-RED with the plugin
    /// (`http://host:1880`, with its admin root when it has one)
    #[arg(long, global = true, value_name = "http://…", value_parser = address)]
    pub(crate) target: Option<String>,
    /// The token [default: `ROUTE_TOKEN`, or the one in the state folder, for the runtime there alone]
    #[arg(long, global = true, conflicts_with = "token_file")]
    pub(crate) token: Option<String>,
    /// File with the token
    #[arg(long, global = true)]
    pub(crate) token_file: Option<PathBuf>,
    /// Log in to Node-RED under this name; the password is `ROUTE_PASSWORD`, or asked for
    #[arg(long, global = true, value_name = "NAME", requires = "target", conflicts_with_all = ["token", "token_file"])]
    pub(crate) user: Option<String>,
}

/// What to put in place.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["stack", "overlay", "remove"]))]
pub(crate) struct What {
    /// A `.route` file, a folder with one, a chain file, or a plan that `routec plan --out` wrote
    pub(crate) stack: Option<PathBuf>,
    /// Put this file on top of the stack in place, as a layer of its own
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// How long the overlay stays: `30s`, `10m`, `2h` [default: until it is removed]
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) time_ms: Option<f64>,
    /// Name of the overlay [default: its file's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Take the overlay of this name away
    #[arg(long, value_name = "NAME")]
    pub(crate) remove: Option<String>,
    /// Who says so, for others to see [default: your user name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) what: What,
    #[command(flatten)]
    pub(crate) compile: Compile,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Args)]
// `plan` makes plans, and takes none.
#[command(mut_arg("stack", |stack| stack.help("A `.route` file, a folder with one, or a chain file")))]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) what: What,
    /// Exit with 0 when nothing would change, 2 when something would, 1 after an error
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Write the plan to this file, for `routec apply FILE`
    #[arg(long, value_name = "FILE", conflicts_with = "remove")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) compile: Compile,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Number of the stack to return to [default: the one before]
    pub(crate) number: Option<u64>,
    /// Only list the stacks that there are
    #[arg(long, conflicts_with = "number")]
    pub(crate) list: bool,
    /// Who says so, for others to see [default: your user name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Show it again every second, until Ctrl-C
    #[arg(long, short)]
    pub(crate) watch: bool,
    /// Also the counts of each wire
    #[arg(long)]
    pub(crate) wires: bool,
    /// Also the state of each node
    #[arg(long)]
    pub(crate) nodes: bool,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Args)]
pub(crate) struct Tap {
    /// `A -> B`, by name or id, `A.2 -> B` for the second output, `*` for any; or the name of a tap that is `to stream`
    #[arg(value_name = "A -> B|TAP")]
    pub(crate) what: String,
    /// Only messages for which this is true, such as `msg.payload.temperature > 30`
    #[arg(long, value_name = "EXPR")]
    pub(crate) when: Option<String>,
    /// End after so many messages
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Args)]
pub(crate) struct Debug {
    #[command(subcommand)]
    pub(crate) action: DebugAction,
    #[command(flatten)]
    pub(crate) control: Control,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DebugAction {
    /// List held messages
    List,
    /// Print a held message
    Show {
        /// Its number
        id: u64,
    },
    /// Let messages go on
    Resume {
        /// Their numbers; all when absent
        ids: Vec<u64>,
    },
    /// Stop messages for good
    Drop {
        /// Their numbers
        #[arg(required = true)]
        ids: Vec<u64>,
    },
    /// Let a message go one router further
    Step {
        /// Its number
        id: u64,
    },
    /// Change a message, and let it go on
    Edit {
        /// Its number
        id: u64,
        /// The message as JSON; `-` reads standard input [default: an editor opens]
        #[arg(long, value_name = "JSON")]
        msg: Option<String>,
        /// Set one field, `payload.temperature=21`; the value is JSON, else text
        #[arg(long, value_name = "PATH=VALUE", conflicts_with = "msg")]
        set: Vec<String>,
        /// Keep it held
        #[arg(long)]
        stay: bool,
    },
}

/// The address of a runtime, without what ends it. `http://` is never put before it: whether a token goes through a network
/// in the clear is not for us to guess.
fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("an address is wanted, such as `http://localhost:1880`".to_owned());
    }
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(format!("write `http://{}`", text.trim_start_matches("http:").trim_start_matches('/')));
    };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(format!("a runtime speaks `http` or `https`, not `{scheme}`"));
    }
    let mut url = Url::parse(text).map_err(|e| e.to_string())?;
    // Node-RED's editor writes the flow that it shows behind its address.
    url.set_fragment(None);
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Milliseconds of `250ms`, `30s`, `10m`, `2h`, `1d`.
fn duration(text: &str) -> Result<f64, String> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3600e3,
        "d" => 86_400e3,
        _ => return Err("write a number and `ms`, `s`, `m`, `h` or `d`, such as `10m`".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{number}` is no number"))?;
    if number > 0.0 { Ok(number * unit) } else { Err("nothing stays for no time".to_owned()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_are_read_or_mended() {
        for (text, read) in [
            ("http://localhost:1880", "http://localhost:1880"),
            (" HTTPS://Red.example/admin/ ", "https://red.example/admin"),
            ("http://localhost:1880/#flow/6f2a", "http://localhost:1880"),
        ] {
            assert_eq!(address(text).unwrap(), read);
        }
        for (text, said) in [
            ("localhost:1880/admin", "write `http://localhost:1880/admin`"),
            ("127.0.0.1:43441", "write `http://127.0.0.1:43441`"),
            ("http:localhost", "write `http://localhost`"),
            ("ftp://localhost", "a runtime speaks `http` or `https`, not `ftp`"),
            ("http://localhost:99999", "invalid port number"),
            ("http://", "empty host"),
            ("", "an address is wanted, such as `http://localhost:1880`"),
        ] {
            assert_eq!(address(text).unwrap_err(), said);
        }
    }
}
