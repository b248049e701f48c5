//! The language as a highlighter sees it: groups of rules, from the table of words.
//!
//! A rule is a token or a region; where several fit at one place the first counts. What the end of a region matches, no
//! rule within it may match, because formats differ in which of the two they try first.

use route_grammar::class::Class;
use route_grammar::keywords::{self, Category, Keyword, Reserved};

use crate::re::{Re, ahead, text, word};

/// A part of a token with its class.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it matches.
    pub re: Re,
    /// Its class; blanks between two words have none.
    pub class: Option<Class>,
}

/// One rule of a group.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Pieces of one line, one after the other.
    Token(Vec<Piece>),
    /// Text between two tokens, with rules of its own.
    Region(Region),
    /// All rules of a group.
    Group(&'static str),
}

/// Text between two tokens.
#[derive(Clone, Debug)]
pub struct Region {
    /// Unique name.
    pub name: &'static str,
    /// How it begins.
    pub begin: Vec<Piece>,
    /// How it ends; may be a place alone.
    pub end: Piece,
    /// Class of what no rule within it takes.
    pub body: Option<Class>,
    /// Rules within it.
    pub rules: Vec<Rule>,
}

/// Rules under a name.
#[derive(Clone, Debug)]
pub struct Group {
    /// Unique name.
    pub name: &'static str,
    /// In order.
    pub rules: Vec<Rule>,
}

/// The group that a file begins with.
pub const ROOT: &str = "file";

/// Every group, those that others use later.
pub fn groups() -> Vec<Group> {
    vec![
        group("file", vec![Rule::Group("items"), token(&[(text("}"), Class::Bracket)])]),
        items(),
        types(),
        ends(),
        clauses(),
        call_clauses(),
        runtime_clauses(),
        steps(),
        replies(),
        targets(),
        pairs(),
        expr(),
        values(),
        group("texts", vec![texts()]),
        group("escapes", vec![escape()]),
        comments(),
    ]
}

fn group(name: &'static str, rules: Vec<Rule>) -> Group {
    Group { name, rules }
}

// Words.

/// Words of a category, as the table has them.
fn words(fits: impl Fn(&Keyword) -> bool) -> Vec<&'static str> {
    keywords::ALL.iter().filter(|k| fits(k)).map(|k| k.word).collect()
}

fn of(category: Category) -> Vec<&'static str> {
    words(|k| k.category == category)
}

/// The class of a word, as the table has it.
fn class_of(word: &str) -> Class {
    keywords::lookup(word).map_or(Class::Reference, |k| k.category.class())
}

/// Words that no bare name may be.
fn reserved() -> Vec<&'static str> {
    words(|k| k.reserved != Reserved::Never)
}

/// Words that begin an item.
fn item_words() -> Vec<&'static str> {
    words(|k| matches!(k.category, Category::Item | Category::Router))
}

// Pieces.

/// A token of pieces with blanks between them.
fn token(pieces: &[(Re, Class)]) -> Rule {
    Rule::Token(spaced(pieces))
}

/// Pieces with blanks between them: at least one between two words.
fn spaced(pieces: &[(Re, Class)]) -> Vec<Piece> {
    let wordy = |re: &Re| matches!(re, Re::Word(_) | Re::Ident | Re::IdentBut(_));
    let mut out: Vec<Piece> = Vec::new();
    for (at, (re, class)) in pieces.iter().enumerate() {
        if at > 0 {
            let blank = wordy(re) && wordy(&pieces[at - 1].0);
            out.push(Piece { re: if blank { Re::Blank } else { Re::Gap }, class: None });
        }
        out.push(Piece { re: re.clone(), class: Some(*class) });
    }
    out
}

