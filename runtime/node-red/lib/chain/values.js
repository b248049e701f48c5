//! JavaScript values as the chain format sees them: what is plain data, what is a live thing, how members are read, and copies.
'use strict';

const { isDate } = require('node:util').types;

/** The most levels that a message may have. */
const MAX_DEPTH = 256;
/** The most members that `set` lets a value have, each counted as often as it is reached. */
const MAX_MEMBERS = 1 << 22;

const OBJECT = Object.prototype;
const { hasOwn, getPrototypeOf } = Object;
const { isArray } = Array;
const { isBuffer } = Buffer;
const timeOf = Function.prototype.call.bind(Date.prototype.getTime);

const isObject = (value) => typeof value === 'object' && value !== null;

/**
 * Whether an object is plain data. Objects of other realms count (function nodes run in one): their `Object.prototype` is
 * another object, but it has no prototype either. Lists, Buffers, Dates and instances of classes are not plain.
 */
function isPlain(object) {
  const proto = getPrototypeOf(object);
  return proto === OBJECT || proto === null || getPrototypeOf(proto) === null;
}

const isPlainObject = (value) => isObject(value) && isPlain(value);

/** What a live thing (an instance of a class, a function, a symbol) is called: `[ServerResponse]`. */
function label(thing) {
  if (typeof thing === 'function') return '[Function]';
  if (typeof thing !== 'object') return typeof thing === 'bigint' ? '[BigInt]' : '[Symbol]';
  try {
    const name = thing.constructor?.name;
    return typeof name === 'string' && name !== '' ? `[${name}]` : '[object]';
  } catch {
    return '[object]';
  }
}

const CONTAINERS = [OBJECT, Array.prototype, Buffer.prototype, Date.prototype];

/**
 * Whether a key can be read as JavaScript reads it, from any object that is no list: no object has it without having it for
 * itself. `constructor`, `length` and `0` are keys that cannot.
 */
const isSafe = (key) => !/^\d/.test(key) && !CONTAINERS.some((proto) => key in proto);

/** A member under a key that is not safe: the object must have it itself. */
const ownMember = (object, key) => (hasOwn(object, key) && !ArrayBuffer.isView(object) ? object[key] : undefined);

/** The member of an object or live thing; `undefined` for anything else, lists included. */
function member(value, key, safe) {
  if (!isObject(value) || isArray(value)) return undefined;
  return safe ? value[key] : ownMember(value, key);
}

/** What a path of segments leads to in a message, or `undefined`. */
function reader(path) {
  const [first, ...rest] = path.map((seg) => ({ seg, safe: typeof seg === 'string' && isSafe(seg) }));
  const root = first.safe ? (msg) => msg[first.seg] : (msg) => ownMember(msg, first.seg);
  if (rest.length === 0) return root;
  const steps = rest.map(({ seg, safe }) => {
    if (typeof seg === 'number') return (value) => (isArray(value) ? value[seg] : undefined);
    return (value) => member(value, seg, safe);
  });
  if (steps.length === 1) {
    const [step] = steps;
    return (msg) => step(root(msg));
  }
  return (msg) => steps.reduce((value, step) => step(value), root(msg));
}

/** Whether `copyOf` makes a new one of it. */
const isContainer = (value) => isObject(value) && (isArray(value) || isPlain(value));

/** A Buffer or Date of its own; a live thing is the same thing. */
function leaf(value) {
  if (!isObject(value)) return value;
  if (isBuffer(value)) return Buffer.from(value);
  return isDate(value) ? new Date(timeOf(value)) : value;
}

const shell = (value) => (isArray(value) ? new Array(value.length) : getPrototypeOf(value) === null ? Object.create(null) : {});

/** `object[key] = value`, also where the key is `__proto__`. */
function put(object, key, value) {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/**
 * A copy that shares nothing with the value but live things. Members that are the same object stay the same object, so that it
 * ends on values that contain themselves; it does not recurse, whatever their depth.
 */
function copyOf(value) {
  if (!isContainer(value)) return leaf(value);
  const copies = new Map();
  const open = [];
  const begin = (from) => {
    const to = shell(from);
    copies.set(from, to);
    open.push(from);
    return to;
  };
  const root = begin(value);
  while (open.length > 0) {
    const from = open.pop();
    const to = copies.get(from);
    for (const key of Object.keys(from)) {
      const child = from[key];
      put(to, key, isContainer(child) ? copies.get(child) ?? begin(child) : leaf(child));
    }
  }
  return root;
}

let members = 0;

function spend(value, levels) {
  if (!isContainer(value)) return true;
  if (levels <= 0) return false;
  const all = isArray(value) ? value : Object.values(value);
  members -= all.length;
  if (members < 0) return false;
  for (let i = 0; i < all.length; i += 1) if (!spend(all[i], levels - 1)) return false;
  return true;
}

/** Whether a value has at most so many levels and at most `MAX_MEMBERS` members. Looks no further than that. */
function isWithin(value, levels) {
  members = MAX_MEMBERS;
  return spend(value, levels);
}

module.exports = {
  MAX_DEPTH, MAX_MEMBERS, copyOf, isArray, isBuffer, isContainer, isDate, isObject, isPlain, isPlainObject, isSafe, isWithin, label, member,
  ownMember, put, reader, timeOf,
};
