//! The optimiser: passes from chain to chain. Each keeps what becomes of every message, can be switched off, and what
//! it leaves can be printed (`routec explain --after PASS`).

mod implied;
mod regexes;
mod tables;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod text_tests;

use crate::lowered::Lowered;

/// A pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// As flags name it.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    bit: u8,
}

/// Every pass, in the order in which they run.
pub const ALL: [Pass; 5] = [
    FOLD,
    Pass { name: "regexes", about: "expressions that are plain text become comparisons", bit: 2 },
    Pass {
        name: "implied",
        about: "tests that earlier ones decide, and steps that no message reaches, are taken out",
        bit: 4,
    },
    Pass { name: "tables", about: "tests of one path in many steps become one look-up", bit: 8 },
    SHARE,
];

/// What depends on the wire or on constants alone is computed; done while lowering.
const FOLD: Pass = Pass {
    name: "fold",
    about: "what depends on constants and the ends of the wire alone is computed",
    bit: 1,
};
/// Done when the set is put together.
const SHARE: Pass = Pass { name: "share", about: "equal chains are stored once", bit: 16 };

/// Which passes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes(u8);

impl Passes {
    /// All of them.
    pub const ALL: Passes = Passes(31);
    /// Those that are part of lowering: what tests and traces run on, so that every part of a condition that reads the
    /// message can be told and counted.
    pub const LOWERED: Passes = Passes(17);
    /// None: chains say word for word what the text says.
    pub const NONE: Passes = Passes(0);

    /// All but one.
    ///
    /// # Errors
    /// Names the passes that there are, when this is none of them.
    pub fn without(self, name: &str) -> Result<Self, String> {
        Ok(Self(self.0 & !pass(name)?.bit))
    }

    /// Those up to and with one.
    ///
    /// # Errors
    /// Names the passes that there are, when this is none of them.
    pub fn up_to(self, name: &str) -> Result<Self, String> {
        let last = pass(name)?.bit;
        Ok(Self(self.0 & (last | (last - 1))))
    }

    pub(crate) fn folds(self) -> bool {
        self.0 & FOLD.bit != 0
    }

    pub(crate) fn shares(self) -> bool {
        self.0 & SHARE.bit != 0
    }
}

impl Default for Passes {
    fn default() -> Self {
        Self::ALL
    }
}

fn pass(name: &str) -> Result<&'static Pass, String> {
    ALL.iter().find(|pass| pass.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|pass| pass.name).collect();
        format!("there is no pass `{name}`; passes are {}", names.join(", "))
    })
}

/// Runs the passes that work on chains.
pub(crate) fn run(lowered: &mut Lowered, passes: Passes) {
    let on = |name: &str| pass(name).is_ok_and(|pass| passes.0 & pass.bit != 0);
    if on("regexes") {
        regexes::run(lowered);
    }
    if on("implied") {
        implied::run(lowered);
    }
    if on("tables") {
        tables::run(lowered);
    }
}
