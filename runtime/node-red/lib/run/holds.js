//! Messages that breakpoints, limits and full sinks hold: one bounded table, and the order of those that must not be overtaken
//! (`runtime/src/holds.rs` is the master).
'use strict';

const { shown } = require('../message');
const { callAt } = require('../timer');

/**
 * A message on its way that left its chain.
 * @typedef {object} Run
 * @property {object} lane the wire's `Lane`
 * @property {object} chain the chain it runs on
 * @property {object} event Node-RED's event
 * @property {(halts?: false) => void} done what Node-RED waits for
 * @property {boolean} isOwn nobody else has this message
 */

/** One wire's counts, and the numbers of the messages that wait on it in their order. */
class Lane {
  constructor(wire) {
    this.wire = wire;
    /** Messages whose chain said at once that they arrive, or stop without an error. Every message is counted once on this short way. */
    this.passed = 0;
    this.halted = 0;
    /** All others, those of them that have not ended, and how they ended. */
    this.left = 0;
    this.open = 0;
    this.delivered = 0;
    this.stopped = 0;
    this.remote = 0;
    this.refused = 0;
    /** @type {number[]} */
    this.line = [];
    /** Messages of this wire that are held, in its line or not. */
    this.holds = 0;
  }

  /** As the control API has them. */
  counts() {
    return {
      sent: this.passed + this.halted + this.left,
      delivered: this.passed + this.delivered,
      stopped: this.halted + this.stopped,
      remote: this.remote,
      refused: this.refused,
    };
  }
}

/** A held message and where it goes on. */
class Held {
  constructor({ id, run, at, router, why, thenDrop, inLane, since, until, msg }) {
    this.id = id;
    /** @type {Run} */
    this.run = run;
    this.at = at;
    /** Index into the routers of its chain's set; -1: none. */
    this.router = router;
    /** `break`, `limit`, `sink`, `step` or `behind`. */
    this.why = why;
    /** When its time is over it stops instead of going on. */
    this.thenDrop = thenDrop;
    this.inLane = inLane;
    this.since = since;
    this.until = until;
    this.msg = msg;
    /** Stops what waits for `until`. */
    this.disarm = () => {};
  }

  /** The router by whose bound it counts. */
  get slot() {
    return this.why === 'break' || this.why === 'limit' ? this.run.chain.linked.slot(this.router) : undefined;
  }

  view() {
    return { ...this.place(), msg: shown(this.msg) };
  }

  /** The same without the message, whose size nothing bounds. */
  place() {
    const { set } = this.run.chain.linked;
    const router = set.routers[this.router];
    const { from, port, to } = this.run.lane.wire;
    const steps = set.chains[this.at.chain]?.steps ?? [];
    const names = (step) => `${set.routers[step.router].kind} ${set.routers[step.router].name}`;
    return {
      id: this.id,
      router: router?.name ?? '',
      layer: router?.layer ?? '',
      why: this.why,
      then_drop: this.thenDrop,
      from,
      port,
      to: this.at.redirect ?? to,
      since_ms: this.since,
      ...(Number.isFinite(this.until) ? { until_ms: this.until } : {}),
      ahead: steps.slice(this.at.step).map(names),
    };
  }
}

const byId = (a, b) => a.id - b.id;

/** The table. */
class Holds {
  /**
   * @param {number} most
   * @param {{now: () => number, expire: (id: number) => void}} clock `expire` is called when a message's time is over
   */
  constructor(most, clock) {
    this.most = most;
    this.clock = clock;
    /** @type {Map<number, Held>} oldest first but for those that were put back */
    this.held = new Map();
    /** Messages that breakpoints and limits hold, by the number of the router. */
    this.counts = new Map();
    this.next = 1;
  }

  get isFull() {
    return this.held.size >= this.most;
  }

  get size() {
    return this.held.size;
  }

  number() {
    return this.next++;
  }

  /** Puts a message in; its place in its line is not touched. */
  put(held) {
    const { slot } = held;
    if (slot !== undefined) this.counts.set(slot, (this.counts.get(slot) ?? 0) + 1);
    held.run.lane.holds += 1;
    this.held.set(held.id, held);
    if (Number.isFinite(held.until) && held.why !== 'behind') {
      held.disarm = callAt(held.until, this.clock.now, () => this.clock.expire(held.id));
    }
  }

  /** Takes a message out; its place in its line is not touched. */
  take(id) {
    const held = this.held.get(id);
    if (!held) return undefined;
    held.disarm();
    const { slot } = held;
    if (slot !== undefined) {
      const left = this.counts.get(slot) - 1;
      if (left > 0) this.counts.set(slot, left);
      else this.counts.delete(slot);
    }
    held.run.lane.holds -= 1;
    this.held.delete(id);
    return held;
  }

  get(id) {
    return this.held.get(id);
  }

  /** How many a router holds, by its number. */
  of(slot) {
    return this.counts.get(slot) ?? 0;
  }

  /** The step that a message at this place of a line must not run yet; `undefined`: nobody is before it. */
  barrier(lane, place, chain) {
    if (place === 0) return undefined;
    const before = this.held.get(lane.line[place - 1]);
    if (!before) return undefined;
    // On another chain the steps cannot be compared: it begins when the other one has gone.
    return before.run.chain === chain ? before.at.step : 0;
  }

  /** All of them, by their numbers. */
  all() {
    return [...this.held.values()].sort(byId);
  }

  /** The first of them by their numbers, without sorting the others. */
  first(most) {
    const found = [];
    for (const held of this.held.values()) {
      if (found.length === most && held.id > found[most - 1].id) continue;
      found.push(held);
      // Those that were put back are rare: the table is all but in order.
      if (found.length > 1 && held.id < found[found.length - 2].id) found.sort(byId);
      if (found.length > most) found.pop();
    }
    return found;
  }
}

module.exports = { Held, Holds, Lane };
