//! Reading and checking chain files: they are data from outside, and nothing in them is trusted.

use crate::ir::{self, ChainSet, Change, Choose, Cond, LogPart, MAGIC, Op, Operand, Select, VERSION};
use crate::ops::Cidr;
use rustc_hash::FxHashSet;

/// Why a chain file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not JSON of the right shape.
    #[error("the chain file is damaged: {0}")]
    Damaged(String),
    /// Written by another version.
    #[error("the chain file has version {0}, this program reads version {VERSION}; compile the stack again")]
    Version(u64),
    /// Something in it cannot be.
    #[error("the chain file is invalid: {0}")]
    Invalid(String),
}

/// Longest regular expression when compiled, bytes.
const REGEX_LIMIT: usize = 10 << 20;

/// Deepest nesting of conditions and operands.
const NESTING: u32 = 200;

/// Reads a chain file and checks all of it.
///
/// # Errors
/// [`FormatError`]
pub fn from_json(text: &str) -> Result<ChainSet, FormatError> {
    from_value(serde_json::from_str(text).map_err(|e| FormatError::Damaged(e.to_string()))?)
}

/// As [`from_json`], from JSON that is read already.
///
/// # Errors
/// [`FormatError`]
pub fn from_value(json: serde_json::Value) -> Result<ChainSet, FormatError> {
    if json["magic"] != MAGIC {
        return Err(FormatError::Damaged(format!("`magic` is not `{MAGIC}`")));
    }
    match json["version"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        other => return Err(FormatError::Version(other.unwrap_or(0))),
    }
    let set: ChainSet = serde_json::from_value(json).map_err(|e| FormatError::Damaged(e.to_string()))?;
    check(&set)?;
    Ok(set)
}

/// Writes a chain file.
///
/// # Errors
/// [`FormatError::Damaged`] when a number in it has no JSON form.
pub fn to_json(set: &ChainSet) -> Result<String, FormatError> {
    serde_json::to_string(set).map_err(|e| FormatError::Damaged(e.to_string()))
}

/// Checks that every index leads somewhere, expressions compile, and numbers are usable.
///
/// # Errors
/// [`FormatError::Invalid`] or [`FormatError::Version`].
pub fn check(set: &ChainSet) -> Result<(), FormatError> {
    if set.version != VERSION {
        return Err(FormatError::Version(u64::from(set.version)));
    }
    check_regexes(set)?;
    must(set.chains.first().is_none_or(|chain| chain.steps.is_empty()), "chain 0 is not empty")?;
    must(
        set.paths.iter().all(|p| matches!(p.first(), Some(ir::Seg::Key(_)))),
        "a path does not begin with a key",
    )?;
    let mut known: FxHashSet<(&str, u32, &str)> = FxHashSet::default();
    for wire in &set.wires {
        must(
            known.insert((&wire.from, wire.port, &wire.to)),
            &format!("the wire `{}` -> `{}` stands there twice", wire.from, wire.to),
        )?;
        must(
            (wire.chain as usize) < set.chains.len(),
            &format!("the wire `{}` -> `{}` has no chain", wire.from, wire.to),
        )?;
    }
    if let Some(fleet) = &set.fleet {
        let known = |home: &u32| (*home as usize) < fleet.runtimes.len();
        must(fleet.homes.iter().all(known), "a node lives on a runtime that the fleet has not")?;
        must(fleet.runtimes.iter().any(|r| r.name == fleet.me), "the fleet does not have its own runtime")?;
    }
    let checker = Checker { set };
    for chain in &set.chains {
        for step in &chain.steps {
            must((step.router as usize) < set.routers.len(), "a step has no router")?;
            step.when.as_ref().map_or(Ok(()), |cond| checker.cond(cond, 0))?;
            checker.op(&step.op)?;
        }
        checker.tables(chain)?;
    }
    Ok(())
}

/// Checks one condition that refers to a set's paths and expressions.
pub(crate) fn check_condition(cond: &Cond, set: &ChainSet) -> Result<(), FormatError> {
    check_regexes(set)?;
    Checker { set }.cond(cond, 0)
}

fn check_regexes(set: &ChainSet) -> Result<(), FormatError> {
    set.regexes.iter().try_for_each(|text| match regex(text) {
        Ok(_) => Ok(()),
        Err(e) => Err(FormatError::Invalid(format!("the expression `{text}`: {e}"))),
    })
}

/// Compiles an expression, within the bounds that chain files have.
pub(crate) fn regex(text: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(text).size_limit(REGEX_LIMIT).build()
}

fn must(ok: bool, what: &str) -> Result<(), FormatError> {
    if ok { Ok(()) } else { Err(FormatError::Invalid(what.to_owned())) }
}

struct Checker<'s> {
    set: &'s ChainSet,
}

