//! Chains as JavaScript of their own: one synchronous function for each, which V8 compiles.
//!
//! Paths are read once and kept in variables, tables of the chain file become look-ups, and what is not simple is left to the
//! closures of `step.js` and `cond.js`, so that both say the same. A long chain is cut into several functions: V8 does not
//! optimise very large ones.
'use strict';

const vm = require('node:vm');
const ops = require('./ops');
const { Emit } = require('./emit');
const { delivered, stopped } = require('./interpret');
const { Reads } = require('./reads');
const { share } = require('./text');
const { contentOf, variant } = require('./variant');
const values = require('./values');

/** Most steps of one function. */
const PIECE = 96;
/** Longer chains are left to the interpreter: their code would take more memory than it is worth. */
const MOST_STEPS = 20000;

const EMPTY = Object.freeze({});
const EMPTY_LIST = Object.freeze([]);

/** What generated code calls by these names. */
const HELPERS = {
  ...ops.compare, ...ops.arith, ...ops.call, neg: ops.neg,
  contains: ops.contains, startsWith: ops.startsWith, endsWith: ops.endsWith, inNetwork: ops.inNetwork, share,
  isArray: values.isArray, isBuffer: values.isBuffer, isPlainObject: values.isPlainObject, own: values.ownMember,
  obj: (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : EMPTY),
  list: (value) => (Array.isArray(value) ? value : EMPTY_LIST),
  delivered, stopped,
};

/** The code of one chain, and the constants in it. */
class Generator {
  constructor({ linked, chain, program, tables }) {
    this.linked = linked;
    this.chain = chain;
    this.program = program;
    this.tables = tables;
    this.constants = [];
    this.known = new Map();
    this.mutates = program.steps.some(({ kind }) => kind === 'set' || kind === 'call');
    this.redirects = program.steps.some(({ kind }) => kind === 'redirect');
    /** A module may keep the message that it got or gave: then none is changed in place. */
    this.owned = program.steps.some(({ kind }) => kind === 'call') ? 'false' : 'm !== m0';
    this.long = program.steps.length > PIECE;
    this.functions = [];
  }

  /** The name of a constant. */
  constant(value) {
    let name = this.known.get(value);
    if (name === undefined) {
      name = `k${this.constants.length}`;
      this.constants.push(value);
      this.known.set(value, name);
    }
    return name;
  }

  /** Runs of steps, each with its table or without: `{ from, to, table }`. */
  runs() {
    const runs = [];
    const plain = (from, to) => {
      for (let at = from; at < to; at += PIECE) runs.push({ from: at, to: Math.min(at + PIECE, to) });
    };
    let at = 0;
    for (const table of this.tables) {
      plain(at, table.from);
      runs.push({ from: table.from, to: table.to, table });
      at = table.to;
    }
    plain(at, this.program.steps.length);
    return runs;
  }

  /** The source of a function that takes helpers and constants, and returns the one that runs messages. */
  source() {
    const body = this.long ? this.pieces() : this.piece(this.runs());
    const names = Object.keys(HELPERS).join(', ');
    const tally = this.program.entered === undefined ? '' : 'N[0]++;\n';
    const constants = this.constants.map((_, i) => `const k${i} = K[${i}];\n`).join('');
    const end = this.mutates || this.redirects
      ? `return m === m0 && red === undefined ? null : delivered(red, m, m !== m0);`
      : 'return null;';
    return `'use strict';
(function ({ ${names} }, K, A, N, D) {
${constants}let M, R;
${this.functions.join('')}return function run(m0, h, w) {
let m = m0, red;
${tally}${body}${end}
};
})`;
  }

  /** One run in each function, called in turn. */
  pieces() {
    return this.runs().map((run) => {
      const name = this.define('run', this.piece([run]));
      const call = `x = ${name}(m0, m, red, h, w);\nif (x !== undefined) return x;\n`;
      return this.mutates || this.redirects ? `${call}m = M;\nred = R;\n` : call;
    }).reduce((code, call) => code + call, 'let x;\n');
  }

