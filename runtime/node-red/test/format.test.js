//! Chain files that are read, and everything that is refused, with its reason.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { FormatError, fromJson, fromValue } = require('../lib/format');

const keep = (cond) => ({ router: 0, op: { keep: cond } });

/** A set of one chain; `change` alters it before it is written. */
function file(steps, change = () => {}) {
  const set = {
    magic: 'route-chain', version: 2, stack: 's', flows: 'f', source: 'o',
    paths: [['payload'], ['payload', 0, 'soil pH']], regexes: ['^b'],
    routers: [{ name: 'r', kind: 'filter', layer: 'main', file: 'a.route', line: 1 }],
    chains: [{ steps: [] }, { steps }],
    wires: [{ from: 'a', port: 0, to: 'b', chain: 1 }],
  };
  change(set);
  return JSON.stringify(set);
}

function refused(text, kind, reason, read = fromJson) {
  assert.throws(() => read(text), (error) => {
    assert.ok(error instanceof FormatError, String(error.stack));
    assert.equal(error.kind, kind);
    assert.match(error.message, reason);
    return true;
  });
}

test('every operation is read as it stands', () => {
  const rate = { count: 1, per_ms: 1000, burst: 1 };
  const steps = [
    keep({ and: [{ cmp: ['eq', { path: 0 }, { lit: 'C' }] }, { not: { has: 1 } }, { in_cidr: [{ path: 0 }, '10.0.0.0/8'] }] }),
    keep({ or: [{ matches: [{ path: 0 }, 0] }, { sample_by: [0.5, { path: 0 }] }, { is: [{ path: 0 }, 'bytes'] }] }),
    { router: 0, when: { truth: { path: 0 } }, op: { halt: { reason: 'no', as_error: true } } },
    { router: 0, op: { set: [{ assign: [0, { object: [['a', { neg: { path: 0 } }]] }] }, { delete: 0 }] } },
    { router: 0, op: { redirect: { to: 'c' } } },
    { router: 0, op: { limit: { rate, per: { path: 0 }, over: { hold: { max: 3 } }, max_keys: 9 } } },
    { router: 0, op: { tap: { sink: { file: { path: 'x' } }, select: { omit: [1] }, every: 1, block: false } } },
    { router: 0, op: { break: { hits: 1, max: 1, for_ms: 10, then_pass: true, log: [{ text: 'a' }, { value: { path: 0 } }] } } },
    { router: 0, op: { remote: { to: ['x'], choose: { hash: { path: 0 } }, unreachable: { spool: { bytes: 1 } }, ack: 'stored' } } },
    { router: 0, op: { call: { plugin: 'p', options: { a: [1] }, on_fault: 'pass' } } },
  ];
  const text = file(steps, (set) => { set.chains[1].tables = [{ from: 0, to: 2, path: 0, equal: [['C', [0]]], other: [0, 1] }]; });
  assert.deepEqual(fromJson(text), JSON.parse(text));
});

test('what is no chain file, or one of another version', () => {
  refused('{', 'damaged', /the chain file is damaged/);
  refused('null', 'damaged', /`magic` is not `route-chain`/);
  refused(file([], (set) => { set.version = 1; }), 'version', /version 1, this plugin reads version 2/);
});

test('the place of what has the wrong shape is named', () => {
  refused(file([{ router: 0, op: { kep: true } }]), 'damaged', /chains\[1\]\.steps\[0\]\.op: unknown variant `kep`/);
  refused(file([{ router: -1, op: { set: [] } }]), 'damaged', /steps\[0\]\.router: expected a whole number/);
  refused(file([], (set) => { set.extra = 1; }), 'damaged', /the file: unknown field `extra`/);
  refused(file([], (set) => { delete set.wires; }), 'damaged', /the field `wires` is missing/);
  refused(file([keep({ constructor: true })]), 'damaged', /unknown variant `constructor`/);
  refused(file([keep('const')]), 'damaged', /expected `const` with its content/);
  refused(file([]).replace('"stack"', '"__proto__":{},"stack"'), 'damaged', /unknown field `__proto__`/);
});

test('what Rust has no value for', () => {
  refused(file([]).replace('"f"', '"\\ud83d"'), 'damaged', /half a character/);
  refused(file([keep({ cmp: ['eq', { path: 0 }, { lit: 0 }] })]).replace('"lit":0', '"lit":1e999'), 'damaged', /a number is too large/);
  refused(file([{ ...keep({ const: true }), router: 0 }]).replace('"router":0', '"router":-0'), 'damaged', /expected a whole number/);
  const tap = { router: 0, op: { tap: { sink: 'stdout', select: 'whole', every: 1, block: false } } };
  refused(file([tap]).replace('"every":1', '"every":1e300'), 'damaged', /expected a whole number below 2\^64/);
  assert.doesNotThrow(() => fromJson(file([tap]).replace('"stdout"', '{"stdout":null}')));
});

test('what leads nowhere or cannot be', () => {
  const table = (change) => (set) => { set.chains[1].tables = [{ from: 0, to: 1, path: 0, equal: [], other: [], ...change }]; };
  const one = [keep({ const: true })];
  refused(file([keep({ has: 2 })]), 'invalid', /a path is missing/);
  refused(file([keep({ matches: [{ path: 0 }, 1] })]), 'invalid', /a regular expression is missing/);
  refused(file([keep({ in_cidr: [{ path: 0 }, '10.0.0.0/33'] })]), 'invalid', /`10.0.0.0\/33` is no network/);
  refused(file([keep({ sample: 2 })]), 'invalid', /a share/);
  refused(file([{ ...one[0], router: 1 }]), 'invalid', /no router/);
  refused(file([], (set) => set.wires.push(set.wires[0])), 'invalid', /twice/);
  refused(file([], (set) => { set.wires[0].chain = 2; }), 'invalid', /no chain/);
  refused(file([], (set) => { set.paths = [[0]]; }), 'invalid', /begin with a key/);
  refused(file(one, (set) => set.chains.shift()), 'invalid', /chain 0 is not empty/);
  refused(file(one, table({ to: 2 })), 'invalid', /past the end/);
  refused(file(one, table({ other: [1] })), 'invalid', /outside its run/);
  refused(file(one, table({ equal: [[{}, [0]]] })), 'invalid', /a list or an object/);
});

test('depth is bounded, in conditions and in the data between', () => {
  let cond = { const: true };
  for (let i = 0; i < 250; i += 1) cond = { not: cond };
  refused(JSON.parse(file([keep(cond)])), 'invalid', /a condition is nested too deeply/, fromValue);
  refused(file([keep(cond)]), 'damaged', /nested too deeply/);
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  refused(file([]).replace('"f"', deep), 'damaged', /nested too deeply/);
});
