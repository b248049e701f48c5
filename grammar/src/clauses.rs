//! Routers with their clauses; which clause belongs to which router is checked here.

use crate::ast::{
    Choose, Clause, ClauseKind, EndsKind, Name, OnFault, Path, Router, RouterKind, Sink, SinkKind, Target,
    Unreachable,
};
use crate::diagnostic::Diagnostic;
use crate::lower::{Lower, P};
use crate::parse::Rule;
use crate::rules::codes;
use crate::span::Span;

impl RouterKind {
    /// The keyword.
    pub fn word(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Halt => "halt",
            Self::Tap => "tap",
            Self::Break => "break",
            Self::Remote => "remote",
            Self::Set => "set",
            Self::Redirect => "redirect",
            Self::Limit => "limit",
            Self::Call => "call",
        }
    }

    /// The clauses it may have, as [`clause_word`] names them.
    pub fn clauses(self) -> &'static [&'static str] {
        match self {
            Self::Filter => &["keep when", "drop when"],
            Self::Halt => &["when", "reason", "as error"],
            Self::Tap => &["when", "to", "omit", "only", "every", "at most", "full"],
            Self::Break => &["when", "hits", "hold", "log"],
            Self::Remote => &["when", "to", "unreachable", "ttl", "ack"],
            Self::Set => &["when", "msg.… =", "delete"],
            Self::Redirect => &["when", "to"],
            Self::Limit => &["when", "at most", "distinct", "over"],
            Self::Call => &["when", "PLUGIN", "on fault"],
        }
    }

    /// One of these must be there, and an example of it.
    fn needs(self) -> Option<(&'static [&'static str], &'static str)> {
        match self {
            Self::Filter => Some((&["keep when", "drop when"], "keep when msg.payload.temperature < 85")),
            Self::Tap => Some((&["to"], "to stdout")),
            Self::Remote => Some((&["to"], "to cloud")),
            Self::Set => Some((&["msg.… =", "delete"], "msg.site = \"north\"")),
            Self::Redirect => Some((&["to"], "to node \"Other\"")),
            Self::Limit => Some((&["at most", "distinct"], "at most 10/s")),
            Self::Call => Some((&["PLUGIN"], "my_plugin { }")),
            Self::Halt | Self::Break => None,
        }
    }
}

/// The words that a clause begins with.
pub fn clause_word(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::When(_) => "when",
        ClauseKind::KeepWhen(_) => "keep when",
        ClauseKind::DropWhen(_) => "drop when",
        ClauseKind::Reason(_) => "reason",
        ClauseKind::AsError => "as error",
        ClauseKind::To(_) => "to",
        ClauseKind::Omit(_) => "omit",
        ClauseKind::Only(_) => "only",
        ClauseKind::Every(_) => "every",
        ClauseKind::AtMost { .. } => "at most",
        ClauseKind::FullBlock(_) => "full",
        ClauseKind::Hits(_) => "hits",
        ClauseKind::Hold { .. } => "hold",
        ClauseKind::Log(_) => "log",
        ClauseKind::Unreachable(_) => "unreachable",
        ClauseKind::Ttl(_) => "ttl",
        ClauseKind::AckDelivered(_) => "ack",
        ClauseKind::Assign { .. } => "msg.… =",
        ClauseKind::Delete { .. } => "delete",
        ClauseKind::Distinct { .. } => "distinct",
        ClauseKind::OverHalt | ClauseKind::OverHold(_) => "over",
        ClauseKind::Plugin { .. } => "PLUGIN",
        ClauseKind::OnFault(_) => "on fault",
    }
}

