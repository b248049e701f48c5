//! Messages as JSON, as runtimes write them to each other (`runtime/src/remote/wire.rs` is the master): Buffer, Date, `undefined`, NaN
//! and infinities travel as tagged objects; half a character, which UTF-8 cannot say, as U+FFFD.
'use strict';

const { isDate } = require('node:util').types;
const { isPlain, put } = require('../chain/values');
const { wellFormed } = require('../flow/order');

/** The key that marks a tagged value; an object of the message that has this key is tagged itself. */
const TAG = '$';
/** Deepest nesting: the reader on the other side stops soon after. */
const MAX_DEPTH = 100;

/**
 * @param {object} msg
 * @returns {object} JSON
 * @throws {Error} for people: what cannot travel
 */
const encode = (msg) => toJson(msg, 'msg', 0);

function toJson(value, at, depth) {
  if (depth > MAX_DEPTH) throw new Error(`the message is nested deeper than ${MAX_DEPTH} levels and cannot travel`);
  switch (typeof value) {
    case 'undefined': return { [TAG]: 'undefined' };
    case 'number': return numberJson(value);
    case 'string': return wellFormed(value);
    case 'boolean': return value;
    case 'object': break;
    default: throw live(at, typeof value);
  }
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return { [TAG]: 'bytes', v: value.toString('base64') };
  if (isDate(value)) return { [TAG]: 'date', v: numberJson(value.getTime()) };
  if (Array.isArray(value)) return Array.from(value, (item, i) => toJson(item, `${at}.${i}`, depth + 1));
  if (!isPlain(value)) throw live(at, value.constructor?.name ?? 'object');
  const keys = Object.keys(value);
  if (keys.includes(TAG) || keys.includes('__proto__')) {
    return { [TAG]: 'object', v: keys.map((key) => [wellFormed(key), toJson(value[key], `${at}.${key}`, depth + 3)]) };
  }
  return Object.fromEntries(keys.map((key) => [wellFormed(key), toJson(value[key], `${at}.${key}`, depth + 1)]));
}

const live = (at, label) => new Error(`\`${at}\` is a live ${label} of this process and cannot travel`);

function numberJson(n) {
  if (Number.isNaN(n)) return { [TAG]: 'number', v: 'NaN' };
  if (!Number.isFinite(n)) return { [TAG]: 'number', v: n > 0 ? 'inf' : '-inf' };
  return Object.is(n, -0) ? { [TAG]: 'number', v: '-0.0' } : n;
}

/**
 * A message from what a runtime wrote.
 * @throws {Error}
 */
function decode(json) {
  const msg = fromJson(json);
  if (msg === null || typeof msg !== 'object' || Array.isArray(msg) || Buffer.isBuffer(msg) || isDate(msg)) throw new Error('a message must be an object');
  return msg;
}

function fromJson(json) {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (Object.hasOwn(json, TAG)) return tagged(json[TAG], json.v);
  return object(Object.entries(json));
}

function object(pairs) {
  const out = {};
  for (const [key, value] of pairs) put(out, key, fromJson(value));
  return out;
}

const WORDS = { NaN, inf: Infinity, '-inf': -Infinity };

function tagged(tag, v) {
  switch (tag) {
    case 'undefined': return undefined;
    case 'number': return Object.hasOwn(WORDS, v) ? WORDS[v] : Number(v);
    case 'date': return new Date(fromJson(v));
    case 'bytes': return Buffer.from(String(v), 'base64');
    case 'object': return object(v);
    default: throw new Error(`unknown tag \`${tag}\``);
  }
}

module.exports = { encode, decode };
