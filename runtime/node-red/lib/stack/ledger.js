//! Who put which stack in place, when, and from which text; and the stacks before it.
'use strict';

const { randomUUID } = require('node:crypto');
const { Refusal } = require('../refusal');

/** Earlier stacks that `rollback` can return to. */
const MOST = 10;

/**
 * One entry. `looks` says what selectors saw of the nodes at the ends of its wires, so that a later deploy can be compared.
 * @typedef {{number: number, before: number|null, set: object, sources: object, by: string, at_ms: number, why: string,
 *   looks: Object<string, string>}} Entry
 */

/** The stack that does nothing, on every flow. */
const emptySet = (flows) => ({
  magic: 'route-chain', version: 2, stack: '', flows, source: '', paths: [], regexes: [], routers: [],
  chains: [{ steps: [] }], wires: [],
});

const noSources = () => ({ root: '', files: {}, params: [], overlays: [] });

class Ledger {
  /** @param {number} now milliseconds since 1970 */
  constructor(now, most = MOST) {
    this.most = most;
    /** @type {Entry[]} oldest first, without the one in place */
    this.earlier = [];
    /** @type {Entry} */
    this.current = { number: 0, before: null, set: emptySet(''), sources: noSources(), by: '', at_ms: now, why: 'no stack', looks: {} };
    /** Differs from run to run, so that a tag of an earlier run never fits. */
    this.run = randomUUID();
  }

  /** Goes on where an earlier run ended. */
  restore(entries) {
    if (entries.length === 0) return;
    this.earlier = entries.slice(0, -1);
    this.current = entries.at(-1);
  }

  get tag() {
    return `${this.run}-${this.current.number}`;
  }

  /** @throws {Refusal} another stack is in place than the one of this tag */
  expect(tag) {
    if (tag === undefined || tag === this.tag) return;
    const { number, by, at_ms, why } = this.current;
    throw new Refusal(412, `the stack has been changed since: ${why} (number ${number})`, { number, by, at_ms, why });
  }

  /** Writes down what is in place from now on. */
  write(entry) {
    this.earlier.push(this.current);
    this.current = entry;
    if (this.earlier.length > this.most) this.earlier.splice(0, this.earlier.length - this.most);
  }

  /** Writes down what is in place instead of the last entry, to which there is no way back. */
  overwrite(entry) {
    this.current = entry;
  }

  /** The entry of this number, or the one before the one in place. */
  find(number) {
    const wanted = number ?? this.current.before;
    const none = () => new Refusal(409, 'there is no earlier stack to return to');
    if (wanted === null || wanted === undefined) throw none();
    if (wanted === this.current.number) throw new Refusal(409, `number ${wanted} is in force already`);
    const found = this.earlier.find((entry) => entry.number === wanted);
    if (found) return found;
    if (number === undefined) throw none();
    const kept = this.earlier.map((entry) => entry.number).join(', ') || 'none';
    throw new Refusal(404, `there is no stack ${wanted} to return to; there are ${kept}`);
  }

  /** All entries, oldest first. */
  entries() {
    return [...this.earlier, this.current];
  }

  list() {
    return this.entries().map((entry) => past(entry, entry === this.current));
  }

  standing(now) {
    const { sources, set } = this.current;
    return { tag: this.tag, now_ms: now, ...past(this.current, true), sources, set };
  }
}

const past = ({ number, set, by, at_ms, why, sources }, current) => ({
  number, stack: set.stack, by, at_ms, why, overlays: sources.overlays.map((overlay) => overlay.name), current,
});

module.exports = { Ledger, emptySet, noSources };
