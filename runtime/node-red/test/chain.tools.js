//! What the tests of chains share: a stack of one wire, run by generated code and by closures.
'use strict';

const { test } = require('node:test');
const { fromValue } = require('../lib/format');
const { link } = require('../lib/chain');

const PATHS = [['topic'], ['payload'], ['payload', 'x'], ['payload', 'list', 1], ['made', 'deep'], ['__proto__', 'x'], ['toString'], ['req', 'url'], ['payload', 'length']];
const [TOPIC, PAYLOAD, X, SECOND, DEEP, PROTO, TO_STRING, URL, LENGTH] = PATHS.keys();

const lit = (value) => ({ lit: value });
const path = (at) => ({ path: at });
const cmp = (op, a, b) => ({ cmp: [op, a, b] });
const is = (at, value) => cmp('eq', path(at), lit(value));
const keep = (cond) => ({ op: { keep: cond } });
const halt = (when, reason = null) => ({ when, op: { halt: { reason, as_error: false } } });
const set = (...changes) => ({ op: { set: changes } });
const put = (at, operand) => ({ assign: [at, operand] });

/** A chain set of these steps on the wire `a`.0 -> `b`, each of a router of its own unless it says which. */
function setOf(steps, { tables = [], paths = PATHS, regexes = [], names = (i) => `r${i}` } = {}) {
  return {
    magic: 'route-chain', version: 2, stack: 's', flows: '', source: '', paths, regexes,
    routers: steps.map((_, i) => ({ name: names(i), kind: 'k', layer: 'main', file: '', line: 1 })),
    chains: [{ steps: [] }, { steps: steps.map((step, router) => ({ router, ...step })), tables }],
    wires: [{ from: 'a', port: 0, to: 'b', chain: 1 }],
  };
}

/** A host whose clock and dice are turned by hand, and that writes down what chains ask of it. */
function desk(more = {}) {
  const host = {
    time: 0,
    dice: 0.5,
    taken: [],
    said: [],
    now: () => host.time,
    random: () => host.dice,
    tap: (router, tap, wire, show) => { host.taken.push(show()); },
    log: (router, line) => { host.said.push(line); },
    call: () => undefined,
    ...more,
  };
  return host;
}

/** The stack with its one chain and a desk. */
function stack(steps, { interpret, host = desk(), previous, ...options } = {}) {
  const linked = link(fromValue(setOf(steps, options)), { interpret, previous });
  const chain = linked.chainOf('a', 0, 'b');
  return { linked, chain, host, send: (msg, at) => chain.run(msg, host, at), counts: (router = 0) => linked.counts(router) };
}

/** Whether a condition holds of a message. */
const holds = (cond, msg, options) => stack([halt(cond)], options).send(msg) !== null;

/** One test for generated code and one for closures; `of` makes stacks. */
function both(name, run) {
  for (const interpret of [false, true]) {
    test(`${name} (${interpret ? 'closures' : 'generated'})`, (t) => run((steps, options) => stack(steps, { interpret, ...options }), t));
  }
}

/** Everything in a message can be changed no more. */
function frozen(value) {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

module.exports = {
  DEEP, LENGTH, PATHS, PAYLOAD, PROTO, SECOND, TOPIC, TO_STRING, URL, X,
  both, cmp, desk, frozen, halt, holds, is, keep, lit, path, put, set, setOf, stack,
};
