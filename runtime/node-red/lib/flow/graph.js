//! The deployed graph as messages see it: every node that exists at run time, subflow instances expanded, and every wire.
//! `compiler/src/flow/expand.rs` is the master: a chain's `wires` name nodes by the ids that are made here.
'use strict';

const { createHash } = require('node:crypto');
const { sort, STATUS } = require('./entries');
const { hashOf } = require('./hash');

/** Bounds on what instances of subflows in subflows may grow to. */
const MAX_NODES = 1000000;
const MAX_WIRES = 8000000;
const MAX_NESTING = 64;

/**
 * One wire.
 * @typedef {{from: string, port: number, to: string, kind: 'line'|'link'|'subflow'|'call'}} GraphWire
 */

/** The graph of deployed flows. */
class Graph {
  /** @param {object[]} flows the list of nodes, as Node-RED has it */
  constructor(flows) {
    this.flows = flows;
    /** Hex sha256, as chain files name it. */
    this.hash = hashOf(flows);
    /** Nodes by run-time id: `{id, staticId, type, name, disabled, outputs, looks}`. */
    this.nodes = new Map();
    /** @type {GraphWire[]} */
    this.wires = [];
    /** Whether something was left out because the graph is too large. */
    this.isCut = false;
    new Expansion(sort(flows), this).run();
    this.known = undefined;
  }

  /** Whether a message can run from a node's output to another node. */
  hasWire(from, port, to) {
    return this.kindOf(from, port, to) !== undefined;
  }

  /**
   * What joins a node's output and another node.
   * @returns {GraphWire['kind']|undefined}
   */
  kindOf(from, port, to) {
    this.known ??= new Map(this.wires.map((wire) => [wireKey(wire.from, wire.port, wire.to), wire.kind]));
    return this.known.get(wireKey(from, port, to));
  }

  /**
   * What selectors can see of a node: two graphs in which this is the same do not differ there for a stack.
   * @returns {string|undefined} `undefined`: there is no such node
   */
  looksOf(id) {
    return this.nodes.get(id)?.looks;
  }
}

/** Of fixed length, since what a node looks like holds what its instance looks like. */
const digest = (value) => createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 22);

/** A wire as one text. */
const wireKey = (from, port, to) => JSON.stringify([from, port, to]);

/** One run-time copy of a scope: what is outside of all definitions, or the inside of one instance. */
class Frame {
  constructor(def, owner) {
    this.def = def;
    /** The instance, a run-time node. */
    this.owner = owner;
    /** Run-time nodes by static node. */
    this.made = new Map();
    this.status = undefined;
  }
}

class Expansion {
  constructor(entries, graph) {
    this.entries = entries;
    this.graph = graph;
    /** Of run-time nodes in order: node, static node, frame, the frame inside. */
    this.origins = [];
  }

  run() {
    this.frame(new Frame(undefined, undefined), this.entries.roots, []);
    this.wires();
    this.returns();
  }

  frame(frame, items, above) {
    for (const stat of items) {
      if (this.origins.length >= MAX_NODES) {
        this.graph.isCut = true;
        return;
      }
      const node = this.make(frame, stat);
      const origin = { node, stat, frame, opened: undefined };
      frame.made.set(stat, node);
      this.add(origin);
      if (stat.instanceOf) this.open(origin, stat.instanceOf, above);
    }
  }

  add(origin) {
    if (!this.graph.nodes.has(origin.node.id)) this.graph.nodes.set(origin.node.id, origin.node);
    this.origins.push(origin);
  }

  make({ def, owner }, stat) {
    const where = owner ? owner.looks : [stat.tab?.id ?? null, stat.tab?.name ?? null];
    const disabled = stat.disabled || Boolean(owner?.disabled) || Boolean(def?.disabled);
    const looks = [stat.type, stat.name, disabled, stat.outputs, stat.labels, stat.groups.map(({ id, name }) => [id, name]),
      def ? [def.id, def.name] : null, where];
    return {
      id: owner ? `${owner.id}-${stat.id}` : stat.id,
      staticId: stat.id,
      type: stat.type,
      name: stat.name,
      tab: owner ? owner.tab : stat.tab?.id,
      instance: owner?.id,
      disabled,
      outputs: stat.instanceOf ? stat.instanceOf.outputs : stat.outputs,
      looks: digest(looks),
    };
  }

