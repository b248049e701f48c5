//! Expressions that JavaScript's own engine can take: those that mean the same there, and on which it never goes back far enough for its time
//! to grow faster than the text.
'use strict';

/** Most ways that one place of a text may be tried. */
const MOST_WAYS = 1000;

/** One character as classes write it. */
const ONE = /^\\u\{[0-9a-f]+\}$/;

const isLook = (node, look) => node?.kind === 'look' && node.look === look;

/** The parts of nested rows as one row. */
const flat = (tree) => (tree.kind === 'row' ? tree.parts.flatMap(flat) : [tree]);

/** An equal JavaScript expression, or `undefined`. */
function native(tree) {
  const row = flat(tree);
  if (!isLinear(row)) return undefined;
  const folds = new Set();
  const source = row.map((part) => sourceOf(part, folds)).reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b), '');
  if (source === undefined || folds.size > 1) return undefined;
  return new RegExp(source, folds.has(true) ? 'iu' : 'u');
}

function sourceOf(node, folds) {
  switch (node.kind) {
    case 'set': return setSource(node.set, folds);
    case 'look': return { start: '^', end: '$' }[node.look];
    case 'row': return all(node.parts, folds, '');
    case 'any': return all(node.parts, folds, '|');
    default: {
      const of = sourceOf(node.of, folds);
      return of && `${of}{${node.min},${node.max === Infinity ? '' : node.max}}`;
    }
  }
}

function all(parts, folds, between) {
  const sources = parts.map((part) => sourceOf(part, folds));
  return sources.includes(undefined) ? undefined : `(?:${sources.join(between)})`;
}

/** Characters whose case matters and those whose case does not cannot stand in one JavaScript expression. */
function setSource(set, folds) {
  const { inside, caseless, not } = set;
  if (caseless !== undefined && /^\\u\{[0-7]?[0-9a-f]\}$/.test(caseless)) {
    folds.add(true);
    return caseless;
  }
  const source = inside !== undefined ? (ONE.test(inside) ? inside : `[${inside}]`) : not !== undefined ? `[^${not}]` : undefined;
  if (source !== undefined && !isCaseless(set)) folds.add(false);
  return source;
}

/** Whether a set is one character that has no case. */
function isCaseless({ inside }) {
  const [, hex] = /^\\u\{([0-7]?[0-9a-f])\}$/.exec(inside ?? '') ?? [];
  return hex !== undefined && !/[a-z]/i.test(String.fromCharCode(parseInt(hex, 16)));
}

function isLinear(row) {
  const anchored = isLook(row[0], 'start');
  let many = 1;
  for (const [i, node] of row.entries()) {
    const endless = node.kind === 'repeat' && node.max === Infinity;
    if (endless) {
      if (node.of.kind !== 'set') return false;
      const last = i === row.length - 1;
      if (!last && !(anchored && isApart(node.of.set, row[i + 1]))) return false;
      if (node.min > MOST_WAYS) return false;
    } else {
      many *= ways(node);
    }
    if (many > MOST_WAYS) return false;
  }
  return true;
}

/** In how many ways a part may be tried; those that repeat more than one character count as endless. */
function ways(node) {
  switch (node.kind) {
    case 'row': return node.parts.reduce((many, part) => many * ways(part), 1);
    case 'any': return node.parts.reduce((many, part) => many + ways(part), 0);
    case 'repeat': return node.of.kind === 'set' && node.max <= MOST_WAYS ? node.max - node.min + 1 : Infinity;
    default: return 1;
  }
}

/** Whether what follows a run begins with a character that the run does not take, or the text ends there. */
function isApart(set, next) {
  if (isLook(next, 'end')) return true;
  const first = next.kind === 'set' ? next.set : next.kind === 'repeat' && next.min > 0 && next.of.kind === 'set' ? next.of.set : undefined;
  if (first === undefined || (set.beyond && first.beyond)) return false;
  for (let point = 0; point < 128; point += 1) if (set.has(point) && first.has(point)) return false;
  return true;
}

module.exports = { native };
