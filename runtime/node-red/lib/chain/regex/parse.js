//! The syntax of Rust's `regex` crate, as a tree. Greed and names of groups say nothing about whether a text matches, and are dropped.
//!
//! Nodes: `{ kind: 'set', set }` one character, `{ kind: 'look', look }`, `{ kind: 'row', parts }`, `{ kind: 'any', parts }` (one of them),
//! `{ kind: 'repeat', of, min, max }`. Throws `SyntaxError`.
'use strict';

const classes = require('./classes');

/** Deepest nesting, as in the `regex` crate. */
const NESTING = 250;

const fail = (why) => { throw new SyntaxError(why); };

const EMPTY = { kind: 'row', parts: [] };
const PLAIN = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const HEX_DIGITS = { x: 2, u: 4, U: 8 };
const PERL = /^[dswDSW]$/;
const NAME = /^[\p{Alphabetic}_][\p{Alphabetic}\p{N}_.[\]]*$/u;

class Parser {
  constructor(text) {
    this.chars = [...text];
    this.at = 0;
    this.depth = 0;
    this.names = new Set();
    this.flags = { i: false, m: false, s: false, x: false };
  }

  peek(ahead = 0) {
    return this.chars[this.at + ahead];
  }

  next() {
    const char = this.chars[this.at];
    this.at += 1;
    return char;
  }

  eat(text) {
    for (let i = 0; i < text.length; i += 1) if (this.peek(i) !== text[i]) return false;
    this.at += text.length;
    return true;
  }

  /** In verbose mode white space and comments say nothing. */
  space() {
    while (this.flags.x && this.peek() !== undefined) {
      if (/^\p{White_Space}$/u.test(this.peek())) this.at += 1;
      else if (this.peek() === '#') while (this.peek() !== undefined && this.next() !== '\n');
      else return;
    }
  }

  all() {
    const tree = this.alternation();
    if (this.at < this.chars.length) fail('a `)` closes nothing');
    return tree;
  }

  deeper(parse) {
    this.depth += 1;
    if (this.depth > NESTING) fail('it is nested too deeply');
    const tree = parse();
    this.depth -= 1;
    return tree;
  }

  alternation() {
    const parts = [this.row()];
    while (this.eat('|')) parts.push(this.row());
    return parts.length === 1 ? parts[0] : { kind: 'any', parts };
  }

  row() {
    const parts = [];
    for (;;) {
      this.space();
      const char = this.peek();
      if (char === undefined || char === '|' || char === ')') return { kind: 'row', parts };
      if ('*+?{'.includes(char)) parts.push(this.repetition(parts.pop()));
      else parts.push(this.atom());
    }
  }

  repetition(of) {
    if (of === undefined || of.isFlags) fail('there is nothing to repeat');
    const char = this.next();
    const [min, max] = char === '*' ? [0, Infinity] : char === '+' ? [1, Infinity] : char === '?' ? [0, 1] : this.counts();
    this.space();
    this.eat('?');
    return { kind: 'repeat', of, min, max };
  }

