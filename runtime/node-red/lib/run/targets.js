//! What runs on which wire: asked for every message on its way, so the usual source costs one look-up.
'use strict';

/** A source with more wires than this has them in maps; up to it, comparing them one by one is faster. */
const FEW = 8;

/**
 * What runs on a wire; `run(msg, host, wire)` is its chain's `fast`.
 * @typedef {{port: number, to: string, lane: object, chain: object, host: object, run: Function, wire: object}} Target
 */

/** The targets of one source. */
class Exits {
  constructor() {
    /** @type {Target[]} */
    this.list = [];
    /** By output and destination, when there are many. @type {Map<number, Map<string, Target>>|undefined} */
    this.byPort = undefined;
  }

  put(target) {
    this.list.push(target);
    if (this.list.length <= FEW) return;
    const before = this.byPort;
    this.byPort ??= new Map();
    for (const one of before ? [target] : this.list) {
      if (!this.byPort.has(one.port)) this.byPort.set(one.port, new Map());
      this.byPort.get(one.port).set(one.to, one);
    }
  }

  find(port, to) {
    const { list } = this;
    if (list.length > FEW) return this.byPort.get(port)?.get(to);
    for (let i = 0; i < list.length; i += 1) {
      const target = list[i];
      if (target.port === port && target.to === to) return target;
    }
    return undefined;
  }
}

/** Of a source without targets. */
const NONE = new Exits();

class Targets {
  constructor() {
    /** @type {Map<string, Exits>} */
    this.bySource = new Map();
    /**
     * The same by the node itself, as far as nodes have sent something: an object is found faster than a text.
     * @type {WeakMap<object, Exits>}
     */
    this.byNode = new WeakMap();
  }

  get isEmpty() {
    return this.bySource.size === 0;
  }

  /** A wire has one target. */
  put(lane, chain, host) {
    const { from, port, to } = lane.wire;
    if (!this.bySource.has(from)) {
      this.bySource.set(from, new Exits());
      this.byNode = new WeakMap(); // it may have been met without
    }
    this.bySource.get(from).put({ port, to, lane, chain, host, run: chain.fast, wire: chain.wire });
  }

  /** @returns {Target|undefined} */
  find({ from, port, to }) {
    return this.bySource.get(from)?.find(port, to);
  }

  /**
   * The same for an event's source.
   * @param {{id: string, node: object, port: number}} source
   * @returns {Target|undefined}
   */
  of(source, to) {
    return (this.byNode.get(source.node) ?? this.meet(source)).find(source.port, to);
  }

  meet({ id, node }) {
    const exits = this.bySource.get(id) ?? NONE;
    if (node !== null && typeof node === 'object') this.byNode.set(node, exits);
    return exits;
  }

  * [Symbol.iterator]() {
    for (const { list } of this.bySource.values()) yield* list;
  }
}

module.exports = { Targets };