impl Lower<'_> {
    /// Lowers a router; `cut` says that text right after it was not understood.
    pub(crate) fn router(&mut self, pair: P<'_>, span: Span, cut: bool) -> Router {
        let kind = router_kind(&pair);
        self.unclosed(&pair, kind.word());
        let strict = if kind == RouterKind::Call { Rule::strict_call } else { Rule::strict_clauses };
        let mut head = self.parts(pair.clone());
        let (mut clauses, mut before, mut whole, mut body) = (Vec::new(), None, true, false);
        for part in pair.into_inner() {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::lbrace => body = true,
                Rule::no_close => whole = false,
                Rule::clause | Rule::call_clause => {
                    before = Some(at.start as usize);
                    let inner = part.into_inner().next();
                    clauses.extend(inner.map(|p| Clause { kind: self.clause(p, at), span: at }));
                }
                Rule::bad_clause => {
                    whole = false;
                    self.island(at, before.take().unwrap_or(at.start as usize), strict);
                }
                _ => {}
            }
        }
        let router = Router { kind, name: head.name(span), wires: head.wires(span), clauses };
        self.check_clauses(&router, whole && (body || !cut));
        router
    }

    fn check_clauses(&mut self, router: &Router, whole: bool) {
        let kind = router.kind;
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for clause in &router.clauses {
            let word = clause_word(&clause.kind);
            if !kind.clauses().contains(&word) {
                let message = format!("`{}` has no clause `{word}`", kind.word());
                let help = format!("its clauses are {}", quoted(kind.clauses()));
                self.report(
                    Diagnostic::new(codes::FOREIGN_CLAUSE, self.file, clause.span, message).help(help),
                );
                continue;
            }
            if let (RouterKind::Tap, ClauseKind::AtMost { per: Some(per), .. }) = (kind, &clause.kind) {
                let message = "a `tap` does not count by key";
                let error = Diagnostic::new(codes::FOREIGN_CLAUSE, self.file, per.span, message);
                self.report(error.help("take out `per …`; a `limit` has it"));
            }
            let group = if word == "drop when" { "keep when" } else { word };
            let repeats = matches!(clause.kind, ClauseKind::Assign { .. } | ClauseKind::Delete { .. });
            match seen.iter().find(|(w, _)| *w == group) {
                Some((_, first)) if !repeats => {
                    let message = if word == group {
                        format!("`{word}` is given twice")
                    } else {
                        "`keep when` and `drop when` exclude each other".to_owned()
                    };
                    let error = Diagnostic::new(codes::DOUBLED_CLAUSE, self.file, clause.span, message);
                    let error = error.note(self.file, *first, "first given here");
                    self.report(error.help("keep one of them, or join two conditions with `and`"));
                }
                _ => seen.push((group, clause.span)),
            }
            self.check_target(kind, clause);
        }
        let Some((one_of, example)) = kind.needs().filter(|_| whole) else { return };
        if !router.clauses.iter().any(|c| one_of.contains(&clause_word(&c.kind))) {
            let message = format!("`{} {}` needs {}", kind.word(), router.name.text, quoted_or(one_of));
            let error = Diagnostic::new(codes::MISSING_CLAUSE, self.file, router.name.span, message);
            self.report(error.help(format!("for instance `{{ {example} }}`")));
        }
    }

    fn check_target(&mut self, kind: RouterKind, clause: &Clause) {
        let ClauseKind::To(target) = &clause.kind else { return };
        let help = match (kind, target) {
            (RouterKind::Remote, Target::Sink(_) | Target::Ends(_)) => "name a runtime: `to cloud`",
            (RouterKind::Redirect, Target::Sink(_) | Target::OneOf { .. }) => {
                "name a node: `to node \"Other\"`"
            }
            (RouterKind::Tap, Target::OneOf { .. }) => "name a sink or a node: `to stdout`",
            _ => return,
        };
        let message = format!("a `{}` cannot send there", kind.word());
        self.report(Diagnostic::new(codes::FOREIGN_TARGET, self.file, clause.span, message).help(help));
    }

    fn clause(&mut self, pair: P<'_>, span: Span) -> ClauseKind {
        let rule = pair.as_rule();
        match rule {
            Rule::to => return ClauseKind::To(self.target(pair, span)),
            Rule::omit => return ClauseKind::Omit(self.paths(pair)),
            Rule::only => return ClauseKind::Only(self.paths(pair)),
            Rule::assign | Rule::delete => return self.change(pair, span),
            Rule::at_most => {
                let mut of = |wanted| {
                    let part = pair.clone().into_inner().find(|p| p.as_rule() == wanted)?;
                    self.parts(part).exprs.pop()
                };
                let (burst, per) = (of(Rule::burst), of(Rule::per));
                self.at_most_once(&pair);
                return ClauseKind::AtMost { rate: self.parts(pair).expr(span), burst, per };
            }
            Rule::unreachable => return ClauseKind::Unreachable(self.unreachable(pair, span)),
            Rule::over => {
                let hold = pair.into_inner().find(|p| p.as_rule() == Rule::over_hold);
                return hold.map_or(ClauseKind::OverHalt, |p| ClauseKind::OverHold(self.parts(p).expr(span)));
            }
            _ => {}
        }
        let has = |wanted: Rule| pair.clone().into_inner().any(|p| p.as_rule() == wanted);
        let (pass, block, delivered) = (has(Rule::k_pass), has(Rule::k_block), has(Rule::k_delivered));
        let on_fault = match () {
            () if pass => OnFault::Pass,
            () if has(Rule::k_halt) => OnFault::Halt,
            () => OnFault::Error,
        };
        let mut parts = self.parts(pair);
        match rule {
            Rule::when => ClauseKind::When(parts.expr(span)),
            Rule::keep_when => ClauseKind::KeepWhen(parts.expr(span)),
            Rule::drop_when => ClauseKind::DropWhen(parts.expr(span)),
            Rule::reason => ClauseKind::Reason(parts.text(span)),
            Rule::as_error => ClauseKind::AsError,
            Rule::every => ClauseKind::Every(parts.expr(span)),
            Rule::full => ClauseKind::FullBlock(block),
            Rule::hits => ClauseKind::Hits(parts.expr(span)),
            Rule::hold => {
                ClauseKind::Hold { at_most: parts.expr(span), duration: parts.expr(span), then_pass: pass }
            }
            Rule::log => ClauseKind::Log(parts.text(span)),
            Rule::ttl => ClauseKind::Ttl(parts.expr(span)),
            Rule::ack => ClauseKind::AckDelivered(delivered),
            Rule::distinct => ClauseKind::Distinct { by: parts.expr(span), within: parts.expr(span) },
            Rule::on_fault => ClauseKind::OnFault(on_fault),
            _ => ClauseKind::Plugin { name: parts.name(span), options: parts.exprs.pop() },
        }
    }

    fn at_most_once(&mut self, pair: &P<'_>) {
        for (rule, word) in [(Rule::burst, "burst"), (Rule::per, "per")] {
            if let Some(second) = pair.clone().into_inner().filter(|p| p.as_rule() == rule).nth(1) {
                let span = self.span(&second);
                let message = format!("`{word}` is given twice");
                self.report(
                    Diagnostic::new(codes::DOUBLED_CLAUSE, self.file, span, message).help("keep one of them"),
                );
            }
        }
    }

    fn paths(&mut self, pair: P<'_>) -> Vec<(Path, Span)> {
        let paths = pair.into_inner().filter(|p| p.as_rule() == Rule::path);
        paths.map(|p| self.message_path(&p)).collect()
    }

    /// A path that must be a part of the message.
    fn message_path(&mut self, pair: &P<'_>) -> (Path, Span) {
        let (path, span) = (self.path(pair), self.span(pair));
        if path.root.text != "msg" || path.segments.is_empty() {
            let text = self.text.get(span.range()).unwrap_or_default();
            let message = format!("`{text}` is not a part of the message");
            let error = Diagnostic::new(codes::NOT_MESSAGE, self.file, span, message);
            self.report(error.help("name a path below `msg`, such as `msg.payload`"));
        }
        (path, span)
    }

    fn change(&mut self, pair: P<'_>, span: Span) -> ClauseKind {
        let assign = pair.as_rule() == Rule::assign;
        let (path, path_span) = self.paths(pair.clone()).pop().unwrap_or_else(|| {
            (Path { root: Name { text: String::new(), span }, segments: Vec::new() }, span)
        });
        if assign {
            ClauseKind::Assign { path, path_span, value: self.parts(pair).expr(span) }
        } else {
            ClauseKind::Delete { path, path_span }
        }
    }

    fn unreachable(&mut self, pair: P<'_>, span: Span) -> Unreachable {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::spool => return Unreachable::Spool(self.parts(part).expr(span)),
                Rule::k_halt => return Unreachable::Halt,
                Rule::k_pass => return Unreachable::Pass,
                _ => {}
            }
        }
        Unreachable::Error
    }

    fn target(&mut self, pair: P<'_>, span: Span) -> Target {
        let Some(inner) = pair.into_inner().find(|p| p.as_rule() != Rule::k_to) else {
            return Target::Name(Name { text: String::new(), span });
        };
        let at = self.span(&inner);
        match inner.as_rule() {
            Rule::one_of => {
                let choose = inner.clone().into_inner().find(|p| p.as_rule() == Rule::choose);
                let by =
                    choose.and_then(|p| p.into_inner().next()).map_or(Choose::Order, |p| match p.as_rule() {
                        Rule::by_hash => Choose::Hash(self.parts(p).expr(at)),
                        Rule::round_robin => Choose::RoundRobin,
                        Rule::k_latency => Choose::Latency,
                        _ => Choose::Order,
                    });
                Target::OneOf { runtimes: self.parts(inner).names, by }
            }
            Rule::sink => Target::Sink(Sink { kind: self.sink(inner, at), span: at }),
            _ => {
                let ends = self.ends(inner);
                match ends.kind {
                    EndsKind::Name(name) => Target::Name(name),
                    _ => Target::Ends(ends),
                }
            }
        }
    }

    fn sink(&mut self, pair: P<'_>, span: Span) -> SinkKind {
        let Some(inner) = pair.into_inner().next() else { return SinkKind::Stdout };
        match inner.as_rule() {
            Rule::k_stdout => SinkKind::Stdout,
            Rule::k_stream => SinkKind::Stream,
            Rule::file_sink => {
                let mut of = |wanted| {
                    let part = inner.clone().into_inner().find(|p| p.as_rule() == wanted)?;
                    self.parts(part).exprs.pop()
                };
                let (rotate, keep) = (of(Rule::rotate), of(Rule::keep));
                SinkKind::File { path: self.parts(inner).text(span), rotate, keep }
            }
            _ => {
                let word = inner.clone().into_inner().next().map(|p| p.as_rule());
                let text = self.parts(inner).text(span);
                match word {
                    Some(Rule::k_nats) => SinkKind::Nats(text),
                    Some(Rule::k_mqtt) => SinkKind::Mqtt(text),
                    Some(Rule::k_zenoh) => SinkKind::Zenoh(text),
                    Some(Rule::k_otlp) => SinkKind::Otlp(text),
                    _ => SinkKind::Counter(text),
                }
            }
        }
    }
}

fn router_kind(pair: &P<'_>) -> RouterKind {
    let word = pair.as_str().split_whitespace().next().unwrap_or_default();
    let all = [
        RouterKind::Filter,
        RouterKind::Halt,
        RouterKind::Tap,
        RouterKind::Break,
        RouterKind::Remote,
        RouterKind::Set,
        RouterKind::Redirect,
        RouterKind::Limit,
    ];
    all.into_iter().find(|k| word.starts_with(k.word())).unwrap_or(RouterKind::Call)
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

fn quoted_or(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" or ")
}
