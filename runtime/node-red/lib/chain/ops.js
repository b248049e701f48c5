//! What the operators and functions of conditions mean on values. `undefined` is absent. Every function here is total.
'use strict';

const { constants } = require('node:buffer');
const { MAX_DEPTH, MAX_MEMBERS, isArray, isBuffer, isDate, isObject, isPlain, isPlainObject, put, timeOf } = require('./values');
const { compareText, hash, size } = require('./text');
const address = require('./address');

const { hasOwn } = Object;

let steps = 0;

/** Equality by type and value: `-0` equals `0`, NaN and `undefined` equal nothing, objects regardless of the order of keys. */
function equal(a, b) {
  if (a === undefined || b === undefined) return false;
  if (!isObject(a) || !isObject(b)) return a === b;
  steps = MAX_MEMBERS;
  return equalAt(a, b, 0);
}

function equalAt(a, b, depth) {
  if (!isObject(a) || !isObject(b)) return a === b && a !== undefined;
  steps -= 1;
  if (depth > MAX_DEPTH || steps < 0) return false;
  if (isArray(a)) return isArray(b) && equalLists(a, b, depth + 1);
  if (isBuffer(a)) return isBuffer(b) && a.equals(b);
  if (isDate(a)) return isDate(b) && timeOf(a) === timeOf(b);
  return isPlain(a) && isPlainObject(b) ? equalObjects(a, b, depth + 1) : a === b;
}

function equalLists(a, b, depth) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!equalAt(a[i], b[i], depth)) return false;
  return true;
}

function equalObjects(a, b, depth) {
  if (defined(a) !== defined(b)) return false;
  for (const key of Object.keys(a)) {
    if (a[key] !== undefined && !(hasOwn(b, key) && equalAt(a[key], b[key], depth))) return false;
  }
  return true;
}

function defined(object) {
  let many = 0;
  for (const key of Object.keys(object)) if (object[key] !== undefined) many += 1;
  return many;
}

/** -1, 0, 1, or NaN when the two have no order. */
function order(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : NaN;
}

const compare = {
  eq: equal,
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
};

function contains(a, b) {
  if (typeof a === 'string') return typeof b === 'string' && a.includes(b);
  return isArray(a) && inList(b, a);
}

function inList(value, list) {
  for (let i = 0; i < list.length; i += 1) if (equal(value, list[i])) return true;
  return false;
}

const startsWith = (a, b) => typeof a === 'string' && typeof b === 'string' && a.startsWith(b);
const endsWith = (a, b) => typeof a === 'string' && typeof b === 'string' && a.endsWith(b);
const inNetwork = (value, network) => typeof value === 'string' && address.isIn(network, value);

/** By the names of types in the chain file; a Date and live things are of none of them. */
const is = {
  number: (v) => typeof v === 'number',
  string: (v) => typeof v === 'string',
  bool: (v) => typeof v === 'boolean',
  object: isPlainObject,
  list: isArray,
  null: (v) => v === null,
  bytes: isBuffer,
};

const numbers = (of) => (a, b) => (typeof a === 'number' && typeof b === 'number' ? of(a, b) : undefined);
const sum = numbers((a, b) => a + b);

/** Two texts are joined, unless no text can be as long. */
function add(a, b) {
  if (typeof a !== 'string' || typeof b !== 'string') return sum(a, b);
  return a.length + b.length <= constants.MAX_STRING_LENGTH ? a + b : undefined;
}

const arith = {
  add,
  sub: numbers((a, b) => a - b),
  mul: numbers((a, b) => a * b),
  div: numbers((a, b) => a / b),
  rem: numbers((a, b) => a % b),
};

const neg = (a) => (typeof a === 'number' ? -a : undefined);

function len(value) {
  if (typeof value === 'string') return points(value);
  if (!isObject(value)) return undefined;
  if (isArray(value) || isBuffer(value)) return value.length;
  return isPlain(value) ? defined(value) : undefined;
}

/** Code points of a text. */
function points(text) {
  let many = text.length;
  for (let i = 1; i < text.length; i += 1) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) many -= 1;
  }
  return many;
}

const onText = (of) => (value) => (typeof value === 'string' ? of(value) : undefined);

/** Not `Math.round`: what is rounded to zero is `0`, never `-0`. */
function round(value) {
  if (typeof value !== 'number') return undefined;
  const low = Math.floor(value);
  return value - low >= 0.5 ? low + 1 : low;
}

/** Of several numbers one, by pairs from the left. NaN when one of them is. */
const fold = (pick) => (...all) => {
  let best;
  for (const n of all) {
    if (typeof n !== 'number') return undefined;
    if (best === undefined) best = n;
    else best = Number.isNaN(best) || Number.isNaN(n) ? NaN : pick(best, n);
  }
  return best;
};

/** By name; they take values that are there. All but `min` and `max` look at the first one alone. */
const call = {
  len,
  lower: onText((text) => lengthened(text, text.toLowerCase)),
  upper: onText((text) => lengthened(text, text.toUpperCase)),
  trim: onText((text) => text.trim()),
  abs: (value) => (typeof value === 'number' ? Math.abs(value) : undefined),
  min: fold((a, b) => (b < a ? b : a)),
  max: fold((a, b) => (b > a ? b : a)),
  round,
  hash: (value) => (value === undefined ? undefined : hash(value)),
  size: (value) => (value === undefined ? undefined : size(value)),
  ip: onText(address.ip),
};

/** A text in another case may be three times as long, which may be longer than any text can be. */
function lengthened(text, how) {
  try {
    return how.call(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** An object of entries; absent ones are left out. */
function record(keys, values) {
  const made = {};
  keys.forEach((key, i) => { if (values[i] !== undefined) put(made, key, values[i]); });
  return made;
}

module.exports = { arith, call, compare, contains, endsWith, equal, inList, inNetwork, is, neg, order, record, startsWith };
