//! How messages that left their chain go on, wait, and keep the order of their wire (`runtime/src/engine/hold.rs` is the master).
'use strict';

const { ownCopy, edited } = require('../message');
const { Held, Holds } = require('./holds');

/** It has arrived, or stopped, or someone else has it. */
const GONE = { kind: 'gone' };

/** Held messages of one plugin. */
class Lines {
  /**
   * @param {object} host `now()`; `clone(msg)`; `hostOf(run)`: given to its chain; `arrive(run, msg, to)`; `stop(run, reason, asError,
   *   msg)`; `refuse(run, why, msg)`; `fail(run, error, msg)`; `away(run, outcome)`: gives a message to another runtime;
   *   `holdsNoMore(run, router)`; `whenRoom(run, at, call)`: a sink; `changed()`: a line became empty or a message left
   * @param {number} most
   */
  constructor(host, most) {
    this.host = host;
    this.holds = new Holds(most, { now: () => host.now(), expire: (id) => this.expire(id) });
    /** While the plugin ends nothing is held. */
    this.isEnding = false;
  }

  /** A message left its chain with an outcome. */
  begin(run, outcome, msg) {
    this.follow(run, this.conclude(run, outcome, msg));
  }

  follow(run, after) {
    if (after.kind === 'onward') this.go(run, after.at, after.msg);
    else if (after.kind === 'waits') this.wait(run, after);
  }

  /** Goes on with a message that left its chain on the way, and does what comes out. */
  go(run, at, msg) {
    if (run.lane.line.length > 0) this.lineUp(run, at, msg);
    else {
      const after = this.advance(run, at, msg, undefined);
      if (after.kind === 'waits') this.wait(run, after);
    }
  }

  conclude(run, outcome, msg) {
    if (outcome === null) {
      this.host.arrive(run, msg, undefined);
      return GONE;
    }
    switch (outcome.kind) {
      case 'deliver': this.host.arrive(run, outcome.msg, outcome.to); return GONE;
      case 'stop': this.host.stop(run, outcome.reason, outcome.asError, outcome.msg); return GONE;
      case 'hold': return this.hold(run, outcome);
      default: this.host.away(run, outcome); return GONE;
    }
  }

  hold(run, outcome) {
    const { router, at, why, until, max, pass, msg } = outcome;
    const { linked } = run.chain;
    const onward = () => {
      linked.released(router, false);
      return { kind: 'onward', at, msg };
    };
    const letsGo = this.isEnding || this.host.holdsNoMore(run, router);
    const isOver = () => this.holds.isFull || (max !== undefined && this.holds.of(linked.slot(router)) >= max);
    const wait = { kind: 'waits', router, at, why, until, msg };
    if (why === 'sink') return wait;
    if (why === 'limit') {
      if (letsGo) return onward();
      if (limitsWire(linked.set, at)) return wait;
      if (isOver()) return this.dropHeld(run, router, msg);
      this.keep(run, false, wait);
      return GONE;
    }
    if (letsGo || isOver()) return pass || (letsGo && !this.isEnding) ? onward() : this.dropHeld(run, router, msg);
    this.keep(run, !pass, wait);
    return GONE;
  }

  dropHeld(run, router, msg) {
    run.chain.linked.released(router, true);
    this.host.stop(run, undefined, false, msg);
    return GONE;
  }

  /** Holds a message that others may pass. */
  keep(run, thenDrop, wait) {
    this.put(run, wait, { id: this.holds.number(), thenDrop, inLane: false, since: this.host.now() });
  }

  put(run, wait, { id, thenDrop, inLane, since }) {
    const msg = this.own(run, wait.msg);
    const held = new Held({ id, run, at: wait.at, router: wait.router, why: wait.why, thenDrop, inLane, since, until: wait.until, msg });
    this.holds.put(held);
    if (wait.why === 'sink') this.host.whenRoom(run, wait.at, () => this.roomFor(id));
  }

  /** From here on nobody else may change it: its source, its siblings and their nodes have theirs. */
  own(run, msg) {
    if (run.isOwn) return msg;
    run.isOwn = true;
    return ownCopy(this.host.clone, msg);
  }

  /** Holds a message that those after it on its wire must not overtake; it is the first of its wire. */
  wait(run, wait) {
    if (this.holds.isFull) {
      this.noRoom(run, wait);
      return;
    }
    const id = this.holds.number();
    this.put(run, wait, { id, thenDrop: false, inLane: true, since: this.host.now() });
    run.lane.line.push(id);
  }

  /** A message comes to a wire on which others wait: it goes as far as the last one of them. */
  lineUp(run, at, msg) {
    const { lane } = run;
    const after = this.advance(run, at, msg, this.holds.barrier(lane, lane.line.length, run.chain));
    if (after.kind === 'waits') this.wait(run, after);
  }

  /** The table is full: a limit stops the message as one too many, anything else is an error of the sender. */
  noRoom(run, wait) {
    if (wait.why === 'limit') this.dropHeld(run, wait.router, wait.msg);
    else this.host.refuse(run, 'too many messages are held', wait.msg);
  }

  /** Moves the messages of a line, from a place on, as far as those before them let them. */
  pump(lane, from) {
    let place = from;
    while (place < lane.line.length) {
      const id = lane.line[place];
      const held = this.holds.get(id);
      if (!held) return;
      const barrier = this.holds.barrier(lane, place, held.run.chain);
      if (held.why !== 'behind' || (barrier !== undefined && held.at.step >= barrier)) return;
      this.holds.take(id);
      const after = this.advance(held.run, held.at, held.msg, barrier);
      if (after.kind === 'waits') {
        this.put(held.run, after, { id, thenDrop: false, inLane: true, since: held.since });
        place += 1;
      } else lane.line.splice(lane.line.indexOf(id), 1);
    }
    this.host.changed();
  }

