//! The commands, one file each (`plan` with `apply`).

pub(crate) mod apply;
pub(crate) mod build;
mod changes;
pub(crate) mod check;
pub(crate) mod debug;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod infer;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod replay;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod tap;
pub(crate) mod test;
pub(crate) mod trace;
pub(crate) mod uplink;
pub(crate) mod watch;
