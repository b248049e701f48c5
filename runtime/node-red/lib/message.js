//! Messages as tools see them, and copies that share nothing with what they were made of.
'use strict';

const { isDate, isNativeError } = require('node:util').types; // function nodes have classes of their own realm

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
      } else if (isPlain(child) && !seen.has(child) && !(value === root && (key === 'req' || key === 'res'))) {
        seen.add(child);
        open.push(child);
      }
    }
  }
}

/** Lists, and objects without a class, of whichever realm. */
const isPlain = (value) => {
  if (Array.isArray(value)) return true;
  const proto = Object.getPrototypeOf(value);
  return proto === null || Object.getPrototypeOf(proto) === null;
};

/**
 * A message as JSON, for people and tools. A live handle becomes its label, a circle is cut.
 * @returns {object} data that `JSON.stringify` writes without failing
 */
function shown(msg) {
  return visible(msg, [], true);
}

function visible(value, above, isRoot = false) {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  if (Buffer.isBuffer(value)) return value.toJSON();
  if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (above.includes(value)) return '[circular]';
  if (above.length > 256) return '[too deep]';
  if (!isPlain(value)) return instance(value, above, isRoot);
  return members(value, above);
}

function members(value, above) {
  const inner = [...above, value];
  if (Array.isArray(value)) return Array.from(value, (item) => visible(item, inner) ?? null);
  const out = {};
  for (const key of Object.keys(value)) {
    const child = visible(read(value, key), inner);
    if (child !== undefined) define(out, key, child);
  }
  return out;
}

/** A getter may throw. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return '[unreadable]';
  }
}

/** What is no plain data shows its own JSON where it has one, else its label. */
function instance(value, above, isRoot) {
  const name = value.constructor?.name || 'Object';
  if (isRoot) return members(value, above);
  if (isNativeError(value)) return { name: value.name, message: value.message };
  if (typeof value.toJSON === 'function') {
    try {
      return visible(value.toJSON(), [...above, value]);
    } catch {
      // Its label says enough.
    }
  }
  return `[${name}]`;
}

const define = (object, key, value) => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
};

/**
 * A value changed to what JSON says. Where the JSON is what is shown of the old value, the old value stays as it is, so that
 * Dates, Buffers and live handles outlive the edit of another field.
 */
function edited(old, json) {
  if (isObject(json) && isObject(old) && isPlain(old) && !isBufferJson(json)) {
    const out = {};
    for (const key of Object.keys(json)) define(out, key, edited(Object.hasOwn(old, key) ? old[key] : undefined, json[key]));
    for (const key of Object.keys(old)) if (!Object.hasOwn(json, key) && shownMember(old[key]) === undefined) define(out, key, old[key]);
    return out;
  }
  if (Array.isArray(json) && Array.isArray(old)) return json.map((item, at) => edited(old[at], item));
  if (old !== undefined && sameJson(shownMember(old), json)) return old;
  return revived(json);
}

const shownMember = (value) => visible(value, []);
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function sameJson(a, b) {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

const isBufferJson = (json) => isObject(json) && json.type === 'Buffer' && Array.isArray(json.data)
  && Object.keys(json).length === 2 && json.data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);

/** As a tool writes it: `{"type":"Buffer","data":[…]}` is a Buffer again. */
function revived(json) {
  if (Array.isArray(json)) return json.map(revived);
  if (!isObject(json)) return json;
  if (isBufferJson(json)) return Buffer.from(json.data);
  const out = {};
  for (const key of Object.keys(json)) define(out, key, revived(json[key]));
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
