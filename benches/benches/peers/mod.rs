//! The same tasks in other engines. Each gets the values in its own form before the clock starts.

use atc_router::ast::{Type as AtcType, Value as AtcValue};
use atc_router::context::Context as AtcContext;
use atc_router::router::Router as AtcRouter;
use atc_router::schema::Schema as AtcSchema;
use cel::{Context as CelContext, Program, Value as CelValue};
use route_benches::Case;
use uuid::Uuid;
use wirefilter::{ExecutionContext, Filter, Scheme, Type};

use super::{Row, TEN_CEL, Task};

/// Messages in the forms of the peers. They live as long as the process: the engines borrow them.
pub(crate) struct Peers {
    rows: &'static [Row],
    scheme: &'static Scheme,
    wirefilter: &'static [ExecutionContext<'static>],
    schema: &'static AtcSchema,
    cel: &'static [CelContext<'static, 'static>],
}

impl Peers {
    pub(crate) fn new(rows: &'static [Row]) -> Self {
        let mut scheme = Scheme::new();
        for (name, ty) in [
            ("topic", Type::Bytes),
            ("temperature", Type::Int),
            ("unit", Type::Bytes),
            ("ok", Type::Bool),
            ("seq", Type::Int),
        ] {
            scheme.add_field(name.to_owned(), ty).expect("names are distinct");
        }
        let scheme: &'static Scheme = Box::leak(Box::new(scheme));
        let mut schema = AtcSchema::default();
        for (name, ty) in [
            ("topic", AtcType::String),
            ("temperature", AtcType::Int),
            ("unit", AtcType::String),
            ("ok", AtcType::Int),
            ("seq", AtcType::Int),
        ] {
            schema.add_field(name, ty);
        }
        let contexts: Vec<ExecutionContext<'static>> =
            rows.iter().map(|row| wirefilter_context(scheme, row)).collect();
        let cel: Vec<CelContext<'static, 'static>> = rows.iter().map(cel_context).collect();
        Self {
            rows,
            scheme,
            wirefilter: Box::leak(contexts.into_boxed_slice()),
            schema: Box::leak(Box::new(schema)),
            cel: Box::leak(cel.into_boxed_slice()),
        }
    }

    fn filter(&self, text: &'static str) -> Filter<'static> {
        self.scheme.parse(text).expect("the filter is valid").compile()
    }

    pub(crate) fn cases(&self, task: &'static Task, cases: &mut Vec<Case<'_>>) {
        let (contexts, cel) = (self.wirefilter, self.cel);
        if let Some(text) = task.wirefilter {
            let filter = self.filter(text);
            cases.push(Case::new("wirefilter", task.name, move || {
                contexts.iter().filter(|c| filter.execute(c) == Ok(true)).count() as u64
            }));
        }
        if let Some(text) = task.atc {
            cases.push(self.atc(task.name, &[text.to_owned()], |_| 1));
        }
        let program = Program::compile(task.cel).expect("the program is valid");
        cases.push(Case::new("cel", task.name, move || {
            cel.iter().filter(|c| program.execute(c) == Ok(CelValue::Bool(true))).count() as u64
        }));
    }

    pub(crate) fn ten(&self, cases: &mut Vec<Case<'_>>) {
        let cel = self.cel;
        let programs: Vec<Program> =
            TEN_CEL.iter().map(|text| Program::compile(text).expect("the program is valid")).collect();
        cases.push(Case::new("cel", "P5 ten filters", move || {
            let all = |c: &&CelContext<'static, 'static>| {
                programs.iter().all(|p| p.execute(c) == Ok(CelValue::Bool(true)))
            };
            cel.iter().filter(all).count() as u64
        }));
    }

    /// One router of the peer; a pass sums what `worth` says of the rules that took the messages.
    fn atc(&self, name: &str, rules: &[String], worth: fn(u64) -> u64) -> Case<'static> {
        let mut router = AtcRouter::new(self.schema);
        for (i, text) in rules.iter().enumerate() {
            // The rule of the highest priority comes first.
            router.add_matcher(rules.len() - i, Uuid::from_u128(i as u128), text).expect("the rule is valid");
        }
        let mut contexts: Vec<AtcContext<'static>> =
            self.rows.iter().map(|row| atc_context(self.schema, row)).collect();
        Case::new("atc-router", name, move || {
            let mut answer = 0;
            for context in &mut contexts {
                if router.execute(context)
                    && let Some(found) = context.result.take()
                {
                    answer += worth(found.uuid.as_u128() as u64);
                }
            }
            answer
        })
    }

