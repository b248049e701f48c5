//! All sinks of the plugin: where copies go, how full it is there, and who waits for room.
'use strict';

const path = require('node:path');
const { Refusal } = require('../refusal');
const { line, ownCopy } = require('../message');
const { FileWriter, streamWriter } = require('./writers');
const { Sink } = require('./sink');
const { Streams } = require('./streams');

/** Copies that wait at each sink, at each subscriber, and for nodes together. */
const MOST = 1024;

class Taps {
  /**
   * @param {object} options `base`: folder for relative file names; `stdout`; `clone`: Node-RED's; `deliver(to, msg,
   *   done)`: hands a message to a node and calls `done(false)` when there is none; `onWatch`: see `Streams`
   */
  constructor({ base, stdout = process.stdout, clone, deliver, onWatch, most = MOST }) {
    this.base = base;
    this.stdout = stdout;
    this.clone = clone;
    this.deliver = deliver;
    this.most = most;
    /** By place: taps that write to the same place share one sink. */
    this.sinks = new Map();
    /** `{n}` by name. */
    this.counters = new Map();
    /** Where the taps of chain sets lead, found out once. @type {WeakMap<object, {kind: string, what: any, key: string}>} */
    this.places = new WeakMap();
    this.streams = new Streams(most, onWatch);
    /** Copies on their way to nodes. */
    this.toNodes = 0;
    this.awaitingNodes = [];
    /** Taps by layer and name, the same in every stack: `{name, lost}`. */
    this.ids = new Map();
  }

  /** Who a router is, as a tap. */
  idOf(router) {
    const key = JSON.stringify([router.layer, router.name]);
    if (!this.ids.has(key)) this.ids.set(key, { name: router.name, lost: 0 });
    return this.ids.get(key);
  }

  /**
   * Opens what a stack needs, before it is put in place.
   * @throws {Refusal} a sink cannot be had
   */
  open(set) {
    for (const [router, tap] of tapsOf(set)) {
      const [kind, what] = sinkOf(tap);
      try {
        if (kind === 'counter') this.counter(what);
        else this.ensure(kind, what);
      } catch (error) {
        throw new Refusal(422, `tap \`${set.routers[router].name}\`: ${error.message}`);
      }
    }
  }

  ensure(kind, what) {
    if (kind === 'stream' || kind === 'node') return;
    const key = this.key(kind, what);
    if (this.sinks.has(key)) return;
    if (kind === 'stdout') this.sinks.set(key, new Sink('stdout', this.most, streamWriter(this.stdout)));
    else if (kind === 'file') {
      let writer;
      try {
        writer = new FileWriter(key, what.rotate, what.keep);
      } catch (error) {
        throw new Error(`cannot open \`${key}\`: ${error.message}`);
      }
      this.sinks.set(key, new Sink(key, this.most, writer));
    } else throw new Error(`this runtime has no sink \`${kind}\`; it has stdout, file, stream, node and counter`);
  }

  key(kind, what) {
    return kind === 'file' ? path.resolve(this.base, what.path) : kind;
  }

  counter(name) {
    if (!this.counters.has(name)) this.counters.set(name, { n: 0 });
    return this.counters.get(name);
  }

  placeOf(tap) {
    let place = this.places.get(tap);
    if (place === undefined) {
      const [kind, what] = sinkOf(tap);
      place = { kind, what: kind === 'counter' ? this.counter(what) : what, key: this.key(kind, what) };
      this.places.set(tap, place);
    }
    return place;
  }

  /** Closes the sinks that no tap of these sets writes to. */
  retire(sets) {
    const used = new Set(sets.flatMap((set) => [...tapsOf(set)].map(([, tap]) => this.placeOf(tap).key)));
    const closing = [];
    for (const [key, sink] of this.sinks) {
      if (used.has(key)) continue;
      this.sinks.delete(key);
      closing.push(sink.close());
    }
    return Promise.all(closing);
  }

  /** Whether a copy for this tap would find room. */
  hasRoom(tap, name, wire) {
    const { kind, key } = this.placeOf(tap);
    switch (kind) {
      case 'counter': return true;
      case 'stream': return this.streams.hasRoom(name, wire);
      case 'node': return this.toNodes < this.most;
      default: return this.sinks.get(key)?.hasRoom ?? true;
    }
  }

  /** Calls, once, when there may be room again. */
  whenRoom(tap, name, wire, call) {
    const { kind, key } = this.placeOf(tap);
    if (kind === 'stream') this.streams.whenRoom(name, wire, call);
    else if (kind === 'node') this.awaitingNodes.push(call);
    else {
      const sink = this.sinks.get(key);
      // A sink that was closed takes nothing and delays nothing.
      if (sink) sink.whenRoom(call);
      else setImmediate(call);
    }
  }

  /**
   * Takes a copy. What is taken shares nothing with the message.
   * @param {{name: string, lost: number}} id
   * @param {() => object} show what the tap wants of the message, asked for only where somebody sees it
   * @param {() => number} now milliseconds since 1970
   * @returns {boolean} false: it was dropped
   */
  take(tap, id, wire, show, now) {
    try {
      return this.tryTake(tap, id, wire, show, now);
    } catch {
      return false; // what cannot be written (longer than any text can be, say) is a copy that is lost, and counted as such
    }
  }

  tryTake(tap, id, wire, show, now) {
    const { kind, what, key } = this.placeOf(tap);
    switch (kind) {
      case 'counter':
        what.n += 1;
        return true;
      case 'stream': return this.streams.publish(id.name, wire, show, (msg) => line(now(), id.name, wire, msg));
      case 'node': return this.toNode(what, id, show);
      default: {
        const sink = this.sinks.get(key);
        if (sink?.hasRoom) return sink.offer(line(now(), id.name, wire, show()), id);
        if (sink) sink.dropped += 1;
        return false;
      }
    }
  }

  /** While the flows are stopped a copy waits for them, and counts as one that is on its way. */
  toNode(to, id, show) {
    if (this.toNodes >= this.most) return false;
    const copy = ownCopy(this.clone, show());
    this.toNodes += 1;
    const done = (isThere) => {
      this.toNodes -= 1;
      if (!isThere) id.lost += 1;
      for (const call of this.awaitingNodes.splice(0)) call();
    };
    setImmediate(() => this.deliver(to, copy, done));
    return true;
  }

  status() {
    const sinks = [...this.sinks.values()].map((sink) => sink.status());
    sinks.sort((a, b) => (a.sink < b.sink ? -1 : 1));
    return { sinks, counters: Object.fromEntries([...this.counters].map(([name, { n }]) => [name, n])), stream_dropped: this.streams.dropped };
  }

  /** Writes what can be written at once: Node-RED may be about to end. */
  writeNow() {
    for (const sink of this.sinks.values()) sink.writeNow();
  }

  async close() {
    this.streams.close();
    await this.retire([]);
  }
}

/** A tap's sink as kind and content. */
function sinkOf(tap) {
  if (typeof tap.sink === 'string') return [tap.sink, undefined];
  const [kind] = Object.keys(tap.sink);
  return [kind, tap.sink[kind]];
}

/** The taps of a set with the index of their router. */
function* tapsOf(set) {
  for (const chain of set.chains) for (const { router, op } of chain.steps) if (op.tap) yield [router, op.tap];
}

module.exports = { Taps, tapsOf, sinkOf };