  /** A function of a part of a chain: how the message ended there, or `undefined`. Its message and redirect stand in `M` and `R` then. */
  define(kind, body) {
    const name = `${kind}${this.functions.length}`;
    const back = this.mutates || this.redirects ? 'M = m;\nR = red;\n' : '';
    this.functions.push(`function ${name}(m0, m, red, h, w) {\n${body}${back}}\n`);
    return name;
  }

  /** The code of some runs in one function, its variables in front. */
  piece(runs) {
    return new Piece(this).code(runs);
  }
}

/** The code of one function. */
class Piece {
  constructor(generator) {
    this.generator = generator;
    this.reads = new Reads(generator.linked.set.paths);
    this.temps = 0;
  }

  constant(value) {
    return this.generator.constant(value);
  }

  temp(number) {
    this.temps = Math.max(this.temps, number + 1);
    return `t${number}`;
  }

  code(runs) {
    const paths = runs.map((run) => this.look(run));
    this.reads.plan();
    const body = runs.map((run, i) => (run.table ? this.table(run) : this.plain(run, paths[i]))).join('');
    const temps = Array.from({ length: this.temps }, (_, i) => `t${i}`);
    const names = [...this.reads.declared, ...temps];
    return names.length > 0 ? `let ${names.join(', ')};\n${body}` : body;
  }

  /** Finds what the steps of a run read, to share it; by step. */
  look({ from, to, table }) {
    const steps = this.generator.chain.steps.slice(from, to);
    if (table !== undefined) {
      this.reads.share(table.path);
      if (steps.length <= PIECE) steps.flatMap(inlinePaths).forEach((path) => this.reads.at(path));
      return undefined;
    }
    return steps.map((step, i) => {
      const paths = [...new Set(inlinePaths(step))];
      this.reads.uses(from + i, paths);
      return paths;
    });
  }

  plain({ from, to }, paths) {
    let code = '';
    for (let number = from; number < to; number += 1) code += this.reads.ahead(paths[number - from]) + this.step(number);
    return code;
  }

  /** Finds the steps that can act, and runs each of them. */
  table(run) {
    const { generator } = this;
    const { table, from, to } = run;
    const ahead = this.reads.ahead([table.path]);
    const value = this.reads.value(table.path);
    const rest = table.lengths.length > 0 ? `c = ${this.constant(table)}.rest(${value})`
      : `{\nif (${value} === undefined) ${this.constant(table)}.missed++;\nc = ${this.constant(table.other)};\n}`;
    const find = `c = ${this.constant(table.equal)}.get(${value});\nif (c === undefined) ${rest};\n`;
    const steps = Array.from({ length: to - from }, (_, i) => from + i);
    const long = steps.length > PIECE;
    const cases = long ? this.calls(steps) : steps.map((number) => `case ${number}: {\n${this.step(number)}break;\n}\n`).join('');
    const body = long ? cases : `switch (c[i]) {\n${cases}}\n`;
    // A step that ran may have changed what others of the run read.
    const again = long && generator.mutates ? this.reads.again() : '';
    return `${ahead}{\nlet c;\n${find}for (let i = 0; i < c.length; i++) {\n${body}}\n${again}}\n`;
  }

  /** Of a long run each step is a function of its own. */
  calls(steps) {
    const { generator } = this;
    const names = steps.map((number) => generator.define('step', new Piece(generator).code([{ from: number, to: number + 1 }])));
    const list = `steps${generator.functions.length}`;
    generator.functions.push(`const ${list} = [${names.join(', ')}];\n`);
    const call = `const x = ${list}[c[i] - ${steps[0]}](m0, m, red, h, w);\nif (x !== undefined) return x;\n`;
    return generator.mutates || generator.redirects ? `${call}m = M;\nred = R;\n` : call;
  }

