//! Reads a chain file and checks all of it: data from outside, of which nothing is trusted and nothing is run.
'use strict';

const { network } = require('./chain/address');
const { isWellFormed } = require('./flow/order');
const { Mismatch } = require('./shape');
const { chainSet } = require('./ir');

const MAGIC = 'route-chain';
const VERSION = 2;
/** Deepest nesting of conditions and operands. */
const NESTING = 200;
/** Most levels of lists and objects in a text, as `serde_json` has it, and in JSON that is read already. */
const TEXT_LEVELS = 127;
const VALUE_LEVELS = 1000;

/** Why a chain file is refused; `kind` is `damaged`, `version` or `invalid`. */
class FormatError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = 'FormatError';
    this.kind = kind;
  }
}

/**
 * Reads the text of a chain file. Regular expressions are not compiled here: their syntax is checked where they are.
 * @param {string} text
 * @returns {object} the chain set, as it stands in the file
 * @throws {FormatError}
 */
function fromJson(text) {
  let json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(error.message);
  }
  return checked(json, TEXT_LEVELS);
}

/** As `fromJson`, from JSON that is read already. */
const fromValue = (json) => checked(json, VALUE_LEVELS);

function checked(json, levels) {
  if (json === null || typeof json !== 'object' || json.magic !== MAGIC) throw damaged(`\`magic\` is not \`${MAGIC}\``);
  if (json.version !== VERSION) {
    const other = JSON.stringify(json.version);
    throw new FormatError('version', `the chain file has version ${other}, this plugin reads version ${VERSION}; compile the stack again`);
  }
  survey(json, levels);
  try {
    chainSet(json, '');
  } catch (error) {
    if (error instanceof Mismatch) throw damaged(error.message);
    throw error;
  }
  check(json);
  return json;
}

const damaged = (why) => new FormatError('damaged', `the chain file is damaged: ${why}`);

function must(ok, what) {
  if (!ok) throw new FormatError('invalid', `the chain file is invalid: ${what}`);
}

/**
 * Bounds of the JSON itself: so many levels of lists and objects, numbers that a double can hold, texts that UTF-8 can. Without
 * recursion: the depth of foreign data must not end the process's stack.
 */
function survey(root, most) {
  let level = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) throw damaged('it is nested too deeply');
    const next = [];
    for (const value of level) {
      for (const key of Object.keys(value)) {
        const child = value[key];
        if (!isWellFormed(key) || (typeof child === 'string' && !isWellFormed(child))) throw damaged('a text has half a character in it');
        if (typeof child === 'number' && !Number.isFinite(child)) throw damaged('a number is too large');
        if (child !== null && typeof child === 'object') next.push(child);
      }
    }
    level = next;
  }
}

function check(set) {
  must(set.chains.length === 0 || set.chains[0].steps.length === 0, 'chain 0 is not empty');
  must(set.paths.every((path) => typeof path[0] === 'string'), 'a path does not begin with a key');
  checkWires(set);
  if (set.fleet) checkFleet(set.fleet);
  const checker = new Checker(set);
  for (const chain of set.chains) {
    for (const step of chain.steps) {
      must(step.router < set.routers.length, 'a step has no router');
      if (step.when) checker.cond(step.when, 0);
      checker.op(step.op);
    }
    checker.tables(chain);
  }
}

function checkWires(set) {
  const known = new Set();
  for (const wire of set.wires) {
    const key = JSON.stringify([wire.from, wire.port, wire.to]);
    must(!known.has(key), `the wire \`${wire.from}\` -> \`${wire.to}\` stands there twice`);
    must(wire.chain < set.chains.length, `the wire \`${wire.from}\` -> \`${wire.to}\` has no chain`);
    known.add(key);
  }
}

function checkFleet(fleet) {
  must((fleet.homes ?? []).every((home) => home < fleet.runtimes.length), 'a node lives on a runtime that the fleet has not');
  must(fleet.runtimes.some((runtime) => runtime.name === fleet.me), 'the fleet does not have its own runtime');
}

class Checker {
  constructor(set) {
    this.set = set;
  }

  path(path) {
    must(path < this.set.paths.length, 'a path is missing');
  }

