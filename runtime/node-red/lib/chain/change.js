//! What `set` and taps do to messages: changes copy the objects on the way, so that nobody who has the old message sees them.
'use strict';

const { MAX_DEPTH, copyOf, isArray, isObject, isPlainObject, isSafe, isWithin, member, put } = require('./values');

const { hasOwn } = Object;

const get = (object, key) => (hasOwn(object, key) ? object[key] : undefined);
const child = (value, seg) => (isArray(value) ? value[seg] : get(value, seg));
const copied = (value) => (isArray(value) ? [].concat(value) : { ...value });

/** Whether a change fits below a value: what is on the way is absent, a plain object, or a list and an index up to its length. */
function fits(value, path, from) {
  for (let i = from; i < path.length; i += 1) {
    const seg = path[i];
    if (value === undefined) {
      if (typeof seg !== 'string') return false;
    } else if (isArray(value)) {
      if (typeof seg !== 'number' || seg > value.length) return false;
      value = value[seg];
    } else {
      if (typeof seg !== 'string' || !isPlainObject(value)) return false;
      value = get(value, seg);
    }
  }
  return true;
}

/** Whether a value may stand at the end of a path of so many segments. */
const mayStand = (value, length) => (isObject(value) ? isWithin(value, MAX_DEPTH - length) : length <= MAX_DEPTH);

/**
 * `msg.path = value`: the changed message, or `undefined` when nothing changes.
 * @param {boolean} owned the root belongs to this run and is changed in place
 */
function assign(root, owned, path, value) {
  if (!mayStand(value, path.length) || !fits(get(root, path[0]), path, 1)) return undefined;
  const made = owned ? root : { ...root };
  let at = made;
  for (let i = 1; i < path.length; i += 1) {
    const old = child(at, path[i - 1]);
    const next = old === undefined ? {} : copied(old);
    put(at, path[i - 1], next);
    at = next;
  }
  put(at, path[path.length - 1], isObject(value) ? copyOf(value) : value);
  return made;
}

function without(value, seg) {
  if (isArray(value)) return value.filter((_, i) => i !== seg);
  const { [seg]: _, ...rest } = value;
  return rest;
}

/** `delete msg.path`, of a list the element is taken out: the changed message, or `undefined` when there is nothing to delete. */
function remove(root, path) {
  const way = [root];
  for (let i = 0; i < path.length; i += 1) {
    const value = way[i];
    if (i > 0 && (isArray(value) ? typeof path[i] !== 'number' : typeof path[i] !== 'string' || !isPlainObject(value))) return undefined;
    const next = child(value, path[i]);
    if (next === undefined) return undefined;
    way.push(next);
  }
  let made = without(way[path.length - 1], path[path.length - 1]);
  for (let i = path.length - 2; i >= 0; i -= 1) {
    const parent = copied(way[i]);
    put(parent, path[i], made);
    made = parent;
  }
  return made;
}

/** Paths as a tree: from a segment to what lies below it; `null`: the value itself, with all below it. */
function treeOf(paths) {
  const root = new Map();
  for (const path of paths) {
    let at = root;
    for (let i = 0; i < path.length && at !== null; i += 1) {
      if (i === path.length - 1) at.set(path[i], null);
      else if (!at.has(path[i])) at.set(path[i], new Map());
      at = at.get(path[i]);
    }
  }
  return root;
}

function omit(value, tree) {
  if (isArray(value)) {
    const kept = [];
    for (let i = 0; i < value.length; i += 1) if (tree.get(i) !== null) kept.push(omitBelow(value[i], tree.get(i)));
    return kept;
  }
  if (!isPlainObject(value)) return value;
  const kept = {};
  for (const key of Object.keys(value)) if (tree.get(key) !== null) put(kept, key, omitBelow(value[key], tree.get(key)));
  return kept;
}

const omitBelow = (value, tree) => (tree === undefined ? value : omit(value, tree));

/** `undefined`: there is nothing of it. */
function only(value, tree) {
  if (tree === null) return value;
  if (isArray(value)) {
    const wanted = [...tree.keys()].filter((seg) => typeof seg === 'number').sort((a, b) => a - b);
    const found = wanted.map((seg) => only(value[seg], tree.get(seg))).filter((part) => part !== undefined);
    return found.length > 0 ? found : undefined;
  }
  if (!isObject(value)) return undefined;
  const found = {};
  for (const [key, below] of tree) {
    const part = typeof key === 'string' ? only(member(value, key, isSafe(key)), below) : undefined;
    if (part !== undefined) put(found, key, part);
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/**
 * A function that shows a tap what it wants: the whole message, all but some paths, or some paths alone. The values that it shows are
 * those of the message.
 */
function selector(name, paths) {
  if (name === 'whole') return (msg) => msg;
  const tree = treeOf(paths);
  // The root is a message whatever its prototype is.
  return name === 'omit' ? (msg) => omit({ ...msg }, tree) : (msg) => only(msg, tree) ?? {};
}

module.exports = { assign, mayStand, remove, selector };
