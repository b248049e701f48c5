//! Conditions as JavaScript expressions. What is rare is left to closures. No text of the chain file becomes code: it stands in
//! constants, or in literals that `JSON.stringify` wrote.
'use strict';

const { network } = require('./address');
const { contentOf, nameOf, variant } = require('./variant');

/** Longest text that stands in the code itself. */
const INLINE_TEXT = 256;
/** Most values of a list that are compared one by one. */
const FEW = 4;
/** Longest beginning that is compared unit by unit. */
const SHORT_PREFIX = 12;

const isScalar = (value) => value === null || typeof value !== 'object';

/** Makes expressions for the conditions of one step. */
class Emit {
  /**
   * @param {{ reads: object, constant: (value: any) => string, temp: (n: number) => string }} scope of the function that is made
   * @param {Closures} closures of the step
   */
  constructor(scope, closures) {
    this.scope = scope;
    this.closures = closures;
    this.temps = 0;
  }

  literal(value) {
    if (typeof value === 'string') return value.length <= INLINE_TEXT ? JSON.stringify(value) : this.scope.constant(value);
    if (typeof value === 'number') return Object.is(value, -0) ? '(-0)' : `(${String(value)})`;
    return value === null || typeof value === 'boolean' ? String(value) : this.scope.constant(value);
  }

  cond(cond) {
    const [kind, body] = variant(cond);
    switch (kind) {
      case 'const': return String(body);
      case 'not': return `!${this.cond(body)}`;
      case 'and': return body.length === 0 ? 'true' : `(${body.map((part) => this.cond(part)).join(' && ')})`;
      case 'or': return body.length === 0 ? 'false' : `(${body.map((part) => this.cond(part)).join(' || ')})`;
      default:
        this.temps = 0;
        return `(${this[`cond_${kind}`](body) ?? `${this.scope.constant(this.closures.cond(cond))}(m, h)`})`;
    }
  }

  /**
   * A path for a test: `first` reads it, `again` has it afterwards, and `missed` is false after it counted that the
   * path is absent.
   */
  path(path) {
    const missed = (name) => `${name} === undefined && A[${this.closures.counterOf(path)}]++ < 0`;
    const value = this.scope.reads.value(path);
    if (this.scope.reads.isKept(path)) return { first: value, again: value, missed: missed(value) };
    const name = this.scope.temp(this.temps);
    this.temps += 1;
    return { first: `(${name} = ${value})`, again: name, missed: missed(name) };
  }

  /** A test of a path that only values of one `typeof` pass. */
  typed(path, type, test) {
    const { first, again, missed } = this.path(path);
    return `typeof ${first} === "${type}" ? ${test(again)} : ${missed}`;
  }

  cond_cmp([cmp, a, b]) {
    const op = nameOf(cmp);
    const value = contentOf(b, 'lit');
    const path = contentOf(a, 'path');
    if (path !== undefined && value !== undefined) {
      const test = this.comparison(op, path, value);
      if (test !== undefined) return test;
    }
    const [left, right] = [this.operand(a), this.operand(b)];
    if (left === undefined || right === undefined) return undefined;
    return op === 'eq' && value !== undefined && isScalar(value) ? `${left} === ${right}` : `${op}(${left}, ${right})`;
  }

  comparison(op, path, value) {
    if (op === 'eq') {
      if (!isScalar(value)) return undefined;
      const { first, missed } = this.path(path);
      return `${first} === ${this.literal(value)} || ${missed}`;
    }
    const sign = { lt: '<', le: '<=', gt: '>', ge: '>=' }[op];
    // Below the surrogates the order of units is the order of code points.
    const plain = typeof value === 'number' || (typeof value === 'string' && !/[\ud800-\uffff]/.test(value));
    return plain ? this.typed(path, typeof value, (name) => `${name} ${sign} ${this.literal(value)}`) : undefined;
  }

  cond_in_list([a, values]) {
    const path = contentOf(a, 'path');
    if (!values.every(isScalar) || values.length === 0) return undefined;
    const has = (name) => (values.length <= FEW
      ? values.map((value) => `${name} === ${this.literal(value)}`).join(' || ')
      : `${this.scope.constant(new Set(values))}.has(${name})`);
    if (path === undefined) return undefined;
    const { first, again, missed } = this.path(path);
    return first === again ? `${has(again)} || ${missed}` : `${first}, ${has(again)} || ${missed}`;
  }

