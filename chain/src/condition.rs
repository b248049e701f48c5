//! A single condition in its running form, for tools that ask it of messages outside of any chain.

use regex::Regex;

use crate::cond::{Scope, Test};
use crate::format::{self, FormatError};
use crate::host::Host;
use crate::ir::{ChainSet, Cond};
use crate::message::Message;

/// A condition made ready to run.
#[derive(Debug)]
pub struct Condition(Test);

impl Condition {
    /// Makes a condition ready that refers to paths and expressions of a set.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] when it refers to what the set does not have, or an expression does not compile.
    pub fn new(cond: &Cond, set: &ChainSet) -> Result<Self, FormatError> {
        format::check_condition(cond, set)?;
        let regexes: Vec<Regex> = set.regexes.iter().filter_map(|regex| format::regex(regex).ok()).collect();
        Ok(Self(Scope { paths: &set.paths, regexes: &regexes }.test(cond)))
    }

    /// Whether it holds.
    #[inline]
    pub fn holds<H: Host + ?Sized>(&self, msg: &Message, host: &mut H) -> bool {
        self.0.holds(msg, host)
    }
}