    /// Rules on one topic, the first that matches takes the message: none of the peers merges them.
    pub(crate) fn rules(&self, n: i32, name: &str, cases: &mut Vec<Case<'_>>) {
        let (contexts, cel) = (self.wirefilter, self.cel);
        let text = |i: i32| format!("topic == \"dev/{i}\" && temperature > {}", limit(n, i));
        let filters: Vec<Filter<'static>> =
            (0..n).map(|i| self.filter(Box::leak(text(i).into_boxed_str()))).collect();
        let first = |at: Option<usize>| at.map_or(0, |i| i as u64 + 1);
        cases.push(Case::new("wirefilter", name, move || {
            contexts.iter().map(|c| first(filters.iter().position(|f| f.execute(c) == Ok(true)))).sum()
        }));
        let rules: Vec<String> = (0..n).map(text).collect();
        cases.push(self.atc(name, &rules, |i| i + 1));
        let programs: Vec<Program> = (0..n)
            .map(|i| format!("topic == \"dev/{i}\" && payload.temperature > {}", limit(n, i)))
            .map(|text| Program::compile(&text).expect("the program is valid"))
            .collect();
        cases.push(Case::new("cel", name, move || {
            let matches =
                |p: &Program, c: &CelContext<'static, 'static>| p.execute(c) == Ok(CelValue::Bool(true));
            cel.iter().map(|c| first(programs.iter().position(|p| matches(p, c)))).sum()
        }));
    }
}

fn wirefilter_context(scheme: &'static Scheme, row: &'static Row) -> ExecutionContext<'static> {
    let mut context = ExecutionContext::new(scheme);
    context.set_field_value("topic", row.topic.as_str()).expect("a text");
    context.set_field_value("temperature", row.temperature).expect("a number");
    context.set_field_value("unit", row.unit).expect("a text");
    context.set_field_value("ok", row.ok).expect("a boolean");
    context.set_field_value("seq", row.seq).expect("a number");
    context
}

fn atc_context(schema: &'static AtcSchema, row: &Row) -> AtcContext<'static> {
    let mut context = AtcContext::new(schema);
    context.add_value("topic", AtcValue::String(row.topic.clone()));
    context.add_value("temperature", AtcValue::Int(row.temperature.into()));
    context.add_value("unit", AtcValue::String(row.unit.to_owned()));
    context.add_value("ok", AtcValue::Int(row.ok.into()));
    context.add_value("seq", AtcValue::Int(row.seq.into()));
    context
}

fn cel_context(row: &Row) -> CelContext<'static, 'static> {
    let mut context = CelContext::default();
    context.add_variable_from_value("topic", row.topic.clone());
    let payload: std::collections::HashMap<String, CelValue> = [
        ("temperature".to_owned(), CelValue::Int(row.temperature.into())),
        ("unit".to_owned(), row.unit.into()),
        ("ok".to_owned(), CelValue::Bool(row.ok)),
        ("seq".to_owned(), CelValue::Int(row.seq.into())),
        ("tags".to_owned(), vec!["a", "b"].into()),
    ]
    .into();
    context.add_variable_from_value("payload", payload);
    context
}

/// The temperature that rule `i` of `n` asks for. One rule alone asks for the middle of what the others ask for, so
/// that its outcome is as open as theirs, and no branch predictor makes it cheaper.
pub(crate) fn limit(n: i32, i: i32) -> i32 {
    if n == 1 { 25 } else { i % 50 }
}