  step(number) {
    const { generator } = this;
    const step = generator.program.steps[number];
    const source = generator.chain.steps[number];
    const emit = new Emit(this, step.closures);
    if (step.seesAll) return `if (!${emit.cond(contentOf(source.op, 'keep'))}) {\n${this.stop(step)}}\n`;
    const act = `${this.constant(step.state)}.seen++;\n${this.act(step, source.op, emit)}`;
    return source.when ? `if (${emit.cond(source.when)}) {\n${act}}\n` : `{\n${act}}\n`;
  }

  act(step, op, emit) {
    const [kind, body] = variant(op);
    const { generator } = this;
    switch (kind) {
      case 'keep': return `if (!${emit.cond(body)}) {\n${this.stop(step)}}\n`;
      case 'halt': return this.stop(step, body.reason ?? undefined, body.as_error);
      case 'redirect': return `red = ${emit.literal(body.to)};\n`;
      case 'set': {
        const changed = body.map((change) => contentOf(change, 'delete') ?? contentOf(change, 'assign')[0]);
        return `m = ${this.constant(step.set)}(m, h, ${generator.owned});\n${this.reads.again(changed)}`;
      }
      case 'call':
        return `const r = ${this.constant(step.call)}(m, h, w);\nm = r.msg;\n`
          + `if (r.end !== undefined) return ${this.leave(step, 'r.end')};\n${this.reads.again()}`;
      default:
        return `const e = ${this.constant(step.act)}(m, h, w);\nif (e !== undefined) return ${this.leave(step, 'e')};\n`;
    }
  }

  changed() {
    return this.generator.mutates ? 'm !== m0' : 'false';
  }

  stop(step, reason, asError = false) {
    const said = reason === undefined ? 'undefined' : new Emit(this, step.closures).literal(reason);
    const tally = this.generator.program.ended === undefined ? '' : `D[${step.number}]++;\n`;
    return `${tally}${this.constant(step.state)}.stopped++;\nreturn stopped(${step.router}, ${said}, ${asError}, m, ${this.changed()});\n`;
  }

  leave(step, end) {
    const { program } = this.generator;
    return `${this.constant(program)}.leave(${this.constant(step)}, ${end}, m, ${this.changed()}, red)`;
  }
}

/** The paths that the code of a step reads itself. */
function inlinePaths({ when, op }) {
  const found = [];
  if (when) pathsOf(when, found);
  const keep = contentOf(op, 'keep');
  if (keep !== undefined) pathsOf(keep, found);
  return found;
}

/** Every `path` and `has` of a condition or operand. Constants are no conditions. */
function pathsOf(node, found) {
  const [kind, body] = variant(node);
  switch (kind) {
    case 'path': case 'has': found.push(body); break;
    case 'lit': case 'const': case 'sample': break;
    case 'not': case 'neg': case 'truth': case 'cond': pathsOf(body, found); break;
    case 'and': case 'or': case 'list': case 'contains': case 'starts_with': case 'ends_with':
      body.forEach((part) => pathsOf(part, found));
      break;
    case 'cmp': case 'arith': body.slice(1).forEach((part) => pathsOf(part, found)); break;
    case 'in_range': body.slice(0, 3).forEach((part) => pathsOf(part, found)); break;
    case 'call': body[1].forEach((part) => pathsOf(part, found)); break;
    case 'object': body.forEach(([, part]) => pathsOf(part, found)); break;
    case 'sample_by': pathsOf(body[1], found); break;
    default: pathsOf(body[0], found); // `in_list`, `in_cidr`, `matches`, `is`
  }
}

/**
 * The function `(msg, host, wire) => outcome | null` of a chain.
 * @returns {Function | undefined} `undefined`: the chain is empty or too long
 */
function generate(of) {
  const many = of.program.steps.length;
  if (many === 0 || many > MOST_STEPS) return undefined;
  const generator = new Generator(of);
  const make = new vm.Script(generator.source(), { filename: `route-chain-${of.program.number}.js` }).runInThisContext();
  return make(HELPERS, generator.constants, of.linked.absent.counts, of.program.entered, of.program.ended);
}

module.exports = { generate };
