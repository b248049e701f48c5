//! What tests reached: routers, and outcomes of every atom of their conditions, counted on the chains as written.

use std::rc::Rc;

use route_chain::trace::{Did, Judged, Outcome};
use route_grammar::{FileId, Sources, Span};
use rustc_hash::FxHashMap;

use crate::hir::{Expr, Kind, Router};
use crate::lower::{Origins, Written};
use crate::schema::Carried;
use crate::story;
use crate::world::{Hop, Stage};

/// How often each router and each outcome was met.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// In stack order.
    pub routers: Vec<RouterCoverage>,
    /// Where the atoms of a router are, by place.
    index: Vec<FxHashMap<(FileId, Span), usize>>,
}

/// One router.
#[derive(Clone, Debug)]
pub struct RouterCoverage {
    /// `filter`, `halt`, …
    pub kind: String,
    /// Name.
    pub name: String,
    /// Layer.
    pub layer: String,
    /// Where its name stands.
    pub place: (FileId, Span),
    /// The whole item.
    pub span: Span,
    /// Messages that came to it.
    pub came: u64,
    /// Of those, how many it applied to.
    pub applied: u64,
    /// Its atoms, as they stand in the text.
    pub atoms: Vec<AtomCoverage>,
}

/// One comparison or test of a router.
#[derive(Clone, Debug)]
pub struct AtomCoverage {
    /// As written.
    pub text: String,
    /// Where.
    pub place: (FileId, Span),
    /// It held.
    pub held: u64,
    /// It did not hold.
    pub failed: u64,
    /// An operand was absent; `None`: that cannot be.
    pub absent: Option<u64>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Met.
    pub met: u64,
    /// There are.
    pub of: u64,
}

impl Share {
    /// In percent; 100 when there is nothing to meet.
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.met as f64 * 100.0 / self.of as f64 }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { met: self.met + other.met, of: self.of + other.of }
    }
}

impl AtomCoverage {
    /// Its outcomes.
    pub fn outcomes(&self) -> Share {
        let all = [Some(self.held), Some(self.failed), self.absent];
        let all = all.into_iter().flatten();
        all.fold(Share::default(), |sum, n| sum.and(Share { met: u64::from(n > 0), of: 1 }))
    }

    /// The outcomes that were not met, in words.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [("true", Some(self.held)), ("false", Some(self.failed)), ("absent", self.absent)];
        all.into_iter().filter(|(_, n)| *n == Some(0)).map(|(word, _)| word).collect()
    }
}

impl RouterCoverage {
    /// The outcomes of all its atoms.
    pub fn outcomes(&self) -> Share {
        self.atoms.iter().map(AtomCoverage::outcomes).fold(Share::default(), Share::and)
    }
}

impl Coverage {
    /// Nothing met yet.
    pub(crate) fn new(
        stage: &Stage<'_>,
        routers: &[Router],
        carried: &[Carried],
        sources: &Sources,
        origins: &mut Origins<'_>,
    ) -> Self {
        let mut coverage = Self::default();
        for (at, router) in (0..).zip(routers) {
            let mut atoms: Vec<AtomCoverage> = Vec::new();
            let mut index = FxHashMap::default();
            let wires = if router.exprs().iter().any(|e| e.uses_wire()) {
                router.wires.as_slice()
            } else {
                router.wires.get(..1).unwrap_or_default()
            };
            let on_chain = |wire: &&u32| stage.chain(**wire).1 != 0;
            for wire in wires.iter().filter(on_chain) {
                let written = origins.of(at, *wire);
                for e in written.when.iter().chain(&written.keep) {
                    index.entry((e.file, e.span)).or_insert_with(|| {
                        atoms.push(AtomCoverage {
                            text: story::text_of(e, sources),
                            place: (e.file, e.span),
                            held: 0,
                            failed: 0,
                            absent: can_be_absent(e, router, carried).then_some(0),
                        });
                        atoms.len() - 1
                    });
                }
            }
            coverage.index.push(index);
            coverage.routers.push(RouterCoverage {
                kind: router.info.kind.clone(),
                name: router.info.name.clone(),
                layer: router.info.layer.clone(),
                place: (router.file, router.name_span),
                span: router.span,
                came: 0,
                applied: 0,
                atoms,
            });
        }
        coverage
    }

    /// Counts a hop.
    pub(crate) fn hop(&mut self, hop: &Hop, origins: &mut Origins<'_>) {
        for visit in &hop.visits {
            let Some(router) = self.routers.get_mut(visit.router as usize) else { continue };
            router.came += 1;
            router.applied += u64::from(!matches!(visit.did, Did::Skipped));
            let written: Rc<Written<'_>> = origins.of(visit.router, hop.wire);
            if let Some(when) = &visit.when {
                self.judged(visit.router, when, &written.when);
            }
            if let Did::Kept(keep) | Did::Dropped(keep) = &visit.did {
                self.judged(visit.router, keep, &written.keep);
            }
        }
    }

    fn judged(&mut self, router: u32, judged: &Judged, written: &[&Expr]) {
        let at = router as usize;
        let (Some(router), Some(index)) = (self.routers.get_mut(at), self.index.get(at)) else { return };
        for (atom, e) in judged.atoms.iter().zip(written) {
            let Some(atom) = atom else { continue };
            let known = index.get(&(e.file, e.span)).and_then(|at| router.atoms.get_mut(*at));
            let Some(known) = known else { continue };
            match story::as_written(Some(e), atom.outcome) {
                Outcome::True => known.held += 1,
                Outcome::False => known.failed += 1,
                Outcome::Absent => *known.absent.get_or_insert(0) += 1,
            }
        }
    }

    /// Adds what another run of the same stack met.
    pub(crate) fn add(&mut self, other: &Self) {
        for (router, more) in self.routers.iter_mut().zip(&other.routers) {
            router.came += more.came;
            router.applied += more.applied;
            for (atom, more) in router.atoms.iter_mut().zip(&more.atoms) {
                atom.held += more.held;
                atom.failed += more.failed;
                if let Some(n) = more.absent {
                    *atom.absent.get_or_insert(0) += n;
                }
            }
        }
    }

    /// Routers that a message came to.
    pub fn reached(&self) -> Share {
        let met = self.routers.iter().filter(|router| router.came > 0).count() as u64;
        Share { met, of: self.routers.len() as u64 }
    }

    /// Outcomes of all atoms.
    pub fn outcomes(&self) -> Share {
        self.routers.iter().map(RouterCoverage::outcomes).fold(Share::default(), Share::and)
    }
}

/// Whether an atom can come out as absent: it reads a path that no schema promises on all wires of the router.
fn can_be_absent(e: &Expr, router: &Router, carried: &[Carried]) -> bool {
    if matches!(e.kind, Kind::Has(_) | Kind::Sample(..)) {
        return false;
    }
    let promised = |path: &[route_chain::ir::Seg]| {
        let on = |wire: &u32| {
            carried.iter().any(|c| c.wires.binary_search(wire).is_ok() && c.shape.promises(path))
        };
        !router.wires.is_empty() && router.wires.iter().all(on)
    };
    let mut found = false;
    e.walk(&mut |e| found |= matches!(&e.kind, Kind::Msg(path) if !promised(path)));
    found
}