  open(origin, def, above) {
    if (above.includes(def) || above.length >= MAX_NESTING) return; // Node-RED does not start such an instance either
    const { node } = origin;
    const frame = new Frame(def, node);
    origin.opened = frame;
    this.frame(frame, def.items, [...above, def]);
    if (def.hasStatus) {
      const id = `${node.id}:status`;
      const status = { ...node, id, staticId: `${node.staticId}:status`, type: 'subflow-status', name: '', instance: node.id, outputs: 0 };
      frame.status = status;
      this.add({ node: status, stat: undefined, frame, opened: undefined });
    }
  }

  /** An instance comes before its inside, so what its outputs lead to is known there. */
  wires() {
    const behind = new Map();
    for (const { node, stat, frame, opened } of this.origins) {
      if (!stat) continue;
      let targets = this.targets(stat, frame, behind);
      if (opened) {
        behind.set(opened, targets);
        targets = this.inputs(opened, targets);
      }
      targets.forEach((ends, port) => {
        const seen = new Set();
        for (const { to, kind } of ends) {
          if (seen.has(to)) continue;
          seen.add(to);
          if (this.graph.wires.length >= MAX_WIRES) this.graph.isCut = true;
          else this.graph.wires.push({ from: node.id, port, to: to.id, kind });
        }
      });
    }
  }

  /** Where a node's ports lead: its own wires, then what lies behind the outputs of its subflow that it feeds. */
  targets(stat, frame, behind) {
    const targets = stat.wires.map((ends) => runtimeEnds(frame, ends));
    for (const [port, end] of frame.def?.feeds.get(stat) ?? []) {
      while (targets.length <= port) targets.push([]);
      if (end === STATUS) {
        if (frame.status) targets[port].push({ to: frame.status, kind: 'subflow' });
      } else {
        targets[port].push(...(behind.get(frame)?.[end] ?? []).map(({ to }) => ({ to, kind: 'subflow' })));
      }
    }
    return targets;
  }

  /** Where the inputs of an instance lead, as ports of the instance. */
  inputs(frame, outer) {
    const targets = frame.def.inputs.map((ends) => runtimeEnds(frame, ends));
    for (const [input, end] of frame.def.straight) {
      while (targets.length <= input) targets.push([]);
      if (end === STATUS) {
        if (frame.status) targets[input].push({ to: frame.status, kind: 'subflow' });
      } else {
        targets[input].push(...(outer[end] ?? []).map(({ to }) => ({ to, kind: 'subflow' })));
      }
    }
    return targets;
  }

  /** Link out (return) → the link calls whose messages can reach it. */
  returns() {
    const { graph } = this;
    const calls = graph.wires.filter((wire) => wire.kind === 'call');
    if (calls.length === 0) return;
    const next = new Map();
    for (const { from, to } of graph.wires) {
      if (!next.has(from)) next.set(from, []);
      next.get(from).push(to);
    }
    const returning = new Set(this.origins.filter(({ stat }) => stat?.type === 'link out' && stat.value.mode === 'return').map(({ node }) => node.id));
    const ends = new Map();
    const made = new Set();
    for (const { from: call, to: linkIn } of calls) {
      if (!ends.has(linkIn)) ends.set(linkIn, [...reach(linkIn, next)].filter((id) => returning.has(id)));
      for (const from of ends.get(linkIn)) {
        const key = wireKey(from, 0, call);
        if (made.has(key)) continue;
        made.add(key);
        if (graph.wires.length >= MAX_WIRES) {
          graph.isCut = true;
          return;
        }
        graph.wires.push({ from, port: 0, to: call, kind: 'call' });
      }
    }
  }
}

function reach(start, next) {
  const seen = new Set();
  const open = [start];
  while (open.length > 0) {
    for (const to of next.get(open.pop()) ?? []) {
      if (!seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
    }
  }
  return seen;
}

const runtimeEnds = (frame, ends) => ends
  .map(({ to, kind }) => ({ to: frame.made.get(to), kind }))
  .filter(({ to }) => to !== undefined);

module.exports = { Graph, wireKey };