impl Checker<'_> {
    fn path(&self, path: u32) -> Result<(), FormatError> {
        must((path as usize) < self.set.paths.len(), "a path is missing")
    }

    fn tables(&self, chain: &ir::Chain) -> Result<(), FormatError> {
        let mut end = 0;
        for table in &chain.tables {
            must(
                table.from >= end && table.from < table.to,
                "the tables of a chain overlap or are out of order",
            )?;
            must(table.to as usize <= chain.steps.len(), "a table goes past the end of its chain")?;
            self.path(table.path)?;
            end = table.to;
            let lists =
                table.equal.iter().map(|(_, list)| list).chain(table.prefix.iter().map(|(_, list)| list));
            for list in lists.chain([&table.other]) {
                must(
                    list.iter().all(|step| (table.from..table.to).contains(step)),
                    "a table lists a step outside its run",
                )?;
                must(list.is_sorted_by(|a, b| a < b), "a table lists its steps out of order")?;
            }
            must(
                table.equal.iter().all(|(value, _)| !value.is_array() && !value.is_object()),
                "a table compares with a list or an object",
            )?;
        }
        Ok(())
    }

    fn op(&self, op: &Op) -> Result<(), FormatError> {
        match op {
            Op::Keep(cond) => self.cond(cond, 0),
            Op::Halt { .. } | Op::Redirect { .. } | Op::Call(_) => Ok(()),
            Op::Set(changes) => changes.iter().try_for_each(|change| match change {
                Change::Assign(path, operand) => self.path(*path).and_then(|()| self.operand(operand, 0)),
                Change::Delete(path) => self.path(*path),
            }),
            Op::Limit(limit) => {
                must(limit.max_keys > 0, "a limit remembers no key")?;
                limit.rate.as_ref().map_or(Ok(()), rate)?;
                limit.per.as_ref().map_or(Ok(()), |per| self.operand(per, 0))?;
                limit.distinct.as_ref().map_or(Ok(()), |d| {
                    must(d.within_ms.is_finite() && d.within_ms >= 0.0, "a window is no duration")?;
                    self.operand(&d.by, 0)
                })
            }
            Op::Tap(tap) => {
                must(tap.every > 0, "a tap copies every 0th message")?;
                tap.at_most.as_ref().map_or(Ok(()), rate)?;
                match &tap.select {
                    Select::Whole => Ok(()),
                    Select::Omit(paths) | Select::Only(paths) => {
                        paths.iter().try_for_each(|path| self.path(*path))
                    }
                }
            }
            Op::Break(brk) => {
                must(brk.hits > 0, "a breakpoint holds from its 0th hit")?;
                must(brk.for_ms.is_finite() && brk.for_ms >= 0.0, "a breakpoint's time is no duration")?;
                brk.log.iter().flatten().try_for_each(|part| match part {
                    LogPart::Text(_) => Ok(()),
                    LogPart::Value(operand) => self.operand(operand, 0),
                })
            }
            Op::Remote(remote) => {
                must(!remote.to.is_empty(), "a remote route leads nowhere")?;
                match &remote.choose {
                    Choose::Hash(operand) => self.operand(operand, 0),
                    Choose::Order | Choose::RoundRobin | Choose::Latency => Ok(()),
                }
            }
        }
    }

    fn cond(&self, cond: &Cond, depth: u32) -> Result<(), FormatError> {
        must(depth < NESTING, "a condition is nested too deeply")?;
        let depth = depth + 1;
        let two = |a, b| self.operand(a, depth).and_then(|()| self.operand(b, depth));
        match cond {
            Cond::Const(_) => Ok(()),
            Cond::Sample(share) => is_share(*share),
            Cond::Not(inner) => self.cond(inner, depth),
            Cond::And(all) | Cond::Or(all) => all.iter().try_for_each(|c| self.cond(c, depth)),
            Cond::Cmp(_, a, b) | Cond::Contains(a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => {
                two(a, b)
            }
            Cond::InRange(a, low, high, _) => two(low, high).and_then(|()| self.operand(a, depth)),
            Cond::InCidr(a, net) => {
                must(Cidr::parse(net).is_some(), &format!("`{net}` is no network"))?;
                self.operand(a, depth)
            }
            Cond::Matches(a, regex) => {
                must((*regex as usize) < self.set.regexes.len(), "a regular expression is missing")?;
                self.operand(a, depth)
            }
            Cond::Has(path) => self.path(*path),
            Cond::SampleBy(share, a) => is_share(*share).and_then(|()| self.operand(a, depth)),
            Cond::InList(a, _) | Cond::Is(a, _) | Cond::Truth(a) => self.operand(a, depth),
        }
    }

    fn operand(&self, operand: &Operand, depth: u32) -> Result<(), FormatError> {
        must(depth < NESTING, "a value is nested too deeply")?;
        let depth = depth + 1;
        match operand {
            Operand::Lit(_) => Ok(()),
            Operand::Path(path) => self.path(*path),
            Operand::Neg(inner) => self.operand(inner, depth),
            Operand::Arith(_, a, b) => self.operand(a, depth).and_then(|()| self.operand(b, depth)),
            Operand::Call(_, all) | Operand::List(all) => all.iter().try_for_each(|o| self.operand(o, depth)),
            Operand::Object(fields) => fields.iter().try_for_each(|(_, o)| self.operand(o, depth)),
            Operand::Cond(cond) => self.cond(cond, depth),
        }
    }
}

fn is_share(share: f64) -> Result<(), FormatError> {
    must((0.0..=1.0).contains(&share), "a share is not between 0 and 1")
}

fn rate(rate: &ir::Rate) -> Result<(), FormatError> {
    let usable = |n: f64| n.is_finite() && n > 0.0;
    must(usable(rate.count) && usable(rate.per_ms) && rate.burst.is_finite(), "a rate is no rate")
}
