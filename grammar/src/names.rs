//! Every name in a tree with what it is a name of: what a rename must change, and what only looks like it.

use std::sync::Arc;

use crate::ast::*;
use crate::class::Class;
use crate::keywords::{FUNCTIONS, ROOTS, TYPES};
use crate::span::Span;

/// Names of one space are told apart by their text; those of two never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// Constants, parameters of the stack, predicates and sets of nodes.
    Value,
    /// A predicate's parameter, in that predicate.
    Parameter,
    /// A schema.
    Schema,
    /// A runtime.
    Runtime,
    /// A router; unique in its layer.
    Router,
    /// A layer.
    Layer,
}

/// A name where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its place.
    pub span: Span,
    /// As written.
    pub text: String,
    /// What it is a name of.
    pub space: Space,
    /// It is declared here, not mentioned.
    pub declares: bool,
    /// The `layer` around it; `None`: it belongs to the layer of the file.
    pub layer: Option<String>,
    /// The predicate around it, with its parameters.
    pub within: Option<Arc<Within>>,
}

/// A predicate as its names see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<String>,
    /// The place of its name: no two predicates of a text have the same.
    pub at: Span,
}

/// Every name of a text's items, in text order. Keys of objects, fields of schemas, words of the language and what
/// means the message or its wire are none.
pub fn names<'t>(text: &str, items: impl IntoIterator<Item = &'t Arc<Item>>) -> Vec<Named> {
    let mut names = Names { text, found: Vec::new(), layer: None, within: None };
    items.into_iter().for_each(|item| names.item(item));
    names.found.sort_by_key(|named| named.span);
    names.found
}

struct Names<'a> {
    text: &'a str,
    found: Vec<Named>,
    layer: Option<String>,
    within: Option<Arc<Within>>,
}

