//! The commands, one file each (those of the control socket together).

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod control;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod names;
pub(crate) mod run;
