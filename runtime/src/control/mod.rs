//! The control API: HTTP on the local machine, for `routec` and other tools.

mod server;
mod state;
mod token;

pub(crate) use server::listen;
pub use server::{ControlOptions, Listening};
pub use state::StateDir;
pub use token::{ADDRESS_FILE, TOKEN_FILE};