  cond_in_range([a, low, high, closed]) {
    const [path, from, to] = [contentOf(a, 'path'), contentOf(low, 'lit'), contentOf(high, 'lit')];
    if (path === undefined || typeof from !== 'number' || typeof to !== 'number') return undefined;
    const end = closed ? '<=' : '<';
    return this.typed(path, 'number', (name) => `${name} >= ${this.literal(from)} && ${name} ${end} ${this.literal(to)}`);
  }

  cond_in_cidr([a, text]) {
    const value = this.operand(a);
    return value && `inNetwork(${value}, ${this.scope.constant(network(text))})`;
  }

  cond_matches([a, regex]) {
    const test = this.closures.regexes[regex];
    const code = (name) => (test.native ? `${this.scope.constant(test.native)}.test(${name})` : `${this.scope.constant(test)}(${name})`);
    const path = contentOf(a, 'path');
    return path === undefined ? undefined : this.typed(path, 'string', code);
  }

  cond_contains([a, b]) {
    return this.helper('contains', a, b);
  }

  cond_starts_with([a, b]) {
    const [path, text] = [contentOf(a, 'path'), contentOf(b, 'lit')];
    if (path === undefined || typeof text !== 'string') return this.helper('startsWith', a, b);
    return this.typed(path, 'string', (name) => this.begins(name, text));
  }

  begins(name, text) {
    if (text.length === 0) return 'true';
    if (text.length > SHORT_PREFIX) return `${name}.startsWith(${this.literal(text)})`;
    return [...text.split('').keys()].map((i) => `${name}.charCodeAt(${i}) === ${text.charCodeAt(i)}`).join(' && ');
  }

  cond_ends_with([a, b]) {
    const [path, text] = [contentOf(a, 'path'), contentOf(b, 'lit')];
    if (path === undefined || typeof text !== 'string') return this.helper('endsWith', a, b);
    return this.typed(path, 'string', (name) => `${name}.endsWith(${this.literal(text)})`);
  }

  helper(name, a, b) {
    const [left, right] = [this.operand(a), this.operand(b)];
    return left === undefined || right === undefined ? undefined : `${name}(${left}, ${right})`;
  }

  cond_is([a, type]) {
    const path = contentOf(a, 'path');
    if (path === undefined) return undefined;
    const { first, missed } = this.path(path);
    const tests = {
      number: `typeof ${first} === "number"`, string: `typeof ${first} === "string"`, bool: `typeof ${first} === "boolean"`,
      null: `${first} === null`, list: `isArray(${first})`, bytes: `isBuffer(${first})`, object: `isPlainObject(${first})`,
    };
    return `${tests[nameOf(type)]} || ${missed}`;
  }

  cond_has(path) {
    return `${this.scope.reads.value(path)} !== undefined`;
  }

  cond_truth(a) {
    const value = this.operand(a);
    return value && `${value} === true`;
  }

  cond_sample(part) {
    return `h.random() < ${this.literal(part)}`;
  }

  cond_sample_by([part, a]) {
    const value = this.operand(a);
    return value && `share(${value} ?? null) < ${this.literal(part)}`;
  }

  /** An operand as an expression that counts what is absent; `undefined`: that is left to closures. */
  operand(operand) {
    const [kind, body] = variant(operand);
    switch (kind) {
      case 'lit': return this.literal(body);
      case 'path': {
        const { first, again } = this.path(body);
        return `(${first} !== undefined ? ${again} : void A[${this.closures.counterOf(body)}]++)`;
      }
      case 'neg': {
        const value = this.operand(body);
        return value && `neg(${value})`;
      }
      case 'arith': {
        const [left, right] = [this.operand(body[1]), this.operand(body[2])];
        return left && right && `${nameOf(body[0])}(${left}, ${right})`;
      }
      case 'call': {
        const value = body[1].length === 1 ? this.operand(body[1][0]) : undefined;
        return value && `${nameOf(body[0])}(${value})`;
      }
      default: return undefined;
    }
  }
}

module.exports = { Emit };
