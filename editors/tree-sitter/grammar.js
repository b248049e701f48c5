/**
 * @file Route: stacks of routers between the nodes of Node-RED flows.
 * @license Apache-2.0 OR MIT
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

// The words of the language in three lists: no name may be one of `always`; stacks, layers, schemas, runtimes and routers may
// be called as in `soft`, but no value and no set of nodes; the others can be names wherever no keyword is wanted.
const { always, soft, other, roots } = require('./words.js');

/** Words after `to` that are names where no sink follows. */
const SINKS = ['file', 'nats', 'mqtt', 'zenoh', 'otlp', 'counter'];

const NUMBER = '[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?';

// Of expressions, loosest first.
const PREC = { or: 1, and: 2, not: 3, compare: 4, range: 5, add: 6, multiply: 7, negate: 8 };
// Of sets of nodes.
const ENDS = { or: 1, and: 2, neighbours: 3, next: 4, in: 5, port: 9 };

const pattern = value => new RustRegex(value);
const commas = rule => seq(rule, repeat(seq(',', rule)));
const commasToEnd = rule => seq(commas(rule), optional(','));

// Half-typed text. Where something that must follow has not been typed yet, the scanner puts a token of no width in its place:
// `missing`, or the end of a text, list or block. What comes next keeps its own tree that way.

/** Rules that can be missing themselves, or begin with one that can. */
const CAN_BE_MISSING = ['_declared', '_named', '_value_name', '_expression', '_ends', '_type', 'wires'];
const canBeMissing = rule => CAN_BE_MISSING.includes(rule.type === 'FIELD' ? rule.content.name : rule.name);

/** One after the other; each but the first may be missing, and then all that follow. */
const all = ($, ...parts) => parts.map((part, at) => [part, at]).reduceRight((rest, [part, at]) => {
  const both = rest ? seq(part, rest) : part;
  return at === 0 || canBeMissing(part) ? both : choice(both, $.missing);
}, null);
const closed = ($, open, rule) => seq(open, rule, choice(')', alias($._no_bracket, $.missing)));
const block = ($, rule) => seq('{', rule, choice('}', alias($._no_brace, $.missing)));
const object = ($, rule) => seq('{', rule, choice('}', alias($._no_object_brace, $.missing)));