  tables(chain) {
    let end = 0;
    for (const table of chain.tables ?? []) {
      must(table.from >= end && table.from < table.to, 'the tables of a chain overlap or are out of order');
      must(table.to <= chain.steps.length, 'a table goes past the end of its chain');
      this.path(table.path);
      end = table.to;
      for (const list of [...table.equal, ...(table.prefix ?? [])].map(([, steps]) => steps).concat([table.other])) {
        must(list.every((step) => step >= table.from && step < table.to), 'a table lists a step outside its run');
        must(list.every((step, i) => i === 0 || list[i - 1] < step), 'a table lists its steps out of order');
      }
      must(table.equal.every(([value]) => value === null || typeof value !== 'object'), 'a table compares with a list or an object');
    }
  }

  op(op) {
    const [[kind, body]] = Object.entries(op);
    this[`op_${kind}`]?.(body);
  }

  op_keep(cond) {
    this.cond(cond, 0);
  }

  op_set(changes) {
    for (const change of changes) {
      this.path(change.assign ? change.assign[0] : change.delete);
      if (change.assign) this.operand(change.assign[1], 0);
    }
  }

  op_limit(limit) {
    must(limit.max_keys > 0, 'a limit remembers no key');
    if (limit.rate) checkRate(limit.rate);
    if (limit.per) this.operand(limit.per, 0);
    if (limit.distinct) {
      must(isDuration(limit.distinct.within_ms), 'a window is no duration');
      this.operand(limit.distinct.by, 0);
    }
  }

  op_tap(tap) {
    must(tap.every > 0, 'a tap copies every 0th message');
    if (tap.at_most) checkRate(tap.at_most);
    for (const path of tap.select.omit ?? tap.select.only ?? []) this.path(path);
  }

  op_break(brk) {
    must(brk.hits > 0, 'a breakpoint holds from its 0th hit');
    must(isDuration(brk.for_ms), "a breakpoint's time is no duration");
    for (const part of brk.log ?? []) if (part.value) this.operand(part.value, 0);
  }

  op_remote(remote) {
    must(remote.to.length > 0, 'a remote route leads nowhere');
    if (remote.choose.hash) this.operand(remote.choose.hash, 0);
  }

  cond(cond, depth) {
    must(depth < NESTING, 'a condition is nested too deeply');
    const [[kind, body]] = Object.entries(cond);
    const inner = depth + 1;
    switch (kind) {
      case 'const': return;
      case 'sample': return checkShare(body);
      case 'not': return this.cond(body, inner);
      case 'and': case 'or': return body.forEach((part) => this.cond(part, inner));
      case 'has': return this.path(body);
      case 'truth': return this.operand(body, inner);
      case 'cmp': return body.slice(1).forEach((part) => this.operand(part, inner));
      case 'contains': case 'starts_with': case 'ends_with': return body.forEach((part) => this.operand(part, inner));
      case 'in_range': return body.slice(0, 3).forEach((part) => this.operand(part, inner));
      case 'sample_by':
        checkShare(body[0]);
        return this.operand(body[1], inner);
      case 'in_cidr': must(network(body[1]) !== undefined, `\`${body[1]}\` is no network`); break;
      case 'matches': must(body[1] < this.set.regexes.length, 'a regular expression is missing'); break;
      default: // `in_list` and `is` refer to nothing else
    }
    return this.operand(body[0], inner);
  }

  operand(operand, depth) {
    must(depth < NESTING, 'a value is nested too deeply');
    const [[kind, body]] = Object.entries(operand);
    const inner = depth + 1;
    switch (kind) {
      case 'lit': return undefined;
      case 'path': return this.path(body);
      case 'neg': return this.operand(body, inner);
      case 'cond': return this.cond(body, inner);
      case 'arith': return body.slice(1).forEach((part) => this.operand(part, inner));
      case 'call': return body[1].forEach((part) => this.operand(part, inner));
      case 'list': return body.forEach((part) => this.operand(part, inner));
      default: return body.forEach(([, part]) => this.operand(part, inner));
    }
  }
}

const isDuration = (ms) => Number.isFinite(ms) && ms >= 0;

function checkShare(share) {
  must(share >= 0 && share <= 1, 'a share is not between 0 and 1');
}

function checkRate(rate) {
  const usable = (n) => Number.isFinite(n) && n > 0;
  must(usable(rate.count) && usable(rate.per_ms) && Number.isFinite(rate.burst), 'a rate is no rate');
}

module.exports = { FormatError, MAGIC, VERSION, fromJson, fromValue };
