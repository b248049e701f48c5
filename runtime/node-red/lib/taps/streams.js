//! Subscribers of `routec tap`: each has its own bounded queue, and a slow one loses copies of its own only.
'use strict';

const s = require('../shape');

const filterShape = s.record({
  from: s.optional(s.text), port: s.optional(s.u32), to: s.optional(s.text), router: s.optional(s.text), wires: s.left(s.bool),
});

/** Which copies a subscriber wants, as `runtime/CONTROL.md` has it; checks what came from outside. */
class Filter {
  /** @throws {s.Mismatch} */
  constructor(given) {
    filterShape(given, 'filter');
    this.from = given.from ?? undefined;
    this.port = given.port ?? undefined;
    this.to = given.to ?? undefined;
    this.router = given.router ?? undefined;
    this.wantsWires = this.router === undefined
      && (given.wires === true || this.from !== undefined || this.port !== undefined || this.to !== undefined);
  }

  /** @param {string|null} router `null`: the bare wire */
  fits(router, wire) {
    const named = router === null ? this.wantsWires : !this.wantsWires && (this.router === undefined || this.router === router);
    return named
      && (this.from === undefined || this.from === wire.from)
      && (this.port === undefined || this.port === wire.port)
      && (this.to === undefined || this.to === wire.to);
  }
}

/** A subscriber: lines that wait until its response takes them. */
class Subscriber {
  constructor(filter, when, most, response, gone) {
    this.filter = filter;
    /** @type {((wire: object, msg: object) => boolean)|undefined} */
    this.when = when;
    this.most = most;
    this.queue = [];
    this.response = response;
    this.isFull = false;
    this.awaiting = [];
    response.on('drain', () => {
      this.isFull = false;
      this.pass();
    });
    response.on('close', gone);
  }

  get hasRoom() {
    return this.queue.length < this.most;
  }

  offer(text) {
    if (!this.hasRoom) return false;
    this.queue.push(text);
    this.pass();
    return true;
  }

  pass() {
    while (!this.isFull && this.queue.length > 0) this.isFull = !this.response.write(`${this.queue.shift()}\n`);
    if (this.hasRoom) for (const call of this.awaiting.splice(0)) call();
  }
}

class Streams {
  /** @param {(watched: boolean) => void} onWatch told when the first one comes who watches bare wires, and when the last one left */
  constructor(most, onWatch) {
    this.most = most;
    this.onWatch = onWatch;
    /** @type {Set<Subscriber>} */
    this.all = new Set();
    this.watchers = 0;
    /** Copies that a slow subscriber lost, over all. */
    this.dropped = 0;
  }

  /** Writes NDJSON into a response until its client leaves; `undefined`: it has left already, and will not say so again. */
  subscribe(filter, when, response) {
    if (response.destroyed) return undefined;
    const one = new Subscriber(filter, when, this.most, response, () => this.remove(one));
    this.all.add(one);
    if (filter.wantsWires && ++this.watchers === 1) this.onWatch(true);
    return one;
  }

  remove(one) {
    if (!this.all.delete(one)) return;
    for (const call of one.awaiting.splice(0)) call();
    if (one.filter.wantsWires && --this.watchers === 0) this.onWatch(false);
  }

  concerned(router, wire) {
    return [...this.all].filter((one) => one.filter.fits(router, wire));
  }

  /** Whether everyone whom a copy concerns has room for it. */
  hasRoom(router, wire) {
    return this.concerned(router, wire).every((one) => one.hasRoom);
  }

  whenRoom(router, wire, call) {
    const full = this.concerned(router, wire).find((one) => !one.hasRoom);
    if (full) full.awaiting.push(call);
    else call();
  }

  /**
   * Hands a copy to everyone whom it concerns.
   * @param {() => object} show the message, asked for only when someone may want it
   * @param {(msg: object) => string} line made once, and only when someone wants it
   * @returns {boolean} false: one of them lost it
   */
  publish(router, wire, show, line) {
    if (this.all.size === 0) return true;
    const concerned = this.concerned(router, wire);
    if (concerned.length === 0) return true;
    const msg = show();
    let text;
    let lost = 0;
    for (const one of concerned) {
      if (one.when && !one.when(wire, msg)) continue;
      text ??= line(msg);
      if (!one.offer(text)) lost += 1;
    }
    this.dropped += lost;
    return lost === 0;
  }

  close() {
    for (const one of [...this.all]) {
      one.response.end();
      this.remove(one);
    }
  }
}

module.exports = { Filter, Streams };
