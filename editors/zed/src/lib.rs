//! Route for Zed: tells it how the language server is started.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{Command, Extension, LanguageServerId, Result, Worktree, register_extension};

struct Route;

impl Extension for Route {
    fn new() -> Self {
        Self
    }

    /// `routec lsp`: the binary of the settings (`"lsp": { "routec": { "binary": { "path": … } } }`), or else of `PATH`.
    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree("routec", worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path
            .or_else(|| worktree.which("routec"))
            .ok_or("`routec` is not on the PATH: install it, or set `lsp.routec.binary.path`")?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }
}

register_extension!(Route);