/// Words one after the other, each with its own class; each may be one of several.
fn phrase(parts: &[&[&'static str]]) -> Rule {
    let pieces: Vec<(Re, Class)> =
        parts.iter().map(|choice| (word(choice), class_of(choice.first().unwrap_or(&"")))).collect();
    token(&pieces)
}

/// Each word by itself, those of one class together.
fn each(words: &[&'static str]) -> Vec<Rule> {
    let mut out: Vec<(Class, Vec<&'static str>)> = Vec::new();
    for word in words {
        let class = class_of(word);
        match out.iter_mut().find(|(c, _)| *c == class) {
            Some((_, list)) => list.push(word),
            None => out.push((class, vec![word])),
        }
    }
    out.into_iter().map(|(class, list)| token(&[(word(&list), class)])).collect()
}

fn piece(re: Re, class: Class) -> Piece {
    Piece { re, class: Some(class) }
}

fn place(re: Re) -> Piece {
    Piece { re, class: None }
}

/// A name where one is used.
fn reference() -> Re {
    Re::IdentBut(reserved())
}

/// Before the next item, or the end of a layer.
fn before_item() -> Re {
    ahead(Re::Alt(vec![Re::Seq(vec![Re::NotBehind(Box::new(text("."))), word(&item_words())]), text("}")]))
}

/// Where the block of an item has ended, or should have.
fn after_block() -> Piece {
    place(Re::Alt(vec![Re::Behind(Box::new(text("}"))), before_item()]))
}

/// A line that can only be the head of an item: a block that is still open there lacks its brace.
fn item_head() -> Re {
    let named =
        |words: &[&'static str], then: Re| Re::Seq(vec![word(words), Re::Blank, Re::Ident, Re::Gap, then]);
    let mut routers = of(Category::Router);
    routers.push("carry");
    Re::Seq(vec![
        Re::LineStart,
        ahead(Re::Seq(vec![
            Re::Gap,
            Re::Alt(vec![
                named(&routers, word(&["on"])),
                Re::Seq(vec![word(&["use", "test"]), Re::Blank, text("\"")]),
                named(&["layer", "schema", "runtime"], text("{")),
                named(&["const", "param", "let"], Re::One(":=")),
                Re::Seq(vec![word(&["predicate"]), Re::Blank, Re::Ident]),
                named(&["stack"], Re::LineEnd),
                Re::Seq(vec![word(&["place"]), Re::Blank]),
            ]),
        ])),
    ])
}

/// `}`, or where it is missing.
fn close() -> Piece {
    piece(Re::Alt(vec![text("}"), item_head()]), Class::Bracket)
}

fn region(name: &'static str, begin: Vec<Piece>, end: Piece, rules: Vec<Rule>) -> Rule {
    Rule::Region(Region { name, begin, end, body: None, rules })
}

/// `{ … }` with rules of its own.
fn block(name: &'static str, rules: Vec<Rule>) -> Rule {
    region(name, vec![piece(text("{"), Class::Bracket)], close(), rules)
}

fn groups_of(names: &[&'static str]) -> Vec<Rule> {
    names.iter().map(|name| Rule::Group(name)).collect()
}

// Items.

fn items() -> Group {
    let mut rules = groups_of(&["comments", "texts"]);
    let allow = [
        (word(&["allow"]), Class::Item),
        (text("("), Class::Bracket),
        (Re::Seq(vec![Re::Ident, Re::Many(Box::new(Re::One("A-Za-z0-9_\\-")))]), Class::Code),
        (text(")"), Class::Bracket),
    ];
    rules.push(token(&allow));
    rules.push(token(&[(word(&["stack", "layer"]), Class::Item), (Re::Ident, Class::NameSpace)]));
    rules.push(block("layer", groups_of(&["items"])));
    rules.push(value_item());
    rules.push(let_item());
    rules.push(predicate());
    let head = |words: &[&'static str], class, name| spaced(&[(word(words), class), (Re::Ident, name)]);
    let with_block = |name, begin, mut head: Vec<Rule>, body| {
        head.push(body);
        region(name, begin, after_block(), head)
    };
    let on = || token(&[(word(&["on"]), Class::Clause)]);
    rules.push(with_block(
        "schema",
        head(&["schema"], Class::Item, Class::NameSchema),
        groups_of(&["comments"]),
        fields(),
    ));
    rules.push(with_block(
        "runtime",
        head(&["runtime"], Class::Item, Class::NameSpace),
        groups_of(&["comments"]),
        block("runtime-block", groups_of(&["runtime-clauses"])),
    ));
    rules.push(with_block(
        "test",
        vec![piece(word(&["test"]), Class::Item)],
        groups_of(&["comments", "texts"]),
        block("test-block", groups_of(&["steps"])),
    ));
    let kinds: Vec<&str> = of(Category::Router).into_iter().filter(|w| *w != "call").collect();
    rules.push(with_block(
        "router",
        head(&kinds, Class::Router, Class::NameRouter),
        vec![on(), Rule::Group("ends")],
        block("router-block", groups_of(&["clauses"])),
    ));
    rules.push(with_block(
        "call",
        head(&["call"], Class::Router, Class::NameRouter),
        vec![on(), Rule::Group("ends")],
        block("call-block", groups_of(&["call-clauses"])),
    ));
    let carry = head(&["carry"], Class::Item, Class::Reference);
    rules.push(region("carry", carry, place(before_item()), vec![on(), Rule::Group("ends")]));
    let home = token(&[(word(&["on"]), Class::Clause), (Re::Ident, Class::Reference)]);
    let begin = vec![piece(word(&["place"]), Class::Item)];
    rules.push(region("place", begin, place(before_item()), vec![home, Rule::Group("ends")]));
    // What is half typed.
    rules.extend(each(&item_words()));
    group("items", rules)
}

/// `const x: T = E`, `param x: T = E`
fn value_item() -> Rule {
    let of_type = region(
        "declared-type",
        vec![piece(text(":"), Class::Separator)],
        place(Re::Alt(vec![ahead(text("=")), before_item()])),
        groups_of(&["types"]),
    );
    let begin = spaced(&[(word(&["const", "param"]), Class::Item), (Re::Ident, Class::NameValue)]);
    let rules = vec![Rule::Group("comments"), of_type, value("value-body")];
    region("value", begin, place(before_item()), rules)
}

fn value(name: &'static str) -> Rule {
    region(name, vec![piece(text("="), Class::Sign)], place(before_item()), groups_of(&["expr"]))
}

fn let_item() -> Rule {
    let begin = spaced(&[(word(&["let"]), Class::Item), (Re::Ident, Class::NameValue)]);
    let rules = vec![token(&[(text("="), Class::Sign)]), Rule::Group("ends")];
    region("let", begin, place(before_item()), rules)
}

fn predicate() -> Rule {
    let begin = spaced(&[(word(&["predicate"]), Class::Item), (Re::Ident, Class::NamePredicate)]);
    let params = region(
        "params",
        vec![piece(text("("), Class::Bracket)],
        piece(Re::Alt(vec![text(")"), ahead(Re::One("{=}"))]), Class::Bracket),
        vec![
            Rule::Group("comments"),
            token(&[(reference(), Class::Parameter)]),
            token(&[(text(","), Class::Separator)]),
        ],
    );
    let rules = vec![Rule::Group("comments"), params, value("predicate-body")];
    region("predicate", begin, place(before_item()), rules)
}

// Schemas.

fn fields() -> Rule {
    let optional = [(Re::Ident, Class::Property), (text("?"), Class::Sign), (text(":"), Class::Separator)];
    let required = [(Re::Ident, Class::Property), (text(":"), Class::Separator)];
    block("fields", vec![token(&optional), token(&required), Rule::Group("types")])
}

fn types() -> Group {
    let always = words(|k| k.reserved == Reserved::Always && k.category != Category::Literal);
    let mut rules = groups_of(&["comments", "texts"]);
    rules.push(fields());
    rules.extend(each(&of(Category::Literal)));
    rules.push(Rule::Token(vec![piece(Re::Seq(vec![text("-"), num(), Re::WordEnd]), Class::Number)]));
    rules.push(number());
    rules.push(token(&[(Re::IdentBut(always), Class::Type)]));
    rules.push(token(&[(Re::One("|?\\-"), Class::Sign)]));
    rules.push(token(&[(Re::One("\\[\\]"), Class::Bracket)]));
    rules.push(token(&[(Re::One(",:"), Class::Separator)]));
    group("types", rules)
}

// Wires.

fn ends() -> Group {
    let kinds =
        words(|k| k.category == Category::Selector && !matches!(k.word, "upstream" | "downstream" | "next"));
    let mut rules = groups_of(&["comments", "texts"]);
    rules.push(token(&[(Re::Seq(vec![text("~"), regex_body()]), Class::Regex)]));
    rules.push(phrase(&[&["upstream", "downstream"], &["of"]]));
    rules.push(phrase(&[&["next"], &["to"]]));
    rules.extend(each(&kinds));
    rules.push(token(&[(word(&["in", "or", "and"]), Class::WordOperator)]));
    rules.push(token(&[(text("."), Class::Separator), (digits(), Class::Number)]));
    rules.push(token(&[(reference(), Class::Reference)]));
    rules.push(token(&[(text("->"), Class::Arrow)]));
    rules.push(token(&[(text("*"), Class::All)]));
    rules.push(token(&[(Re::One("()"), Class::Bracket)]));
    rules.push(token(&[(Re::One(".,"), Class::Separator)]));
    group("ends", rules)
}

// Clauses.

fn clauses() -> Group {
    let mut rules = groups_of(&["comments", "targets"]);
    rules.push(values_text());
    rules.push(phrase(&[&["as"], &["error"]]));
    rules.push(phrase(&[&["at"], &["most"]]));
    rules.push(phrase(&[&["full"], &["drop", "block"]]));
    rules.push(phrase(&[&["then"], &["pass", "drop"]]));
    rules.push(phrase(&[&["unreachable"], &["spool", "pass", "error"]]));
    rules.push(phrase(&[&["ack"], &["stored", "delivered"]]));
    rules.push(on_fault(&["pass", "error"]));
    rules.push(on_fault(&["halt"]));
    rules.extend(each(&words(|k| {
        k.reserved != Reserved::Never && !matches!(k.category, Category::Operator | Category::Literal)
    })));
    rules.push(Rule::Group("expr"));
    group("clauses", rules)
}

fn on_fault(what: &[&'static str]) -> Rule {
    phrase(&[&["on"], &["fault"], what])
}

fn call_clauses() -> Group {
    let mut rules = groups_of(&["comments"]);
    rules.push(on_fault(&["pass", "error"]));
    rules.push(on_fault(&["halt"]));
    rules.extend(each(&["on", "when"]));
    let object = Re::Seq(vec![reference(), ahead(Re::Seq(vec![Re::Gap, text("{")]))]);
    rules.push(token(&[(object, Class::Call)]));
    // A module without options: alone on its line, or between braces.
    let begins = Re::Alt(vec![Re::LineStart, Re::Behind(Box::new(text("{")))]);
    let ends = ahead(Re::Seq(vec![Re::Gap, Re::Alt(vec![text("}"), text("//"), Re::LineEnd])]));
    rules.push(Rule::Token(vec![
        place(Re::Seq(vec![begins, Re::Gap])),
        piece(Re::Seq(vec![reference(), ends]), Class::Call),
    ]));
    rules.push(Rule::Group("expr"));
    group("call-clauses", rules)
}

fn runtime_clauses() -> Group {
    let mut rules = groups_of(&["comments"]);
    rules.push(token(&[(word(&["limit"]), Class::Router), (Re::Ident, Class::Property)]));
    let begin = spaced(&[(word(&["tags"]), Class::Clause), (text("{"), Class::Bracket)]);
    rules.push(region("tags", begin, close(), groups_of(&["pairs"])));
    rules.extend(each(&["zenoh", "nats", "mqtt", "tags", "durable", "limit"]));
    rules.push(Rule::Group("expr"));
    group("runtime-clauses", rules)
}

/// What stands after `to`.
fn targets() -> Group {
    let file = block("file-options", {
        let mut rules = groups_of(&["comments"]);
        rules.extend(each(&["rotate", "keep"]));
        rules.push(Rule::Group("expr"));
        rules
    });
    let named = words(|k| k.category == Category::Sink && !matches!(k.word, "stdout" | "stream"));
    let mut rules = vec![
        file,
        phrase(&[&["one"], &["of"]]),
        phrase(&[&["by"], &["round"], &["robin"]]),
        phrase(&[&["by"], &["latency", "order"]]),
        token(&[(word(&["by"]), Class::Clause)]),
        token(&[(word(&["stdout", "stream"]), Class::Sink)]),
        Rule::Token(vec![piece(
            Re::Seq(vec![word(&named), ahead(Re::Seq(vec![Re::Gap, text("\"")]))]),
            Class::Sink,
        )]),
    ];
    let stays = ["in", "or", "and", "by"];
    let next = words(|k| k.reserved != Reserved::Never && !stays.contains(&k.word));
    let roots: Vec<&'static str> = keywords::ROOTS.iter().map(|r| r.0).collect();
    let assigned = Re::Seq(vec![word(&roots), ahead(Re::One(".\\["))]);
    let end = ahead(Re::Alt(vec![word(&next), assigned, text("}")]));
    let key_end = ahead(Re::Alt(vec![word(&next), text("}")]));
    // What follows `by hash` is an expression.
    let hash = spaced(&[(word(&["by"]), Class::Clause), (word(&["hash"]), Class::Clause)]);
    rules.insert(0, region("hash-key", hash, place(key_end), groups_of(&["expr"])));
    rules.push(Rule::Group("ends"));
    let to = region("target", vec![piece(word(&["to"]), Class::Clause)], place(end), rules);
    group("targets", vec![to])
}

// Tests.

/// Before the next step, or the end of the test.
fn next_step() -> Piece {
    let words = word(&["send", "expect", "stub", "advance", "unreachable"]);
    place(ahead(Re::Alt(vec![Re::Seq(vec![Re::NotBehind(Box::new(text("."))), words]), text("}")])))
}

fn steps() -> Group {
    let begin = |w: &'static str| vec![piece(word(&[w]), Class::Step)];
    let named = |w: &'static str| token(&[(word(&[w]), class_of(w)), (Re::Ident, Class::Reference)]);
    // An expression, unless an outcome follows.
    let outcomes =
        || word(&["delivered", "redirected", "stopped", "held", "sent", "tap", "error", "nothing"]);
    let follows =
        Re::Alt(vec![word(&["no"]), outcomes(), Re::Seq(vec![word(&["not"]), Re::Blank, outcomes()])]);
    let expects = Re::Seq(vec![word(&["expect"]), ahead(Re::Seq(vec![Re::Blank, follows]))]);
    let mut outcome = groups_of(&["comments", "texts"]);
    outcome.push(region("where", begin("where"), next_step(), groups_of(&["expr"])));
    outcome.push(named("tap"));
    outcome.push(named("by"));
    let words = ["no", "not", "delivered", "redirected", "stopped", "held", "sent", "error", "nothing"];
    outcome.extend(each(&words));
    outcome.extend(each(&["by", "to", "with", "times"]));
    outcome.extend([object(), Rule::Group("ends"), Rule::Group("values")]);
    let mut send = groups_of(&["comments", "texts"]);
    send.extend(each(&["times", "every"]));
    send.extend([object(), Rule::Group("ends"), Rule::Group("values")]);
    let stub =
        vec![Rule::Group("comments"), block("stub-block", groups_of(&["replies"])), Rule::Group("ends")];
    let rules = vec![
        Rule::Group("comments"),
        region("outcome", vec![piece(expects, Class::Step)], next_step(), outcome),
        region("expectation", begin("expect"), next_step(), groups_of(&["expr"])),
        region("send", begin("send"), next_step(), send),
        region("stub", begin("stub"), next_step(), stub),
        region("advance", begin("advance"), next_step(), groups_of(&["expr"])),
        named("unreachable"),
        token(&[(word(&["unreachable"]), Class::Clause)]),
    ];
    group("steps", rules)
}

/// What a stub does.
fn replies() -> Group {
    let end = place(ahead(Re::Alt(vec![word(&["send", "pass"]), text("}")])));
    let mut rules = groups_of(&["comments", "texts"]);
    rules.push(region("reply-when", vec![piece(word(&["when"]), Class::Clause)], end, groups_of(&["expr"])));
    rules.extend(each(&["pass", "send", "to"]));
    rules.push(object());
    rules.push(number());
    group("replies", rules)
}

// Expressions.

fn object() -> Rule {
    block("object", groups_of(&["pairs"]))
}

/// What stands in an object: keys before a colon, and values.
fn pairs() -> Group {
    let key = token(&[(Re::Ident, Class::Property), (text(":"), Class::Separator)]);
    group("pairs", vec![key, Rule::Group("expr")])
}

fn expr() -> Group {
    group("expr", vec![Rule::Group("comments"), Rule::Group("texts"), object(), Rule::Group("values")])
}

/// Expressions without texts and objects.
fn values() -> Group {
    let functions: Vec<&'static str> = keywords::FUNCTIONS.iter().map(|f| f.name).collect();
    let roots: Vec<&'static str> = keywords::ROOTS.iter().map(|r| r.0).collect();
    let before_paren = || ahead(text("("));
    let mut rules = vec![regex(), rate(), percent(), duration(), size(), number()];
    let single = Re::Seq(vec![Re::NotBehind(Box::new(text("."))), text(".")]);
    rules.push(Rule::Token(vec![piece(single, Class::Separator), piece(Re::Ident, Class::Property)]));
    rules.push(token(&[(Re::Seq(vec![word(&functions), before_paren()]), Class::Function)]));
    rules.push(token(&[(word(&["is"]), Class::WordOperator), (Re::Ident, Class::Type)]));
    rules.push(phrase(&[&["starts", "ends"], &["with"]]));
    let operators = words(|k| k.category == Category::Operator && k.reserved != Reserved::Never);
    rules.push(token(&[(word(&operators), Class::WordOperator)]));
    rules.extend(each(&of(Category::Literal)));
    rules.push(token(&[(Re::Seq(vec![reference(), before_paren()]), Class::Call)]));
    rules.push(token(&[(word(&roots), Class::Root)]));
    rules.push(token(&[(reference(), Class::Reference)]));
    rules.push(token(&[(text("->"), Class::Arrow)]));
    let signs = keywords::SIGNS.iter().filter(|s| !matches!(**s, "|" | "?"));
    rules.push(token(&[(Re::Alt(signs.map(|s| text(s)).collect()), Class::Sign)]));
    rules.push(token(&[(Re::One("()\\[\\]"), Class::Bracket)]));
    rules.push(token(&[(Re::One(",.:"), Class::Separator)]));
    group("values", rules)
}

fn digits() -> Re {
    Re::Seq(vec![Re::One("0-9"), Re::Many(Box::new(Re::One("0-9")))])
}

/// A number without what must follow it.
fn num() -> Re {
    let fraction = Re::Maybe(Box::new(Re::Seq(vec![text("."), digits()])));
    let sign = Re::Maybe(Box::new(Re::One("+\\-")));
    let exponent = Re::Maybe(Box::new(Re::Seq(vec![Re::One("eE"), sign, digits()])));
    Re::Seq(vec![Re::NotInWord, digits(), fraction, exponent])
}

/// A number with a unit.
fn literal(unit: Re) -> Rule {
    Rule::Token(vec![piece(num(), Class::Number), piece(unit, Class::Unit)])
}

fn time_unit() -> Re {
    let units = keywords::TIME_UNITS.iter().map(|u| text(u.0)).collect();
    Re::Seq(vec![Re::Alt(units), Re::WordEnd])
}

fn rate() -> Rule {
    let times = Re::Seq(vec![digits(), Re::Maybe(Box::new(Re::Seq(vec![text("."), digits()])))]);
    literal(Re::Seq(vec![text("/"), Re::Maybe(Box::new(times)), time_unit()]))
}

fn percent() -> Rule {
    literal(Re::Seq(vec![text("%"), Re::WordEnd, Re::NotAhead(Box::new(text("(")))]))
}

fn duration() -> Rule {
    literal(time_unit())
}

fn size() -> Rule {
    let units = keywords::SIZE_UNITS.iter().map(|u| text(u.0)).collect();
    literal(Re::Seq(vec![Re::Alt(units), Re::WordEnd]))
}

fn number() -> Rule {
    Rule::Token(vec![piece(Re::Seq(vec![num(), Re::WordEnd]), Class::Number)])
}

/// `/…/` where an operand can stand.
fn regex() -> Rule {
    let after = |w: &'static str| Re::Seq(vec![Re::WordStart, text(w)]);
    let mut before: Vec<Re> = ["=", "(", "[", ",", ":"].iter().map(|s| text(s)).collect();
    let joining = ["matches", "in", "and", "or", "not", "when", "by", "per", "where", "contains", "with"];
    before.extend(joining.map(after));
    Rule::Token(vec![
        place(Re::Seq(vec![Re::Behind(Box::new(Re::Alt(before))), Re::Gap])),
        piece(regex_body(), Class::Regex),
    ])
}

fn regex_body() -> Re {
    let escaped = Re::Seq(vec![text("\\"), Re::Any]);
    let inner = Re::Many(Box::new(Re::Alt(vec![escaped.clone(), Re::NoneOf("\\]\\\\")])));
    let class = Re::Seq(vec![text("["), inner, text("]")]);
    let part = Re::Alt(vec![escaped, class, Re::NoneOf("/\\\\")]);
    Re::Seq(vec![
        text("/"),
        Re::NotAhead(Box::new(text("/"))),
        part.clone(),
        Re::Many(Box::new(part)),
        text("/"),
    ])
}

fn escape() -> Rule {
    let hex = Re::Seq(vec![Re::One("0-9A-Fa-f"), Re::Many(Box::new(Re::One("0-9A-Fa-f")))]);
    let unicode = Re::Seq(vec![text("u{"), hex, text("}")]);
    token(&[(Re::Seq(vec![text("\\"), Re::Alt(vec![unicode, Re::Any])]), Class::Escape)])
}

fn text_end() -> Piece {
    piece(Re::Alt(vec![text("\""), Re::LineEnd]), Class::Text)
}

fn texts() -> Rule {
    Rule::Region(Region {
        name: "text",
        begin: vec![piece(text("\""), Class::Text)],
        end: text_end(),
        body: Some(Class::Text),
        rules: groups_of(&["escapes"]),
    })
}

/// The text of `log`, with values in braces.
fn values_text() -> Rule {
    let end = Re::Alt(vec![text("}"), ahead(text("\"")), Re::LineEnd]);
    let rules = groups_of(&["escapes", "values"]);
    // A brace that is not closed on its line is text.
    let closed = ahead(Re::Seq(vec![Re::Many(Box::new(Re::NoneOf("}\""))), text("}")]));
    let open = vec![piece(Re::Seq(vec![text("{"), closed]), Class::Embed)];
    let embedded = region("embedded", open, piece(end, Class::Embed), rules);
    let after_log = Re::Behind(Box::new(Re::Alt(vec![text("log"), text("log ")])));
    Rule::Region(Region {
        name: "log-text",
        begin: vec![piece(Re::Seq(vec![after_log, text("\"")]), Class::Text)],
        end: text_end(),
        body: Some(Class::Text),
        rules: vec![Rule::Group("escapes"), token(&[(text("{{"), Class::Escape)]), embedded],
    })
}

fn comments() -> Group {
    let to_end = || Re::Many(Box::new(Re::Any));
    let doc = Re::Seq(vec![text("///"), Re::NotAhead(Box::new(text("/"))), to_end()]);
    let plain = Re::Seq(vec![text("//"), to_end()]);
    group("comments", vec![token(&[(doc, Class::Doc)]), token(&[(plain, Class::Comment)])])
}
