//! The way to the other runtimes of a fleet: a `routec uplink` beside Node-RED has the links, and talks to the plugin in lines of JSON.
'use strict';

const { spawn } = require('node:child_process');
const readline = require('node:readline');
const { decode, encode } = require('./codec');

/** Messages that wait for an answer of the links at the most. */
const MOST = 10000;
/** Before it is started again after it ended, milliseconds; doubled each time. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30000;

class Uplink {
  /**
   * @param {object} options `routec`: the compiler, `undefined` when there is none; `state`: folder for spools; `log(level, text)`;
   *   `deliver(node, msg)`: hands over a message that arrived and answers, by a promise, `{took: true}`, `{refused: why}` or
   *   `{moved: home}`
   */
  constructor({ routec, state, log, deliver }) {
    Object.assign(this, { routec, state, log, deliver });
    /** `{fleet, stack}` of the stack in place. */
    this.wanted = undefined;
    this.child = undefined;
    /** What is sent and not answered yet, by number: `{line, done, keeps}`. */
    this.asked = new Map();
    this.next = 1;
    this.peers = null;
    this.wait = FIRST_WAIT;
    this.fault = undefined;
  }

  /** Follows the stack in place: its fleet, if it has one. */
  follow({ fleet, stack }) {
    if (!fleet) {
      if (this.wanted && this.child) this.say({ leave: stack });
      this.wanted = undefined;
      this.forgetStart();
      return;
    }
    const wanted = JSON.stringify({ fleet, stack });
    if (JSON.stringify(this.wanted) === wanted) return;
    this.wanted = { fleet, stack };
    if (this.child) this.say(this.wanted);
    else this.start();
  }

  /** No start is awaited any more. */
  forgetStart() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** One process at a time, whoever wants it: a stack that comes into place, or the timer after an end. */
  start() {
    this.forgetStart();
    if (this.child || !this.wanted) return;
    if (this.routec === undefined) {
      this.fault = 'no `routec` is at hand, which has the links to other runtimes (settings.js: `route: { routec: … }`)';
      this.log('warn', `the stack has a fleet, but ${this.fault}`);
      return;
    }
    const child = spawn(this.routec, ['uplink', '--state', this.state], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    this.fault = undefined;
    child.on('error', (error) => { this.fault = `cannot run \`${this.routec}\`: ${error.message}`; });
    child.on('close', () => this.ended(child));
    // Its end is told by `close`.
    child.stdin.on('error', () => {});
    readline.createInterface({ input: child.stdout }).on('line', (line) => this.hear(line));
    readline.createInterface({ input: child.stderr }).on('line', (line) => { this.fault = line; });
    this.say(this.wanted);
    for (const { line } of this.asked.values()) child.stdin.write(line);
  }

  ended(child) {
    if (this.child !== child) return;
    this.child = undefined;
    this.peers = null;
    const why = this.fault ?? 'the links to other runtimes ended';
    this.fault = why;
    // What is spooled anyway is sent again; of the rest nobody knows whether it was sent.
    for (const [id, { done, keeps }] of [...this.asked]) {
      if (keeps && !this.isClosed) continue;
      this.asked.delete(id);
      done(why);
    }
    if (this.isClosed || !this.wanted) return;
    this.log('error', `${why}; they are opened again in ${this.wait} ms`);
    this.timer = setTimeout(() => this.start(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  say(word) {
    this.child?.stdin.write(`${JSON.stringify(word)}\n`);
  }

  /**
   * Sends a message to another runtime.
   * @param {object} outcome of kind `remote`
   * @param {{wire: object, slot: number}} from
   * @param {(why?: string) => void} done called once: `why` it was not taken
   */
  send(outcome, { wire, slot }, done) {
    const { remote, key, msg } = outcome;
    if (!this.child && !this.timer) {
      done(this.fault ?? 'this runtime has no link to others');
      return;
    }
    if (this.asked.size >= MOST) {
      done('too many messages wait for the links to other runtimes');
      return;
    }
    let line;
    const id = this.next++;
    try {
      const given = key === undefined ? {} : { key: encode({ key }).key };
      line = `${JSON.stringify({ send: { id, router: slot, remote, ...given, wire: { ...wire, chain: 0 }, msg: encode(msg) } })}\n`;
    } catch (error) {
      done(error.message);
      return;
    }
    const keeps = remote.unreachable?.spool !== undefined;
    if (!this.child && !keeps) {
      done(this.fault);
      return;
    }
    this.asked.set(id, { line, done, keeps });
    this.child?.stdin.write(line);
  }

  hear(line) {
    let word;
    try {
      word = JSON.parse(line);
    } catch {
      this.log('error', `the links to other runtimes say what is no word: ${line.slice(0, 200)}`);
      return;
    }
    if (word.open) {
      this.wait = FIRST_WAIT;
      this.log('info', 'the links to other runtimes are open');
    } else if (word.failed !== undefined) this.log('error', `a link to other runtimes is not open: ${word.failed}`);
    else if (word.sent !== undefined) this.answered(word.sent, undefined);
    else if (word.not_sent) this.answered(word.not_sent.id, word.not_sent.why);
    else if (word.deliver) this.arrived(word.deliver);
    else if (word.peers !== undefined) this.peers = word.peers;
    else if (word.log && word.log.level !== 'debug') this.log(word.log.level, word.log.text);
  }

  answered(id, why) {
    const asked = this.asked.get(id);
    if (!asked) return;
    this.asked.delete(id);
    asked.done(why);
  }

  async arrived({ id, node, msg }) {
    const { child } = this;
    let answer;
    try {
      answer = await this.deliver(node, decode(msg));
    } catch (error) {
      answer = { refused: error.message };
    }
    if (this.child !== child) return;
    if (answer.took) this.say({ took: id });
    else if (answer.moved !== undefined) this.say({ moved: { id, home: answer.moved } });
    else this.say({ refused: { id, why: answer.refused } });
  }

  status() {
    if (!this.wanted) return null;
    if (this.peers) return this.peers;
    const others = this.wanted.fleet.runtimes.filter(({ name }) => name !== this.wanted.fleet.me);
    return Object.fromEntries(others.map(({ name }) => [name, { reachable: false, link: this.fault ?? 'opening', waiting: this.asked.size }]));
  }

  /** What is under way is given to the links first; they send what is spooled at the next start. */
  async close() {
    this.isClosed = true;
    this.forgetStart();
    const { child } = this;
    if (!child) return;
    const gone = new Promise((done) => child.on('close', done));
    child.stdin.end();
    const timer = setTimeout(() => child.kill(), 6000);
    await gone;
    clearTimeout(timer);
  }
}

module.exports = { Uplink };