module.exports = grammar({
  name: 'route',

  // What the scanner reads, see there. The order is that of its tokens.
  externals: $ => [
    $._time_unit,
    $._size_unit,
    $._rate_unit,
    $._percent_sign,
    $._interpolation_start,
    $._line_end,
    $._no_bracket,
    $._no_brace,
    $._no_object_brace,
    $.missing,
    '}',
    ')',
    ']',
    $.code,
    $._segment_word,
    $._any_word,
    $.identifier,
    ...always,
    ...soft,
    ...other,
    ...roots,
  ],

  extras: $ => [/[ \t\r\n\uFEFF]/, $.comment],

  supertypes: $ => [$._expression, $._ends, $._type, $._clause, $._step],

  rules: {
    file: $ => repeat($._item),

    _item: $ => choice(
      $.doc_comment,
      $.allow,
      $.stack,
      $.use,
      $.layer,
      $.constant,
      $.parameter_item,
      $.let,
      $.predicate,
      $.schema,
      $.carry,
      $.runtime,
      $.place,
      $.test,
      $.router,
      $.call_router,
    ),

    doc_comment: _ => /\/\/\/([^\/\r\n][^\r\n]*)?/,
    comment: _ => /\/\/[^\r\n]*/,

    allow: $ => seq(all($, 'allow', closed($, '(', optional(field('code', $.code)))), optional(field('reason', $.string))),

    stack: $ => seq('stack', field('name', $._declared)),
    use: $ => all($, 'use', field('path', $.string)),
    layer: $ => all($, 'layer', field('name', $._declared), field('body', alias($._items, $.block))),
    _items: $ => block($, repeat($._item)),

    constant: $ => seq('const', $._value_name, optional($._typed), choice($._value, $.missing)),
    parameter_item: $ => seq('param', $._value_name, optional($._typed), optional($._value)),
    _typed: $ => seq(':', field('type', $._type)),
    _value: $ => seq('=', field('value', $._expression)),
    _value_name: $ => field('name', choice(alias($.identifier, $.name), $.missing)),
    let: $ => all($, seq('let', $._value_name), '=', field('value', $._ends)),
    predicate: $ => all(
      $,
      seq('predicate', $._value_name, optional(field('parameters', $.parameters))),
      '=',
      field('value', $._expression),
    ),
    parameters: $ => closed($, '(', optional(commasToEnd(alias($.identifier, $.parameter)))),

    schema: $ => all($, 'schema', field('name', $._declared), field('body', $.fields)),
    carry: $ => all($, 'carry', field('schema', $._named), 'on', field('wires', $.wires)),
    place: $ => all($, 'place', field('nodes', $._ends), 'on', field('runtime', $._named)),

    runtime: $ => all($, 'runtime', field('name', $._declared), field('body', alias($._runtime_clauses, $.block))),
    _runtime_clauses: $ => block($, repeat(choice($.transport, $.tags, $.queue_limit))),
    transport: $ => seq(
      choice('zenoh', 'mqtt', 'nats'),
      field('address', $._expression),
      optional('durable'),
    ),
    tags: $ => all($, 'tags', object($, optional(commasToEnd($.tag)))),
    tag: $ => all($, field('key', $._key), ':', field('value', $.string)),
    queue_limit: $ => all($, 'limit', field('name', alias(choice($.identifier, ...soft), $.property)), field('value', $._expression)),

    router: $ => seq(
      all(
        $,
        field('kind', choice('filter', 'halt', 'tap', 'break', 'remote', 'set', 'redirect', 'limit')),
        field('name', $._declared),
        'on',
        field('wires', $.wires),
      ),
      optional(field('body', alias($._clauses, $.block))),
    ),
    _clauses: $ => block($, repeat($._clause)),

    call_router: $ => seq(
      all($, field('kind', 'call'), field('name', $._declared), 'on', field('wires', $.wires)),
      optional(field('body', alias($._call_clauses, $.block))),
    ),
    _call_clauses: $ => block($, repeat(choice($.when, $.on_fault, $.plugin))),
    plugin: $ => seq(field('module', alias($.identifier, $.module)), optional(field('options', $.object))),

    // Clauses.

    _clause: $ => choice(
      $.when, $.keep_when, $.drop_when, $.reason, $.as_error, $.to, $.omit, $.only, $.every, $.at_most, $.full, $.hits, $.hold,
      $.log, $.unreachable, $.ttl, $.ack, $.delete, $.distinct, $.over, $.on_fault, $.assign,
    ),
    when: $ => seq('when', field('condition', $._expression)),
    keep_when: $ => all($, 'keep', 'when', field('condition', $._expression)),
    drop_when: $ => all($, 'drop', 'when', field('condition', $._expression)),
    reason: $ => all($, 'reason', $.string),
    as_error: $ => all($, 'as', 'error'),
    to: $ => seq('to', field('target', choice($.one_of, $.sink, $._ends, alias(choice(...SINKS, 'one'), $.reference)))),
    one_of: $ => all($, 'one', 'of', closed($, '(', optional(commasToEnd($._named))), 'by', $._choice),
    _choice: $ => choice(seq('hash', field('key', $._expression)), all($, 'round', 'robin'), 'latency', 'order'),
    sink: $ => choice(
      'stdout',
      'stream',
      seq('file', $.string, optional(alias($._file_options, $.block))),
      seq(choice(...SINKS.slice(1)), $.string),
    ),
    _file_options: $ => block($, repeat(choice($.rotate, $.keep))),
    rotate: $ => seq('rotate', $._expression),
    keep: $ => seq('keep', $._expression),
    omit: $ => seq('omit', commas(choice($.path, $.missing))),
    only: $ => seq('only', commas(choice($.path, $.missing))),
    every: $ => seq('every', $._expression),
    at_most: $ => seq(all($, 'at', 'most', $._expression), repeat(choice($.burst, $.per))),
    burst: $ => seq('burst', $._expression),
    per: $ => seq('per', $._expression),
    full: $ => all($, 'full', choice('drop', 'block')),
    hits: $ => seq('hits', $._expression),
    hold: $ => all($, 'hold', 'at', 'most', $._expression, 'for', $._expression, 'then', choice('pass', 'drop')),
    log: $ => all($, 'log', alias($._log_text, $.string)),
    unreachable: $ => all($, 'unreachable', choice(seq('spool', $._expression), 'halt', 'pass', 'error')),
    ttl: $ => seq('ttl', $._expression),
    ack: $ => all($, 'ack', choice('stored', 'delivered')),
    delete: $ => all($, 'delete', $.path),
    distinct: $ => all($, 'distinct', 'by', $._expression, 'within', $._expression),
    over: $ => all($, 'over', choice('halt', seq('hold', $._expression))),
    on_fault: $ => all($, 'on', 'fault', choice('pass', 'halt', 'error')),
    assign: $ => all($, field('path', alias($._message_path, $.path)), '=', field('value', $._expression)),
    _message_path: $ => seq($.root, repeat($._segment)),

    // Tests.

    test: $ => all($, 'test', field('name', $.string), field('body', alias($._steps, $.block))),
    _steps: $ => block($, repeat($._step)),
    _step: $ => choice($.send, $.expect, $.stub, $.away, $.advance),
    // A word after a message or an outcome begins how often, not an unknown step.
    send: $ => prec.right(seq(
      all($, 'send', field('wires', $.wires), field('message', $.object)),
      optional(seq($.times, optional($.every))),
    )),
    times: $ => all($, $._expression, 'times'),
    expect: $ => seq('expect', choice($._happened, field('condition', $._expression))),
    _happened: $ => prec.right(seq(
      optional(choice('no', 'not')),
      $.outcome,
      optional($.times),
      optional($.with),
      optional($.such_that),
    )),
    outcome: $ => choice(
      seq('delivered', optional($._to_ends)),
      seq('redirected', optional($._by), optional($._to_ends)),
      seq(choice('stopped', 'held'), optional($._by)),
      seq('sent', optional(seq('to', field('runtime', $._named)))),
      seq('tap', field('router', $._named)),
      // A text is the error's, not how often.
      prec.right(seq('error', optional($.string))),
      'nothing',
    ),
    _to_ends: $ => seq('to', field('nodes', $._ends)),
    _by: $ => seq('by', field('router', $._named)),
    with: $ => all($, 'with', $.object),
    such_that: $ => seq('where', $._expression),
    stub: $ => seq('stub', field('nodes', $._ends), optional(field('body', alias($._replies, $.block)))),
    _replies: $ => block($, repeat($.reply)),
    reply: $ => seq(choice('pass', all($, 'send', $.object)), optional($.output), optional($.when)),
    output: $ => all($, 'to', choice($.number, $.string)),
    away: $ => seq('unreachable', field('runtime', $._named)),
    advance: $ => seq('advance', $._expression),

    // Wires.

    // Half an arrow is a missing one.
    wires: $ => all($, field('from', $._ends), choice('->', alias('-', $.missing)), field('to', $._ends)),
    _ends: $ => choice(
      alias('*', $.all), $.matcher, $.parenthesized_ends, alias($.identifier, $.reference), $.port, $.neighbours, $.binary_ends,
      $.missing,
    ),
    binary_ends: $ => choice(
      ...[['or', ENDS.or], ['except', ENDS.or], ['and', ENDS.and], ['in', ENDS.in]].map(([word, level]) =>
        prec.left(level, seq(field('left', $._ends), field('operator', word), field('right', $._ends)))),
      prec.left(ENDS.next, seq(field('left', $._ends), 'next', 'to', field('right', $._ends))),
    ),
    neighbours: $ => prec(ENDS.neighbours, seq(choice('upstream', 'downstream'), 'of', $._ends)),
    port: $ => prec.left(ENDS.port, seq(
      field('node', $._ends),
      '.',
      field('output', choice(alias($._digits, $.number), $.string, $.missing)),
    )),
    _digits: _ => /[0-9]+/,
    matcher: $ => choice(
      $._pattern,
      seq(
        field('kind', choice('node', 'tab', 'group', 'subflow', 'type', 'id')),
        choice($._pattern, $.missing),
      ),
    ),
    _pattern: $ => choice($.string, alias($._name_regex, $.regex)),
    _name_regex: $ => seq('~', token.immediate('/'), $.regex_pattern, choice(token.immediate('/'), alias($._line_end, $.missing))),
    parenthesized_ends: $ => closed($, '(', $._ends),

    // Schemas.

    fields: $ => object($, repeat(seq($.field, optional(',')))),
    field: $ => all($, seq(field('key', $._key), optional('?')), ':', field('type', $._type)),
    _type: $ => choice(
      $.union_type,
      $.fields,
      $.list_type,
      alias($._signed_number, $.number),
      $.number,
      $.string,
      $.literal,
      alias($._any_word, $.type),
      $.missing,
    ),
    union_type: $ => prec.left(seq($._type, '|', $._type)),
    list_type: $ => seq('[', $._type, choice(']', alias($._no_bracket, $.missing))),
    _signed_number: _ => pattern(`-${NUMBER}`),

    // Expressions.

    _expression: $ => choice(
      $.binary_expression,
      $.not_expression,
      $.negation,
      $.is_expression,
      $.rate,
      $.percentage,
      $.duration,
      $.size,
      $.number,
      $.string,
      $.literal,
      $.regex,
      $.list,
      $.object,
      $.parenthesized_expression,
      $.cidr,
      $.call,
      $.has,
      $.path,
      $.missing,
    ),
    binary_expression: $ => choice(
      ...[
        [['or'], PREC.or],
        [['and'], PREC.and],
        [['==', '!=', '<', '<=', '>', '>=', 'in', 'matches', 'contains'], PREC.compare],
        [['..', '..<'], PREC.range],
        [['+', '-'], PREC.add],
        [['*', '/', '%'], PREC.multiply],
      ].map(([operators, level]) => prec.left(level, seq(
        field('left', $._expression),
        field('operator', operators.length > 1 ? choice(...operators) : operators[0]),
        field('right', $._expression),
      ))),
      prec.left(PREC.compare, seq(
        field('left', $._expression),
        choice('starts', 'ends'),
        'with',
        field('right', $._expression),
      )),
    ),
    not_expression: $ => prec(PREC.not, seq('not', $._expression)),
    negation: $ => prec(PREC.negate, seq('-', $._expression)),
    is_expression: $ => prec.left(PREC.compare, seq(
      field('value', $._expression),
      'is',
      field('type', choice(alias($._any_word, $.type), $.missing)),
    )),
    rate: $ => seq($.number, alias($._rate_unit, $.unit)),
    percentage: $ => seq($.number, alias($._percent_sign, $.unit)),
    duration: $ => seq($.number, alias($._time_unit, $.unit)),
    size: $ => seq($.number, alias($._size_unit, $.unit)),
    number: _ => pattern(NUMBER),
    literal: _ => choice('true', 'false', 'null'),
    list: $ => seq('[', optional(commasToEnd($._expression)), choice(']', alias($._no_bracket, $.missing))),
    object: $ => object($, optional(commasToEnd($.pair))),
    pair: $ => all($, field('key', $._key), ':', field('value', $._expression)),
    _key: $ => choice(alias($._any_word, $.property), $.string),
    parenthesized_expression: $ => closed($, '(', $._expression),
    cidr: $ => all($, 'cidr', $.string),
    has: $ => all($, 'has', $.path),
    call: $ => seq(
      field('function', choice(alias(choice($.identifier, ...roots), $.function), 'has')),
      closed($, token.immediate('('), optional(commasToEnd($._expression))),
    ),
    path: $ => seq(choice($.root, alias($.identifier, $.reference)), repeat($._segment)),
    root: _ => choice(...roots),
    _segment: $ => choice(
      seq(token.immediate('.'), choice(alias($._segment_word, $.property), $.missing)),
      seq(token.immediate('['), choice($.string, alias($._digits, $.number), $.missing), choice(']', alias($._no_bracket, $.missing))),
    ),

    // Tokens.

    _declared: $ => choice(alias(choice($.identifier, ...soft), $.name), $.missing),
    _named: $ => choice(alias(choice($.identifier, ...soft), $.reference), $.missing),

    string: $ => seq('"', repeat(choice($.string_content, $.escape_sequence)), choice(token.immediate('"'), alias($._line_end, $.missing))),
    string_content: _ => token.immediate(prec(1, /[^"\\\r\n]+/)),
    escape_sequence: _ => token.immediate(prec(1, /\\(u\{[^}"\r\n]*\}|[^\r\n])/)),
    _log_text: $ => seq(
      '"',
      repeat(choice(
        alias($._log_content, $.string_content),
        alias($._brace, $.string_content),
        $.escape_sequence,
        alias(token.immediate(prec(1, '{{')), $.escape_sequence),
        $.interpolation,
      )),
      choice(token.immediate('"'), alias($._line_end, $.missing)),
    ),
    _brace: _ => token.immediate(prec(1, /\{/)),
    _log_content: _ => token.immediate(prec(1, /[^"\\{\r\n]+/)),
    interpolation: $ => seq(
      alias($._interpolation_start, $.interpolation_start),
      $._expression,
      alias('}', $.interpolation_end),
    ),

    regex: $ => seq('/', $.regex_pattern, choice(token.immediate('/'), alias($._line_end, $.missing))),
    regex_pattern: _ => token.immediate(prec(1, /(\\[^\r\n]|\[(\\[^\r\n]|[^\]\\\r\n])*\]|[^\/\\\r\n])+/)),
  },
});
