//! Conditions and operands as closures over `(msg, host)`: the plain meaning, which generated code is held to.
'use strict';

const ops = require('./ops');
const { network } = require('./address');
const { share } = require('./text');
const { nameOf, variant } = require('./variant');

/**
 * Makes closures for the conditions and operands of one step.
 *
 * A test that reads an absent path counts it; `has` does not. Operands are read from left to right, each as often as the
 * reference interpreter reads it.
 */
class Closures {
  /**
   * @param {Function[]} reads by path: its value in a message
   * @param {Function[]} regexes by expression: whether a text matches
   * @param {number[]} absent counts
   * @param {(path: number) => number} counterOf where in `absent` a path of this step is counted
   */
  constructor(reads, regexes, absent, counterOf) {
    Object.assign(this, { reads, regexes, absent, counterOf });
  }

  /** `(msg, host) => boolean` */
  cond(cond) {
    const [kind, body] = variant(cond);
    return this[`cond_${kind}`](body);
  }

  /** `(msg, host) => value`, `undefined` for absent */
  operand(operand) {
    const [kind, body] = variant(operand);
    return this[`operand_${kind}`](body);
  }

  cond_const(value) {
    return () => value;
  }

  cond_not(inner) {
    const test = this.cond(inner);
    return (m, h) => !test(m, h);
  }

  cond_and(all) {
    const tests = all.map((cond) => this.cond(cond));
    return (m, h) => {
      for (let i = 0; i < tests.length; i += 1) if (!tests[i](m, h)) return false;
      return true;
    };
  }

  cond_or(any) {
    const tests = any.map((cond) => this.cond(cond));
    return (m, h) => {
      for (let i = 0; i < tests.length; i += 1) if (tests[i](m, h)) return true;
      return false;
    };
  }

  /** A test of two values that are both there. */
  both(a, b, test) {
    const [left, right] = [this.operand(a), this.operand(b)];
    return (m, h) => {
      const x = left(m, h);
      const y = right(m, h);
      return x !== undefined && y !== undefined && test(x, y);
    };
  }

  one(a, test) {
    const read = this.operand(a);
    return (m, h) => {
      const x = read(m, h);
      return x !== undefined && test(x);
    };
  }

  cond_cmp([op, a, b]) {
    return this.both(a, b, ops.compare[nameOf(op)]);
  }

  cond_in_list([a, list]) {
    return this.one(a, (x) => ops.inList(x, list));
  }

  cond_in_range([a, low, high, closed]) {
    const [read, from, to] = [a, low, high].map((operand) => this.operand(operand));
    const below = closed ? ops.compare.le : ops.compare.lt;
    return (m, h) => {
      const x = read(m, h);
      const least = from(m, h);
      if (x === undefined || least === undefined || !ops.compare.ge(x, least)) return false;
      const most = to(m, h);
      return most !== undefined && below(x, most);
    };
  }

  cond_in_cidr([a, text]) {
    const net = network(text);
    return this.one(a, (x) => ops.inNetwork(x, net));
  }

  cond_matches([a, regex]) {
    const test = this.regexes[regex];
    return this.one(a, (x) => typeof x === 'string' && test(x));
  }

  cond_contains([a, b]) {
    return this.both(a, b, ops.contains);
  }

  cond_starts_with([a, b]) {
    return this.both(a, b, ops.startsWith);
  }

  cond_ends_with([a, b]) {
    return this.both(a, b, ops.endsWith);
  }

  cond_is([a, type]) {
    return this.one(a, ops.is[nameOf(type)]);
  }

  cond_has(path) {
    const read = this.reads[path];
    return (m) => read(m) !== undefined;
  }

  cond_truth(a) {
    return this.one(a, (x) => x === true);
  }

  cond_sample(part) {
    return (m, h) => h.random() < part;
  }

  cond_sample_by([part, a]) {
    const read = this.operand(a);
    return (m, h) => share(read(m, h) ?? null) < part;
  }

  operand_lit(value) {
    return () => value;
  }

  operand_path(path) {
    const [read, absent, at] = [this.reads[path], this.absent, this.counterOf(path)];
    return (m) => {
      const value = read(m);
      if (value === undefined) absent[at] += 1;
      return value;
    };
  }

  operand_neg(a) {
    const read = this.operand(a);
    return (m, h) => ops.neg(read(m, h));
  }

  operand_arith([op, a, b]) {
    const [left, right, apply] = [this.operand(a), this.operand(b), ops.arith[nameOf(op)]];
    return (m, h) => apply(left(m, h), right(m, h));
  }

  operand_call([func, args]) {
    const [reads, apply] = [args.map((arg) => this.operand(arg)), ops.call[nameOf(func)]];
    return (m, h) => {
      const values = [];
      for (const read of reads) {
        const value = read(m, h);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return apply(...values);
    };
  }

  operand_cond(cond) {
    return this.cond(cond);
  }

  operand_list(items) {
    const reads = items.map((item) => this.operand(item));
    return (m, h) => reads.map((read) => read(m, h) ?? null);
  }

  operand_object(fields) {
    const keys = fields.map(([key]) => key);
    const reads = fields.map(([, value]) => this.operand(value));
    return (m, h) => ops.record(keys, reads.map((read) => read(m, h)));
  }
}

module.exports = { Closures };
