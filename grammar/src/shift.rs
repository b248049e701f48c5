//! Moves the places of a tree and of its findings, when text before them grew or shrank.

use std::sync::Arc;

use crate::ast::*;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Something with places in a text.
pub(crate) trait Shift {
    /// Moves every place by so many bytes; none may come to lie before the text.
    fn shift(&mut self, by: i64);
}

impl Shift for Span {
    fn shift(&mut self, by: i64) {
        let moved = |at: u32| (i64::from(at) + by).clamp(0, i64::from(u32::MAX)) as u32;
        *self = Span { start: moved(self.start), end: moved(self.end) };
    }
}

impl<T: Shift> Shift for Vec<T> {
    fn shift(&mut self, by: i64) {
        self.iter_mut().for_each(|one| one.shift(by));
    }
}

impl<T: Shift> Shift for Option<T> {
    fn shift(&mut self, by: i64) {
        self.iter_mut().for_each(|one| one.shift(by));
    }
}

impl<T: Shift> Shift for Box<T> {
    fn shift(&mut self, by: i64) {
        (**self).shift(by);
    }
}

impl<T: Shift + Clone> Shift for Arc<T> {
    fn shift(&mut self, by: i64) {
        Arc::make_mut(self).shift(by);
    }
}

impl<A: Shift, B: Shift> Shift for (A, B) {
    fn shift(&mut self, by: i64) {
        self.0.shift(by);
        self.1.shift(by);
    }
}

/// Structures: the fields that hold places.
macro_rules! fields {
    ($($ty:ident: $($field:ident)*;)*) => {
        $(impl Shift for $ty {
            fn shift(&mut self, by: i64) {
                $(self.$field.shift(by);)*
            }
        })*
    };
}

fields! {
    Comment: span;
    Name: span;
    Text: span;
    Allow: code why span;
    Item: allows kind span;
    Type: kind span;
    Field: name ty;
    RuntimeClause: kind span;
    Wires: from to span;
    Ends: kind span;
    Expr: kind span;
    Path: root segments;
    Router: name wires clauses;
    Clause: kind span;
    Sink: kind span;
    TestStep: kind span;
    Expect: outcome times with filter;
    Reply: message output when span;
}

impl Shift for Diagnostic {
    /// All labels and edits of a parser's finding lie in its own file.
    fn shift(&mut self, by: i64) {
        self.primary.span.shift(by);
        self.secondary.iter_mut().for_each(|label| label.span.shift(by));
        let edits = self.suggestions.iter_mut().flat_map(|suggestion| &mut suggestion.edits);
        edits.for_each(|(_, span, _)| span.shift(by));
    }
}

impl Shift for ItemKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Stack(name) => name.shift(by),
            Self::Use(text) => text.shift(by),
            Self::Layer { name, items } => {
                name.shift(by);
                items.shift(by);
            }
            Self::Const { name, ty, value } => {
                name.shift(by);
                ty.shift(by);
                value.shift(by);
            }
            Self::Param { name, ty, default } => {
                name.shift(by);
                ty.shift(by);
                default.shift(by);
            }
            Self::Let { name, ends } | Self::Place { ends, runtime: name } => {
                name.shift(by);
                ends.shift(by);
            }
            Self::Predicate { name, params, body } => {
                name.shift(by);
                params.shift(by);
                body.shift(by);
            }
            Self::Schema { name, fields } => {
                name.shift(by);
                fields.shift(by);
            }
            Self::Carry { schema, wires } => {
                schema.shift(by);
                wires.shift(by);
            }
            Self::Runtime { name, clauses } => {
                name.shift(by);
                clauses.shift(by);
            }
            Self::Router(router) => router.shift(by),
            Self::Test { title, steps } => {
                title.shift(by);
                steps.shift(by);
            }
        }
    }
}

impl Shift for TypeKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Name(_) | Self::Error => {}
            Self::Literal(value) => value.shift(by),
            Self::Object(fields) => fields.shift(by),
            Self::List(inner) => inner.shift(by),
            Self::Union(members) => members.shift(by),
        }
    }
}

impl Shift for RuntimeClauseKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Zenoh(address) | Self::Nats { address, .. } | Self::Mqtt(address) => address.shift(by),
            Self::Tags(tags) => tags.shift(by),
            Self::Limit(name, value) => {
                name.shift(by);
                value.shift(by);
            }
        }
    }
}

impl Shift for Pattern {
    fn shift(&mut self, by: i64) {
        let (Self::Exact(text) | Self::Glob(text) | Self::Regex(text)) = self;
        text.shift(by);
    }
}