impl Names<'_> {
    fn add(&mut self, text: &str, span: Span, space: Space, declares: bool) {
        let (text, layer, within) = (text.to_owned(), self.layer.clone(), self.within.clone());
        self.found.push(Named { span, text, space, declares, layer, within });
    }

    fn declare(&mut self, name: &Name, space: Space) {
        self.add(&name.text, name.span, space, true);
    }

    fn mention(&mut self, name: &Name, space: Space) {
        self.add(&name.text, name.span, space, false);
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Stack(_) | ItemKind::Use(_) => {}
            ItemKind::Layer { name, items } => {
                self.declare(name, Space::Layer);
                let outer = self.layer.replace(name.text.clone());
                items.iter().for_each(|item| self.item(item));
                self.layer = outer;
            }
            ItemKind::Const { name, ty, value } => {
                self.declare(name, Space::Value);
                ty.iter().for_each(|ty| self.ty(ty));
                self.expr(value);
            }
            ItemKind::Param { name, ty, default } => {
                self.declare(name, Space::Value);
                ty.iter().for_each(|ty| self.ty(ty));
                default.iter().for_each(|e| self.expr(e));
            }
            ItemKind::Let { name, ends } => {
                self.declare(name, Space::Value);
                self.ends(ends);
            }
            ItemKind::Predicate { name, params, body } => self.predicate(name, params, body),
            ItemKind::Schema { name, fields } => {
                self.declare(name, Space::Schema);
                self.fields(fields);
            }
            ItemKind::Carry { schema, wires } => {
                self.mention(schema, Space::Schema);
                self.wires(wires);
            }
            ItemKind::Runtime { name, clauses } => {
                self.declare(name, Space::Runtime);
                clauses.iter().for_each(|clause| self.runtime_clause(&clause.kind));
            }
            ItemKind::Place { ends, runtime } => {
                self.ends(ends);
                self.mention(runtime, Space::Runtime);
            }
            ItemKind::Router(router) => self.router(router),
            ItemKind::Test { steps, .. } => steps.iter().for_each(|step| self.step(&step.kind)),
        }
    }

    fn predicate(&mut self, name: &Name, params: &[Name], body: &Expr) {
        self.declare(name, Space::Value);
        let texts = params.iter().map(|param| param.text.clone()).collect();
        self.within = Some(Arc::new(Within { name: name.text.clone(), params: texts, at: name.span }));
        params.iter().for_each(|param| self.declare(param, Space::Parameter));
        self.expr(body);
        self.within = None;
    }

    fn fields(&mut self, fields: &[Field]) {
        fields.iter().for_each(|field| self.ty(&field.ty));
    }

    fn ty(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Name(name) if TYPES.iter().any(|(known, _)| known == name) => {}
            TypeKind::Name(name) => self.add(name, ty.span, Space::Schema, false),
            TypeKind::Literal(e) => self.expr(e),
            TypeKind::Object(fields) => self.fields(fields),
            TypeKind::List(inner) => self.ty(inner),
            TypeKind::Union(members) => members.iter().for_each(|member| self.ty(member)),
            TypeKind::Error => {}
        }
    }

    fn runtime_clause(&mut self, clause: &RuntimeClauseKind) {
        match clause {
            RuntimeClauseKind::Zenoh(e) | RuntimeClauseKind::Mqtt(e) | RuntimeClauseKind::Limit(_, e) => {
                self.expr(e);
            }
            RuntimeClauseKind::Nats { address, .. } => self.expr(address),
            RuntimeClauseKind::Tags(_) => {}
        }
    }

    fn wires(&mut self, wires: &Wires) {
        self.ends(&wires.from);
        self.ends(&wires.to);
    }

    fn ends(&mut self, ends: &Ends) {
        match &ends.kind {
            EndsKind::All | EndsKind::Match { .. } | EndsKind::Error => {}
            EndsKind::Name(name) => self.mention(name, Space::Value),
            EndsKind::In(x, y)
            | EndsKind::Or(x, y)
            | EndsKind::And(x, y)
            | EndsKind::Except(x, y)
            | EndsKind::NextTo(x, y) => {
                self.ends(x);
                self.ends(y);
            }
            EndsKind::Upstream(x) | EndsKind::Downstream(x) | EndsKind::Paren(x) | EndsKind::Port(x, _) => {
                self.ends(x);
            }
        }
    }

    fn exprs<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) {
        all.into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::List(items) => self.exprs(items),
            ExprKind::Object(fields) => self.exprs(fields.iter().map(|(_, e)| e)),
            ExprKind::Path(path) => self.root(&path.root),
            ExprKind::Call { name, args } => {
                if !FUNCTIONS.iter().any(|f| f.name == name.text) {
                    self.mention(name, Space::Value);
                }
                self.exprs(args);
            }
            ExprKind::Range { low, high, .. } => self.exprs([&**low, &**high]),
            ExprKind::Unary(_, inner) | ExprKind::Paren(inner) | ExprKind::Is(inner, _) => self.expr(inner),
            ExprKind::Binary { left, right, .. } => self.exprs([&**left, &**right]),
            ExprKind::Number(_)
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Regex(_)
            | ExprKind::Duration(_)
            | ExprKind::Size(_)
            | ExprKind::Rate { .. }
            | ExprKind::Percent(_)
            | ExprKind::Cidr(_)
            | ExprKind::Error => {}
        }
    }

    /// A predicate's parameter goes before all else of that name.
    fn root(&mut self, root: &Name) {
        let is_param = self.within.as_ref().is_some_and(|within| within.params.contains(&root.text));
        if is_param {
            self.mention(root, Space::Parameter);
        } else if !ROOTS.iter().any(|(known, _)| *known == root.text) {
            self.mention(root, Space::Value);
        }
    }

    fn router(&mut self, router: &Router) {
        self.declare(&router.name, Space::Router);
        self.wires(&router.wires);
        let to = if router.kind == RouterKind::Remote { Space::Runtime } else { Space::Value };
        router.clauses.iter().for_each(|clause| self.clause(&clause.kind, to));
    }

    /// `to`: what a bare name behind `to` is a name of.
    fn clause(&mut self, clause: &ClauseKind, to: Space) {
        match clause {
            ClauseKind::When(e)
            | ClauseKind::KeepWhen(e)
            | ClauseKind::DropWhen(e)
            | ClauseKind::Every(e)
            | ClauseKind::Hits(e)
            | ClauseKind::Ttl(e)
            | ClauseKind::OverHold(e)
            | ClauseKind::Unreachable(Unreachable::Spool(e)) => self.expr(e),
            ClauseKind::To(target) => self.target(target, to),
            ClauseKind::AtMost { rate, burst, per } => {
                self.exprs(std::iter::once(rate).chain(burst).chain(per));
            }
            ClauseKind::Hold { at_most, duration, .. } => self.exprs([at_most, duration]),
            ClauseKind::Log(text) => self.log(text.span),
            ClauseKind::Assign { path, value, .. } => {
                self.root(&path.root);
                self.expr(value);
            }
            ClauseKind::Delete { path, .. } => self.root(&path.root),
            ClauseKind::Omit(paths) | ClauseKind::Only(paths) => {
                paths.iter().for_each(|(path, _)| self.root(&path.root));
            }
            ClauseKind::Distinct { by, within } => self.exprs([by, within]),
            ClauseKind::Plugin { options, .. } => self.exprs(options),
            ClauseKind::Reason(_)
            | ClauseKind::AsError
            | ClauseKind::FullBlock(_)
            | ClauseKind::AckDelivered(_)
            | ClauseKind::OverHalt
            | ClauseKind::OnFault(_)
            | ClauseKind::Unreachable(_) => {}
        }
    }

    /// The values in braces stand in no tree: their text is a template's.
    fn log(&mut self, span: Span) {
        for (span, class) in crate::tokens::template(self.text, span) {
            let text = self.text.get(span.range()).unwrap_or_default();
            if matches!(class, Class::Reference | Class::Call) {
                self.add(text, span, Space::Value, false);
            }
        }
    }

    fn target(&mut self, target: &Target, to: Space) {
        match target {
            Target::Sink(sink) => {
                if let SinkKind::File { rotate, keep, .. } = &sink.kind {
                    self.exprs(rotate.iter().chain(keep));
                }
            }
            Target::Ends(ends) => self.ends(ends),
            Target::Name(name) => self.mention(name, to),
            Target::OneOf { runtimes, by } => {
                runtimes.iter().for_each(|name| self.mention(name, Space::Runtime));
                if let Choose::Hash(e) = by {
                    self.expr(e);
                }
            }
        }
    }

    fn step(&mut self, step: &TestStepKind) {
        match step {
            TestStepKind::Send { wires, message, times, every } => {
                self.wires(wires);
                self.exprs(std::iter::once(message).chain(times).chain(every));
            }
            TestStepKind::Expect(expect) => {
                self.outcome(&expect.outcome);
                self.exprs(expect.times.iter().chain(&expect.with).chain(&expect.filter));
            }
            TestStepKind::Stub { ends, replies } => {
                self.ends(ends);
                replies.iter().for_each(|reply| self.exprs(reply.message.iter().chain(&reply.when)));
            }
            TestStepKind::Unreachable(name) => self.mention(name, Space::Runtime),
            TestStepKind::Advance(e) => self.expr(e),
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Delivered(ends) => ends.iter().for_each(|ends| self.ends(ends)),
            Outcome::Redirected { by, to } => {
                by.iter().for_each(|name| self.mention(name, Space::Router));
                to.iter().for_each(|ends| self.ends(ends));
            }
            Outcome::Stopped(name) | Outcome::Held(name) => {
                name.iter().for_each(|name| self.mention(name, Space::Router));
            }
            Outcome::Sent(name) => name.iter().for_each(|name| self.mention(name, Space::Runtime)),
            Outcome::Tap(name) => self.mention(name, Space::Router),
            Outcome::That(e) => self.expr(e),
            Outcome::Error(_) | Outcome::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileId, Parsed};

    fn shown(text: &str) -> String {
        let parsed = Parsed::new(text, FileId(0));
        assert_eq!(parsed.diagnostics(), [], "{text}");
        let one = |named: &Named| {
            assert_eq!(&text[named.span.range()], named.text);
            let role = if named.declares { "!" } else { "" };
            let layer = named.layer.as_ref().map_or(String::new(), |layer| format!("@{layer}"));
            format!("{:?} {}{role}{layer}", named.space, named.text)
        };
        names(text, parsed.items()).iter().map(one).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn names_by_their_space() {
        assert_eq!(
            shown("const temp: number = 5\nschema S { temp: T | number }\ncarry S on all -> *\n"),
            "Value temp!|Schema S!|Schema T|Schema S|Value all"
        );
        assert_eq!(
            shown("predicate p(x) = x.a > lim and q(x) and msg.lim is number and len(lim) > 1\n"),
            "Value p!|Parameter x!|Parameter x|Value lim|Value q|Parameter x|Value lim"
        );
        assert_eq!(
            shown(
                "layer l {\n  remote r on a or (b).1 -> * { to r }\n  tap r on * -> * { to r }\n  break h on * -> * { log \"{{r}} {r} {r.x}\" }\n}\n"
            ),
            "Layer l!|Router r!@l|Value a@l|Value b@l|Runtime r@l|Router r!@l|Value r@l|Router h!@l|Value r@l|Value r@l"
        );
        assert_eq!(
            shown(
                "test \"t\" { send a -> b { t: t } expect stopped by t unreachable t expect tap t with { t: [t] } }\n"
            ),
            "Value a|Value b|Value t|Router t|Runtime t|Router t|Value t"
        );
    }
}
