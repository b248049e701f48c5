//! Messages as tools see them, and copies that share nothing with what they were made of.
'use strict';

const { isDate, isNativeError } = require('node:util').types; // function nodes have classes of their own realm
const { isContainer, isObject, isPlainObject, put } = require('./chain/values');

/**
 * A copy that no later change of the message reaches, Buffers included: Node-RED's own cloning shares their memory. What has no
 * copy (`req`, `res`, instances of classes that cannot be cloned) stays the same object, as in Node-RED.
 * @param {(msg: object) => object} clone Node-RED's `RED.util.cloneMessage`
 */
function ownCopy(clone, msg) {
  const copy = clone(msg);
  unshare(copy);
  return copy;
}

/** Gives every Buffer and typed array of a cloned tree memory of its own. */
function unshare(root) {
  const seen = new Set();
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    for (const key of Object.keys(value)) {
      const child = value[key];
      if (child === null || typeof child !== 'object') continue;
      if (Buffer.isBuffer(child)) value[key] = Buffer.from(child);
      else if (ArrayBuffer.isView(child)) {
        if (!(child instanceof DataView)) value[key] = child.slice();
      } else if (isContainer(child) && !seen.has(child) && !(value === root && (key === 'req' || key === 'res'))) {
        seen.add(child);
        open.push(child);
      }
    }
  }
}

/** What is shown in place of a value, where there is no showing it. */
const CIRCULAR = '[circular]';
const TOO_DEEP = '[too deep]';
const TOO_LARGE = '[too large]';
/** Most levels and members that are shown; members that are reached twice count twice. */
const MOST_LEVELS = 256;
const MOST_MEMBERS = 1 << 20;

/**
 * A message as JSON, for people and tools. A live handle becomes its label, a circle is cut, and what is larger than anybody reads too.
 * @returns {object} data that `JSON.stringify` writes without failing
 */
const shown = (msg) => new View().of(msg, true);

class View {
  constructor() {
    /** The values that hold the one that is looked at. */
    this.above = [];
    this.left = MOST_MEMBERS;
  }

  of(value, isRoot = false) {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (!isObject(value)) return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
    if (Buffer.isBuffer(value)) return value.toJSON();
    if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (this.above.includes(value)) return CIRCULAR;
    if (this.above.length > MOST_LEVELS) return TOO_DEEP;
    this.above.push(value);
    const made = isRoot || isContainer(value) ? this.members(value) : this.instance(value);
    this.above.pop();
    return made;
  }

  members(value) {
    const keys = Object.keys(value);
    this.left -= keys.length;
    if (this.left < 0) return TOO_LARGE;
    if (Array.isArray(value)) return Array.from(value, (item) => this.of(item) ?? null);
    const out = {};
    for (const key of keys) {
      const child = this.of(read(value, key));
      if (child !== undefined) put(out, key, child);
    }
    return out;
  }

  /** What is no plain data shows its own JSON where it has one, else its label. */
  instance(value) {
    if (isNativeError(value)) return { name: value.name, message: value.message };
    if (typeof value.toJSON === 'function') {
      const depth = this.above.length;
      try {
        return this.of(value.toJSON());
      } catch {
        this.above.length = depth; // its label says enough
      }
    }
    return `[${value.constructor?.name || 'Object'}]`;
  }
}

/** A getter may throw. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return '[unreadable]';
  }
}

/**
 * A value changed to what JSON says. Where the JSON is what is shown of the old value, the old value stays as it is, so that
 * Dates, Buffers and live handles outlive the edit of another field.
 */
function edited(old, json) {
  if (isObject(old) && [CIRCULAR, TOO_DEEP, TOO_LARGE].includes(json)) return old;
  if (isRecord(json) && isPlainObject(old) && !isBufferJson(json)) {
    const out = {};
    for (const key of Object.keys(json)) put(out, key, edited(Object.hasOwn(old, key) ? old[key] : undefined, json[key]));
    for (const key of Object.keys(old)) if (!Object.hasOwn(json, key) && new View().of(old[key]) === undefined) put(out, key, old[key]);
    return out;
  }
  if (Array.isArray(json) && Array.isArray(old)) return json.map((item, at) => edited(old[at], item));
  if (old !== undefined && sameJson(new View().of(old), json)) return old;
  return revived(json);
}

const isRecord = (value) => isObject(value) && !Array.isArray(value);

function sameJson(a, b) {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

const isBufferJson = (json) => isRecord(json) && json.type === 'Buffer' && Array.isArray(json.data)
  && Object.keys(json).length === 2 && json.data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);

/** As a tool writes it: `{"type":"Buffer","data":[…]}` is a Buffer again. */
function revived(json) {
  if (Array.isArray(json)) return json.map(revived);
  if (!isRecord(json)) return json;
  if (isBufferJson(json)) return Buffer.from(json.data);
  const out = {};
  for (const key of Object.keys(json)) put(out, key, revived(json[key]));
  return out;
}

/**
 * The line of a copy: when, which router (`null`: the bare wire), which wire, what.
 * @param {{from: string, port: number, to: string}} wire
 */
function line(now, router, wire, msg) {
  return JSON.stringify({ at: Math.floor(now), router, from: wire.from, port: wire.port, to: wire.to, msg: shown(msg) });
}

module.exports = { ownCopy, shown, edited, line };