  counts() {
    const rest = this.chars.slice(this.at, this.at + 64).join('');
    const [all, min, comma, max] = /^\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?\}/.exec(rest) ?? [];
    if (all === undefined) fail('a counted repetition is not `{2}`, `{2,}` or `{2,3}`');
    this.at += [...all].length;
    const low = Number(min);
    const high = comma === undefined ? low : max === '' ? Infinity : Number(max);
    if (low > high) fail('a counted repetition ends before it begins');
    if (low >= 2 ** 32 || (high !== Infinity && high >= 2 ** 32)) fail('a counted repetition is too long');
    return [low, high];
  }

  atom() {
    const char = this.next();
    switch (char) {
      case '(': return this.deeper(() => this.group());
      case '[': return { kind: 'set', set: this.deeper(() => this.bracketed()) };
      case '.': return { kind: 'set', set: this.flags.s ? classes.ANY : classes.negated(classes.range(10, 10)) };
      case '^': return { kind: 'look', look: this.flags.m ? 'line-start' : 'start' };
      case '$': return { kind: 'look', look: this.flags.m ? 'line-end' : 'end' };
      case '\\': return this.escape();
      default: return this.literal(char.codePointAt(0));
    }
  }

  literal(point) {
    const set = classes.range(point, point);
    return { kind: 'set', set: this.flags.i ? classes.folded(set) : set };
  }

  group() {
    const outer = this.flags;
    if (this.eat('?P<') || (this.peek() === '?' && this.peek(1) === '<' && !'=!'.includes(this.peek(2) ?? '=') && this.eat('?<'))) {
      this.name();
    } else if (this.eat('?')) {
      const flags = this.groupFlags();
      if (this.eat(')')) {
        this.flags = flags;
        return { ...EMPTY, isFlags: true };
      }
      if (!this.eat(':')) fail('look-around is not supported');
      this.flags = flags;
    }
    const tree = this.alternation();
    if (!this.eat(')')) fail('a `(` is not closed');
    this.flags = outer;
    return tree;
  }

  name() {
    let name = '';
    while (this.peek() !== undefined && this.peek() !== '>') name += this.next();
    if (!this.eat('>') || !NAME.test(name)) fail('a group has no valid name');
    if (this.names.has(name)) fail(`two groups have the name \`${name}\``);
    this.names.add(name);
  }

  groupFlags() {
    const flags = { ...this.flags };
    const seen = new Set();
    let on = true;
    for (let char = this.peek(); char !== ')' && char !== ':'; char = this.peek()) {
      if (char === undefined || '=!<'.includes(char)) fail('look-around is not supported');
      if (seen.has(char)) fail(`the flag \`${char}\` stands there twice`);
      seen.add(char);
      if (char === '-') on = false;
      else if ('imsx'.includes(char)) flags[char] = on;
      else if (char === 'u' && !on) fail('the flag `-u` (bytes instead of characters) cannot be run in JavaScript');
      else if (char === 'R') fail('the flag `R` (lines that end in CRLF) cannot be run in JavaScript');
      else if (char !== 'u' && char !== 'U') fail(`there is no flag \`${char}\``);
      this.at += 1;
    }
    if (this.chars[this.at - 1] === '-' || (seen.size === 0 && this.peek() === ')')) fail('a group has no flags');
    return flags;
  }

  /** What a `\` begins, outside of brackets. */
  escape() {
    const char = this.next();
    if (char === undefined) fail('a `\\` stands at the end');
    switch (char) {
      case 'A': return { kind: 'look', look: 'start' };
      case 'z': return { kind: 'look', look: 'end' };
      case 'B': return { kind: 'look', look: 'no-boundary' };
      case 'b': return { kind: 'look', look: this.boundary() };
      case '<': return { kind: 'look', look: 'word-start' };
      case '>': return { kind: 'look', look: 'word-end' };
      default: {
        const set = this.escapedClass(char);
        if (set === undefined) return this.literal(this.escapedPoint(char));
        return { kind: 'set', set };
      }
    }
  }

  boundary() {
    for (const half of ['start-half', 'end-half', 'start', 'end']) if (this.eat(`{${half}}`)) return `word-${half}`;
    // `\b{2}` would repeat it; any other brace is an error there too.
    return 'boundary';
  }

  /** `\d`, `\pL` and the like; `undefined`: it is one character. */
  escapedClass(char) {
    if (PERL.test(char)) {
      const set = classes.perl(char.toLowerCase());
      return char === char.toLowerCase() ? set : classes.negated(set);
    }
    if (char !== 'p' && char !== 'P') return undefined;
    let name = this.next() ?? fail('a `\\p` has no name');
    if (name === '{') {
      name = '';
      while (this.peek() !== undefined && this.peek() !== '}') name += this.next();
      if (!this.eat('}')) fail('a `\\p{` is not closed');
    }
    const set = classes.property(name.trim()) ?? fail(`the Unicode property \`${name}\` is not known in JavaScript`);
    const all = this.flags.i ? classes.folded(set) : set;
    return char === 'p' ? all : classes.negated(all);
  }

  escapedPoint(char) {
    if (Object.hasOwn(PLAIN, char)) return PLAIN[char];
    if (Object.hasOwn(HEX_DIGITS, char)) return this.hex(HEX_DIGITS[char]);
    if (/^[0-9]$/.test(char)) fail('references to groups are not supported');
    if (!/^[\0-\x7f]$/.test(char) || /^[A-Za-z<>]$/.test(char)) fail(`there is no escape \`\\${char}\``);
    return char.codePointAt(0);
  }

  hex(digits) {
    let text = '';
    if (this.eat('{')) {
      while (this.peek() !== undefined && this.peek() !== '}') text += this.next();
      if (!this.eat('}')) fail('a code point is not closed');
    } else {
      while (text.length < digits && this.peek() !== undefined) text += this.next();
      if (text.length < digits) fail('a code point is too short');
    }
    const point = /^[0-9a-f]{1,8}$/i.test(text) ? parseInt(text, 16) : NaN;
    if (!(point <= 0x10ffff) || (point >= 0xd800 && point < 0xe000)) fail(`\`${text}\` is no code point`);
    return point;
  }

  /** After a `[`. */
  bracketed() {
    this.space();
    const not = this.eat('^');
    const items = [];
    this.space();
    while (this.peek() === '-') items.push(classes.range(45, this.next().charCodeAt(0)));
    if (items.length === 0 && this.peek() === ']') items.push(classes.range(93, this.next().charCodeAt(0)));
    const set = this.operations(items);
    const all = this.flags.i ? classes.folded(set) : set;
    return not ? classes.negated(all) : all;
  }

  /** Items, and operations of sets on all that stands on both sides, from left to right. */
  operations(first) {
    let items = first;
    let left;
    let apply;
    const done = () => {
      const right = items.length === 0 ? classes.EMPTY : classes.union(items);
      const fold = (set) => (this.flags.i ? classes.folded(set) : set);
      return apply === undefined ? right : apply(fold(left), fold(right));
    };
    for (;;) {
      this.space();
      if (this.peek() === undefined) fail('a `[` is not closed');
      if (this.eat(']')) return done();
      const operator = ['&&', '--', '~~'].find((text) => this.eat(text));
      if (operator !== undefined) {
        left = done();
        apply = classes.combined[operator];
        items = [];
      } else {
        items.push(this.item());
      }
    }
  }

  item() {
    if (this.peek() === '[') return this.posix() ?? (this.at += 1, this.deeper(() => this.bracketed()));
    const low = this.single();
    if (typeof low !== 'number') return low;
    this.space();
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '-') return classes.range(low, low);
    this.at += 1;
    this.space();
    const high = this.single();
    if (typeof high !== 'number' || high < low) fail('a range in a class is none');
    return classes.range(low, high);
  }

  /** One character as a code point, or a class. */
  single() {
    this.space();
    const char = this.next() ?? fail('a `[` is not closed');
    if (char !== '\\') return char.codePointAt(0);
    const escaped = this.next() ?? fail('a `\\` stands at the end');
    if ('AzBb<>'.includes(escaped)) fail(`there is no escape \`\\${escaped}\` in a class`);
    return this.escapedClass(escaped) ?? this.escapedPoint(escaped);
  }

  posix() {
    const rest = this.chars.slice(this.at, this.at + 16).join('');
    const [all, not, name] = /^\[:(\^?)([a-z]+):\]/.exec(rest) ?? [];
    const set = name && classes.posix(name);
    if (!set) return undefined;
    this.at += all.length;
    return not ? classes.negated(set) : set;
  }
}

/** @throws {SyntaxError} */
const parse = (text) => new Parser(text).all();

module.exports = { parse };