  /** Goes on with a message up to a step, or to the end when there is none. */
  advance(run, from, message, barrier) {
    try {
      return this.tryAdvance(run, from, message, barrier);
    } catch (error) {
      this.host.fail(run, error, message);
      return GONE;
    }
  }

  tryAdvance(run, from, message, barrier) {
    let [at, msg] = [from, message];
    for (;;) {
      let outcome;
      if (barrier === undefined) outcome = run.chain.run(msg, this.host.hostOf(run), at);
      else {
        const standing = this.upTo(run, at, msg, barrier);
        if (standing.kind === 'waits') return standing;
        ({ outcome } = standing);
      }
      const after = this.conclude(run, outcome, msg);
      if (after.kind !== 'onward') return after;
      ({ at, msg } = after);
    }
  }

  /** Runs the steps before a barrier: the message stands there, or at the end of its chain, or left the chain. */
  upTo(run, from, message, barrier) {
    let [at, msg] = [from ?? start(run.chain), message];
    const behind = () => ({ kind: 'waits', router: -1, at, why: 'behind', until: Infinity, msg });
    while (at.step < barrier) {
      const outcome = run.chain.step(msg, this.host.hostOf(run), at);
      const ahead = { chain: at.chain, step: at.step + 1 };
      if (outcome === null) at = { ...ahead, redirect: at.redirect };
      else if (outcome.kind === 'next') ({ at, msg } = outcome);
      else if (outcome.kind === 'deliver') {
        msg = outcome.msg;
        at = { ...ahead, redirect: outcome.to };
        return behind();
      } else return { kind: 'left', outcome };
      if (outcome === null) return behind();
    }
    return behind();
  }

  /** A held message's time may be over. */
  expire(id) {
    const held = this.holds.get(id);
    if (!held) return;
    if (held.inLane) this.ready(id);
    else this.letGo(this.holds.take(id), held.thenDrop);
  }

  /** A sink that a message waits for may have room. */
  roomFor(id) {
    if (this.holds.get(id)?.why === 'sink') this.ready(id);
  }

  /** A message of a line needs to wait no longer for what it waited for; those before it still count. */
  ready(id) {
    const held = this.holds.take(id);
    if (!held) return;
    if (held.why === 'limit') held.run.chain.linked.released(held.router, false);
    held.why = 'behind';
    held.until = Infinity;
    this.holds.put(held);
    const place = held.run.lane.line.indexOf(id);
    if (place >= 0) this.pump(held.run.lane, place);
  }

  /** Lets go of a message that stands in no line. */
  letGo(held, stops) {
    const { run, at, router, why, msg } = held;
    if (why === 'break' || why === 'limit') run.chain.linked.released(router, stops);
    if (stops) this.host.stop(run, undefined, false, msg);
    else this.go(run, at, msg);
    this.host.changed();
  }

  /**
   * Someone at the debugger lets a held message go.
   * @param {'resume'|'drop'|'step'} how
   * @returns {'done'|'waits'|'none'}
   */
  release(id, how) {
    const found = this.holds.get(id);
    if (!found) return 'none';
    const { lane } = found.run;
    if (found.inLane && how !== 'drop') {
      if (found.why === 'limit') this.ready(id);
      return this.holds.get(id) ? 'waits' : 'done';
    }
    if (how === 'step' && lane.line.length > 0) return 'waits';
    const place = found.inLane ? lane.line.indexOf(id) : -1;
    const held = this.holds.take(id);
    if (how === 'step') this.step(held);
    else this.letGo(held, how === 'drop');
    if (place >= 0) {
      lane.line.splice(place, 1);
      this.pump(lane, place);
    }
    return 'done';
  }

  /** Runs one router, and holds the message again before the next; after the last router it arrives. */
  step(held) {
    const { id, run, at, router, why, thenDrop, since, until, msg } = held;
    const { linked } = run.chain;
    if (why === 'break' || why === 'limit') linked.released(router, false);
    let outcome;
    try {
      outcome = run.chain.step(msg, this.host.hostOf(run), at);
    } catch (error) {
      this.host.fail(run, error, msg);
      return;
    }
    if (outcome !== null && outcome.kind === 'next') {
      const passed = linked.set.chains[at.chain]?.steps[at.step]?.router ?? -1;
      const wait = { router: passed, at: outcome.at, why: 'step', until, msg: outcome.msg };
      this.put(run, wait, { id, thenDrop, inLane: false, since });
    } else {
      this.follow(run, this.conclude(run, outcome, msg));
      this.host.changed();
    }
  }

  /** Changes a held message to what JSON says; false: it is not held. */
  edit(id, json) {
    const held = this.holds.get(id);
    if (held) held.msg = edited(held.msg, json);
    return held !== undefined;
  }

  /** Lets go what `isFree` says of, in order; how many. */
  releaseWhere(isFree, stops = () => false) {
    const free = this.holds.all().filter((held) => held.why !== 'behind' && isFree(held));
    for (const { id } of free) {
      const held = this.holds.get(id);
      if (held?.inLane) this.ready(id);
      else if (held) this.letGo(this.holds.take(id), stops(held));
    }
    return free.length;
  }
}

const start = (chain) => ({ chain: chain.wire.chain, step: 0, redirect: undefined });

/** Whether the limit before this place delays all messages of its wire alike. */
function limitsWire(set, at) {
  const limit = set.chains[at.chain]?.steps[at.step - 1]?.op.limit;
  return limit !== undefined && (limit.per === undefined || limit.per === null);
}

module.exports = { Lines };
