//! Compiled stacks made ready to run on JavaScript objects. `README.md` is the contract.
'use strict';

const { FormatError } = require('../format');
const { Closures } = require('./cond');
const { generate } = require('./generate');
const { Program } = require('./interpret');
const { matcher } = require('./regex');
const { States, identityOf, pathText } = require('./state');
const { Step } = require('./step');
const { Table } = require('./table');
const { copyOf, reader } = require('./values');

/** Counts of absent paths, each for one path that one step of one chain reads. */
class Absent {
  constructor() {
    this.counts = [];
    this.places = new Map();
  }

  /** Where a path of a step is counted in `counts`. */
  place(state, chain, step, path) {
    const key = `${chain} ${step} ${path}`;
    let place = this.places.get(key);
    if (place === undefined) {
      place = { at: this.counts.length, state, path };
      this.counts.push(0);
      this.places.set(key, place);
    }
    return place.at;
  }

  /** Brings the counts into the states of the routers. */
  settle(paths) {
    for (const { at, state, path } of this.places.values()) {
      count(state, paths[path], this.counts[at]);
      this.counts[at] = 0;
    }
  }
}

function count(state, path, times) {
  if (times === 0) return;
  const text = pathText(path);
  state.absent.set(text, (state.absent.get(text) ?? 0) + times);
}

function regexes(set) {
  return set.regexes.map((text) => {
    try {
      return matcher(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new FormatError('invalid', `the chain file is invalid: the expression \`${text}\`: ${error.message}`);
    }
  });
}

/** One wire that has a chain. */
class Chain {
  constructor(linked, wire, program, fast) {
    this.linked = linked;
    this.wire = wire;
    this.program = program;
    /** `(msg, host, wire) => outcome`: the whole chain, for who calls it for every message. */
    this.fast = fast;
  }

  /** Runs a message from the beginning, or from a position on. */
  run(msg, host, at) {
    if (at !== undefined) return this.program.run(msg, host, this.wire, at.step, at.redirect);
    return this.fast(msg, host, this.wire);
  }

  /** Runs the one step at a position. */
  step(msg, host, at) {
    return this.program.step(msg, host, this.wire, at?.step ?? 0, at?.redirect);
  }
}

/** A chain set that runs, joined to the states of its routers. */
class Linked {
  constructor(set, { previous, interpret = false } = {}) {
    this.set = set;
    this.matchers = regexes(set);
    this.reads = set.paths.map(reader);
    this.line = previous?.line ?? new States();
    this.states = this.line.bind(set.routers);
    this.absent = new Absent();
    this.tables = [];
    this.programs = set.chains.map((chain, number) => this.program(chain, number));
    this.retired = false;
    const fast = interpret ? [] : this.generate();
    this.generated = fast.some((run) => run !== undefined);
    this.wires = new Map();
    for (const wire of set.wires) {
      const program = this.programs[wire.chain];
      if (program.steps.length > 0) {
        const slow = (msg, host, at) => program.run(msg, host, at, 0, undefined);
        this.wires.set(wireKey(wire.from, wire.port, wire.to), new Chain(this, wire, program, fast[wire.chain] ?? slow));
      }
    }
  }

  program(chain, number) {
    const steps = chain.steps.map((step, i) => {
      const state = this.states[step.router];
      const counterOf = (path) => this.absent.place(state, number, i, path);
      const closures = new Closures(this.reads, this.matchers, this.absent.counts, counterOf);
      return new Step(i, step, state, closures, this.set.paths);
    });
    return new Program(number, steps);
  }

  /** The generated function of each chain; `undefined` of those that are empty or too long. */
  generate() {
    return this.programs.map((program, number) => {
      const chain = this.set.chains[number];
      const tables = (chain.tables ?? []).map((table) => new Table(table, chain, program));
      const run = generate({ linked: this, chain, program, tables });
      if (run !== undefined) this.tables.push(...tables);
      return run;
    });
  }

  /** The chain of a wire by static ids; `undefined` when no router sits on it. */
  chainOf(from, port, to) {
    return this.wires.get(wireKey(from, port, to));
  }

  /** Brings what was counted beside the states into them. */
  settle() {
    this.absent.settle(this.set.paths);
    this.programs.forEach((program) => program.settle());
    for (const table of this.tables) {
      const times = table.takeAbsent();
      for (const step of table.passedOver) count(step.state, this.set.paths[table.path], times);
    }
  }

  /** What a router did. */
  counts(router) {
    this.settle();
    return this.states[router].view();
  }

  /** A message that a router held goes on, or is stopped. */
  released(router, stops) {
    this.states[router].released += 1;
    if (stops) this.states[router].stopped += 1;
  }

  /** A message that a router would have sent to another runtime goes on here, or is stopped. */
  notSent(router, stops) {
    const state = this.states[router];
    state.remote = Math.max(state.remote - 1, 0);
    if (stops) state.stopped += 1;
  }

  /** A number for a router that is the same in every stack of its line. */
  slot(router) {
    return this.states[router].slot;
  }

  /** Gives its states back; those that no other stack of the line uses are forgotten. */
  retire() {
    if (this.retired) return;
    this.retired = true;
    this.settle();
    this.line.unbind(this.set.routers);
  }
}

const wireKey = (from, port, to) => JSON.stringify([from, port, to]);

/**
 * Makes a chain set that was read and checked ready to run.
 * @param {object} set what `fromJson` or `fromValue` returned
 * @param {{ previous?: Linked, interpret?: boolean }} [options]
 * @returns {Linked}
 * @throws {FormatError} a regular expression cannot be run here
 */
const link = (set, options) => new Linked(set, options);

module.exports = { copyOf, identityOf, link };
