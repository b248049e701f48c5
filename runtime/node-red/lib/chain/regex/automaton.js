//! Whether a text matches, in time that grows with the text alone: a deterministic automaton, of which only the states are made that
//! texts come to.
'use strict';

const { isWord } = require('./classes');

/** Most instructions of one expression. */
const MOST = 100000;
/** Most states that are remembered; then they are made anew. */
const MOST_STATES = 1000;

/** `{ set, to }` takes a character, `{ look, to }` asks, `{ either: [a, b] }` goes both ways, `{ match }` ends. */
class Program {
  constructor(tree) {
    this.code = [];
    this.start = this.build(tree, this.add({ match: true }));
    const looks = new Set(this.code.map(({ look }) => look));
    looks.delete(undefined);
    this.asksWords = [...looks].some((look) => look.includes('word') || look.includes('boundary'));
    this.asksLines = looks.has('line-start');
  }

  add(instruction) {
    if (this.code.length >= MOST) throw new SyntaxError('it is too large');
    return this.code.push(instruction) - 1;
  }

  /** Where to begin for the tree and then to go on at `to`. */
  build(tree, to) {
    switch (tree.kind) {
      case 'set': return this.add({ set: tree.set, to });
      case 'look': return this.add({ look: tree.look, to });
      case 'row': return tree.parts.reduceRight((next, part) => this.build(part, next), to);
      case 'any': return tree.parts.map((part) => this.build(part, to)).reduce((a, b) => this.add({ either: [a, b] }));
      default: return this.repeat(tree, to);
    }
  }

  repeat({ of, min, max }, to) {
    let next = to;
    if (max === Infinity) {
      const loop = this.add({ either: [to, to] });
      this.code[loop].either = [this.build(of, loop), to];
      next = loop;
    } else {
      for (let i = min; i < max; i += 1) next = this.add({ either: [this.build(of, next), to] });
    }
    for (let i = 0; i < min; i += 1) next = this.build(of, next);
    return next;
  }
}

/** What stands before and behind a place of the text decides what a look finds there. */
function holds(look, before, behind) {
  const [word, follows] = [before.word, behind !== undefined && isWord(behind)];
  switch (look) {
    case 'start': return before.start;
    case 'end': return behind === undefined;
    case 'line-start': return before.start || before.line;
    case 'line-end': return behind === undefined || behind === 10;
    case 'boundary': return word !== follows;
    case 'no-boundary': return word === follows;
    case 'word-start': return !word && follows;
    case 'word-end': return word && !follows;
    case 'word-start-half': return !word;
    default: return !follows; // `word-end-half`
  }
}

class Automaton {
  constructor(tree) {
    this.program = new Program(tree);
    this.forget();
  }

  forget() {
    this.states = new Map();
    this.first = this.state([this.program.start], { start: true, word: false, line: false });
  }

  state(places, before) {
    const key = `${before.start ? 's' : ''}${before.word ? 'w' : ''}${before.line ? 'l' : ''}${places.join()}`;
    let state = this.states.get(key);
    if (state === undefined) {
      state = { places, before, ascii: new Array(128).fill(undefined), others: new Map(), end: undefined };
      this.states.set(key, state);
    }
    return state;
  }

  /** Follows what takes no character; the places that take one, or `undefined` when the text matches here. */
  closure(state, behind) {
    const { code } = this.program;
    const seen = new Set();
    const open = [...state.places];
    while (open.length > 0) {
      const place = open.pop();
      if (!seen.has(place)) {
        seen.add(place);
        const { match, either, look, to } = code[place];
        if (match) return undefined;
        if (either) open.push(either[1], either[0]);
        else if (look && holds(look, state.before, behind)) open.push(to);
      }
    }
    return seen;
  }

  /** The state behind a character; `null`: the text matches. */
  after(state, point) {
    const places = this.closure(state, point);
    if (places === undefined) return null;
    const { code, start, asksWords, asksLines } = this.program;
    const next = new Set([start]);
    for (const place of places) {
      const { set, to } = code[place];
      if (set !== undefined && set.has(point)) next.add(to);
    }
    const before = { start: false, word: asksWords && isWord(point), line: asksLines && point === 10 };
    return this.state([...next].sort((a, b) => a - b), before);
  }

  matches(text) {
    if (this.states.size > MOST_STATES) this.forget();
    let state = this.first;
    for (let i = 0; i < text.length; i += 1) {
      let point = text.charCodeAt(i);
      let next;
      if (point < 128) {
        next = state.ascii[point];
        if (next === undefined) next = state.ascii[point] = this.after(state, point);
      } else {
        point = text.codePointAt(i);
        if (point > 0xffff) i += 1;
        next = this.beyond(state, point);
      }
      if (next === null) return true;
      state = next;
      if (this.states.size > MOST_STATES) {
        const { places, before } = state;
        this.forget();
        state = this.state(places, before);
      }
    }
    state.end ??= this.closure(state, undefined) === undefined;
    return state.end;
  }

  beyond(state, point) {
    let next = state.others.get(point);
    if (next === undefined) {
      next = this.after(state, point);
      if (state.others.size < 4096) state.others.set(point, next);
    }
    return next;
  }
}

module.exports = { Automaton };
