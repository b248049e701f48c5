//! The shapes of everything in a chain file, version 2, as `chain/src/ir.rs` lists them.
'use strict';

const s = require('./shape');

const names = (...all) => s.variant(Object.fromEntries(all.map((name) => [name, null])));

const cond = (value, at) => COND(value, at);
const operand = (value, at) => OPERAND(value, at);
const two = s.tuple(operand, operand);

const COND = s.variant({
  const: s.bool,
  not: cond,
  and: s.list(cond),
  or: s.list(cond),
  cmp: s.tuple(names('eq', 'lt', 'le', 'gt', 'ge'), operand, operand),
  in_list: s.tuple(operand, s.list(s.any)),
  in_range: s.tuple(operand, operand, operand, s.bool),
  in_cidr: s.tuple(operand, s.text),
  matches: s.tuple(operand, s.u32),
  contains: two,
  starts_with: two,
  ends_with: two,
  is: s.tuple(operand, names('number', 'string', 'bool', 'object', 'list', 'null', 'bytes')),
  has: s.u32,
  truth: operand,
  sample: s.number,
  sample_by: s.tuple(s.number, operand),
});

const func = names('len', 'lower', 'upper', 'trim', 'abs', 'min', 'max', 'round', 'hash', 'size', 'ip');

const OPERAND = s.variant({
  lit: s.any,
  path: s.u32,
  neg: operand,
  arith: s.tuple(names('add', 'sub', 'mul', 'div', 'rem'), operand, operand),
  call: s.tuple(func, s.list(operand)),
  cond,
  list: s.list(operand),
  object: s.list(s.tuple(s.text, operand)),
});

const rate = s.record({ count: s.number, per_ms: s.number, burst: s.number });

const sink = s.variant({
  stdout: null,
  stream: null,
  file: s.record({ path: s.text, rotate: s.optional(s.count), keep: s.optional(s.u32) }),
  node: s.text,
  counter: s.text,
  nats: s.text,
  mqtt: s.text,
  zenoh: s.text,
  otlp: s.text,
});

const op = s.variant({
  keep: cond,
  halt: s.record({ reason: s.optional(s.text), as_error: s.bool }),
  set: s.list(s.variant({ assign: s.tuple(s.u32, operand), delete: s.u32 })),
  redirect: s.record({ to: s.text }),
  limit: s.record({
    rate: s.optional(rate),
    per: s.optional(operand),
    distinct: s.optional(s.record({ by: operand, within_ms: s.number })),
    over: s.variant({ halt: null, hold: s.record({ max: s.count }) }),
    max_keys: s.u32,
  }),
  tap: s.record({
    sink,
    select: s.variant({ whole: null, omit: s.list(s.u32), only: s.list(s.u32) }),
    every: s.count,
    at_most: s.optional(rate),
    block: s.bool,
  }),
  break: s.record({
    hits: s.count,
    max: s.count,
    for_ms: s.number,
    then_pass: s.bool,
    log: s.optional(s.list(s.variant({ text: s.text, value: operand }))),
  }),
  remote: s.record({
    to: s.list(s.text),
    choose: s.variant({ order: null, round_robin: null, latency: null, hash: operand }),
    unreachable: s.variant({ halt: null, pass: null, error: null, spool: s.record({ bytes: s.count }) }),
    ttl_ms: s.optional(s.number),
    ack: names('stored', 'delivered'),
  }),
  call: s.record({ plugin: s.text, options: s.any, on_fault: names('pass', 'halt', 'error') }),
});

const indices = s.list(s.u32);

const table = s.record({
  from: s.u32,
  to: s.u32,
  path: s.u32,
  equal: s.list(s.tuple(s.any, indices)),
  prefix: s.left(s.list(s.tuple(s.text, indices))),
  other: indices,
});

const runtime = s.record({
  name: s.text, transport: s.text, address: s.text, durable: s.bool, queue: s.count, tags: s.textMap,
});

const chainSet = s.record({
  magic: s.text,
  version: s.u32,
  stack: s.text,
  flows: s.text,
  source: s.text,
  paths: s.list(s.list(s.either('a key or an index', s.text, s.u32))),
  regexes: s.list(s.text),
  routers: s.list(s.record({
    name: s.text, kind: s.text, layer: s.text, file: s.text, line: s.u32, doc: s.left(s.text),
  })),
  chains: s.list(s.record({
    steps: s.list(s.record({ router: s.u32, when: s.optional(cond), op })),
    tables: s.left(s.list(table)),
  })),
  wires: s.list(s.record({ from: s.text, port: s.u32, to: s.text, chain: s.u32 })),
  fleet: s.optional(s.record({
    me: s.text, runtimes: s.list(runtime), absent: s.list(s.text), homes: s.left(indices),
  })),
});

module.exports = { chainSet };
