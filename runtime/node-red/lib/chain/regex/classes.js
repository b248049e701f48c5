//! Sets of characters: as a test of code points, and where it has the same meaning as the inside of a JavaScript class.
'use strict';

const MAX = 0x10ffff;

const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';
const PERL = { d: '\\p{Nd}', s: '\\p{White_Space}', w: WORD };

const POSIX = {
  alnum: [['0', '9'], ['A', 'Z'], ['a', 'z']],
  alpha: [['A', 'Z'], ['a', 'z']],
  ascii: [['\0', '\x7f']],
  blank: [['\t', '\t'], [' ', ' ']],
  cntrl: [['\0', '\x1f'], ['\x7f', '\x7f']],
  digit: [['0', '9']],
  graph: [['!', '~']],
  lower: [['a', 'z']],
  print: [[' ', '~']],
  punct: [['!', '/'], [':', '@'], ['[', '`'], ['{', '~']],
  space: [['\t', '\r'], [' ', ' ']],
  upper: [['A', 'Z']],
  word: [['0', '9'], ['A', 'Z'], ['_', '_'], ['a', 'z']],
  xdigit: [['0', '9'], ['A', 'F'], ['a', 'f']],
};

const escape = (point) => `\\u{${point.toString(16)}}`;

/**
 * `has(point)`: whether a code point is in the set; `inside`: the same between the brackets of a JavaScript class, or `undefined`;
 * `beyond`: whether it may have characters that are not ASCII.
 */
const set = (has, inside, beyond) => ({ has, inside, beyond });

function range(low, high) {
  const inside = low === high ? escape(low) : `${escape(low)}-${escape(high)}`;
  return set((point) => low <= point && point <= high, inside, high > 127);
}

const EMPTY = set(() => false, '', false);
const ANY = range(0, MAX);

function union(sets) {
  if (sets.length === 1) return sets[0];
  const inside = sets.every((one) => one.inside !== undefined) ? sets.map((one) => one.inside).join('') : undefined;
  return set((point) => sets.some((one) => one.has(point)), inside, sets.some((one) => one.beyond));
}

/** A negated set has no form to stand between brackets, but `[^…]` alone. */
const negated = (of) => ({ ...set((point) => !of.has(point), undefined, true), not: of.inside });

const combined = {
  '&&': (a, b) => set((point) => a.has(point) && b.has(point), undefined, a.beyond && b.beyond),
  '--': (a, b) => set((point) => a.has(point) && !b.has(point), undefined, a.beyond),
  '~~': (a, b) => set((point) => a.has(point) !== b.has(point), undefined, a.beyond || b.beyond),
};

/** A set by what stands between the brackets of a JavaScript class. */
function named(inside) {
  const test = new RegExp(`[${inside}]`, 'u');
  return set((point) => test.test(String.fromCodePoint(point)), inside, true);
}

const perl = (letter) => named(PERL[letter]);

function posix(name) {
  const ranges = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  return ranges && union(ranges.map(([low, high]) => range(low.codePointAt(0), high.codePointAt(0))));
}

const wordCase = (name) => name.toLowerCase().replace(/(?:^|[ _-])([a-z])/g, (all) => all.toUpperCase()).replace(/[ -]/g, '_');

/** A Unicode property: a general category, a script or a binary property, by the names that JavaScript knows. */
function property(text) {
  const [, key, value] = /^(\w+)\s*[=:]\s*(.+)$/.exec(text) ?? [];
  const keys = { sc: 'sc', script: 'sc', scx: 'scx', scriptextensions: 'scx', gc: 'gc', generalcategory: 'gc' };
  const kind = key && keys[key.toLowerCase().replace(/_/g, '')];
  if (key !== undefined && kind === undefined) return undefined;
  const names = new Set([value ?? text, wordCase(value ?? text), (value ?? text).toUpperCase()]);
  for (const name of names) {
    for (const form of kind ? [`${kind}=${name}`] : [`gc=${name}`, name, `sc=${name}`]) {
      try {
        if (/^[\w=]+$/.test(form)) return named(`\\p{${form}}`);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }
  return undefined;
}

let orbits;

/** Characters that differ in case alone, by each of them: those that JavaScript's simple case folding makes one. */
function allOrbits() {
  if (orbits !== undefined) return orbits;
  orbits = new Map();
  const join = (a, b) => {
    const both = new Set([...(orbits.get(a) ?? [a]), ...(orbits.get(b) ?? [b])]);
    for (const point of both) orbits.set(point, both);
  };
  for (let point = 0; point < 0x20000; point += 1) {
    if (point === 0xd800) point = 0xe000;
    const text = String.fromCodePoint(point);
    for (const other of [text.toLowerCase(), text.toUpperCase()]) {
      const to = other.codePointAt(0);
      if (other !== text && String.fromCodePoint(to) === other && new RegExp(`^${escape(point)}$`, 'iu').test(other)) join(point, to);
    }
  }
  return orbits;
}

/** The set with every character that differs from one of it in case alone. */
function folded(of) {
  const ascii = new Set();
  for (let point = 0; point < 128; point += 1) if (of.has(point)) ascii.add(point).add(turned(point));
  const has = (point) => {
    if (of.has(point) || ascii.has(point)) return true;
    const orbit = allOrbits().get(point);
    return orbit !== undefined && [...orbit].some(of.has);
  };
  return { ...set(has, undefined, true), caseless: of.inside };
}

/** The other case of an ASCII letter. */
function turned(point) {
  const text = String.fromCharCode(point);
  return (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()).charCodeAt(0);
}

const isWord = named(WORD).has;

module.exports = { ANY, EMPTY, combined, folded, isWord, negated, perl, posix, property, range, union };