impl Shift for EndsKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::All | Self::Error => {}
            Self::Match { pattern, .. } => pattern.shift(by),
            Self::Name(name) => name.shift(by),
            Self::In(x, y) | Self::Or(x, y) | Self::And(x, y) | Self::Except(x, y) | Self::NextTo(x, y) => {
                x.shift(by);
                y.shift(by);
            }
            Self::Upstream(x) | Self::Downstream(x) | Self::Paren(x) => x.shift(by),
            Self::Port(x, port) => {
                x.shift(by);
                port.shift(by);
            }
        }
    }
}

impl Shift for Port {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Index(_, span) => span.shift(by),
            Self::Label(text) => text.shift(by),
        }
    }
}

impl Shift for ExprKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Bool(_) | Self::Null | Self::Regex(_) => {}
            Self::Duration(_) | Self::Size(_) | Self::Rate { .. } | Self::Percent(_) | Self::Error => {}
            Self::List(items) => items.shift(by),
            Self::Object(fields) => fields.shift(by),
            Self::Path(path) => path.shift(by),
            Self::Call { name, args } => {
                name.shift(by);
                args.shift(by);
            }
            Self::Cidr(text) => text.shift(by),
            Self::Range { low, high, .. } => {
                low.shift(by);
                high.shift(by);
            }
            Self::Unary(_, inner) | Self::Paren(inner) => inner.shift(by),
            Self::Binary { op_span, left, right, .. } => {
                op_span.shift(by);
                left.shift(by);
                right.shift(by);
            }
            Self::Is(inner, ty) => {
                inner.shift(by);
                ty.shift(by);
            }
        }
    }
}

impl Shift for Segment {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Key(name) => name.shift(by),
            Self::Index(_, span) => span.shift(by),
        }
    }
}

impl Shift for ClauseKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::When(e) | Self::KeepWhen(e) | Self::DropWhen(e) | Self::Every(e) | Self::Hits(e) => {
                e.shift(by)
            }
            Self::Ttl(e) | Self::OverHold(e) => e.shift(by),
            Self::Reason(text) | Self::Log(text) => text.shift(by),
            Self::AsError
            | Self::FullBlock(_)
            | Self::AckDelivered(_)
            | Self::OverHalt
            | Self::OnFault(_) => {}
            Self::To(target) => target.shift(by),
            Self::Omit(paths) | Self::Only(paths) => paths.shift(by),
            Self::AtMost { rate, burst, per } => {
                rate.shift(by);
                burst.shift(by);
                per.shift(by);
            }
            Self::Hold { at_most, duration, .. } => {
                at_most.shift(by);
                duration.shift(by);
            }
            Self::Unreachable(Unreachable::Spool(size)) => size.shift(by),
            Self::Unreachable(_) => {}
            Self::Assign { path, path_span, value } => {
                path.shift(by);
                path_span.shift(by);
                value.shift(by);
            }
            Self::Delete { path, path_span } => {
                path.shift(by);
                path_span.shift(by);
            }
            Self::Distinct { by: key, within } => {
                key.shift(by);
                within.shift(by);
            }
            Self::Plugin { name, options } => {
                name.shift(by);
                options.shift(by);
            }
        }
    }
}

impl Shift for Target {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Sink(sink) => sink.shift(by),
            Self::Ends(ends) => ends.shift(by),
            Self::Name(name) => name.shift(by),
            Self::OneOf { runtimes, by: choose } => {
                runtimes.shift(by);
                if let Choose::Hash(key) = choose {
                    key.shift(by);
                }
            }
        }
    }
}

impl Shift for SinkKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Stdout | Self::Stream => {}
            Self::File { path, rotate, keep } => {
                path.shift(by);
                rotate.shift(by);
                keep.shift(by);
            }
            Self::Nats(text)
            | Self::Mqtt(text)
            | Self::Zenoh(text)
            | Self::Otlp(text)
            | Self::Counter(text) => {
                text.shift(by);
            }
        }
    }
}

impl Shift for TestStepKind {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Send { wires, message, times, every } => {
                wires.shift(by);
                message.shift(by);
                times.shift(by);
                every.shift(by);
            }
            Self::Expect(expect) => expect.shift(by),
            Self::Stub { ends, replies } => {
                ends.shift(by);
                replies.shift(by);
            }
            Self::Unreachable(name) => name.shift(by),
            Self::Advance(time) => time.shift(by),
        }
    }
}

impl Shift for Outcome {
    fn shift(&mut self, by: i64) {
        match self {
            Self::Delivered(ends) => ends.shift(by),
            Self::Redirected { by: name, to } => {
                name.shift(by);
                to.shift(by);
            }
            Self::Stopped(name) | Self::Held(name) | Self::Sent(name) => name.shift(by),
            Self::Tap(name) => name.shift(by),
            Self::Error(text) => text.shift(by),
            Self::Nothing => {}
            Self::That(e) => e.shift(by),
        }
    }
}
