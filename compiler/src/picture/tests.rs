//! Pictures of small flows.
