//! A Node-RED of a few lines: hooks, nodes, events and the way of a message as the real one has them.
'use strict';

const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Plugin } = require('../lib/plugin');
const { Graph } = require('../lib/flow/graph');

/** Hooks with the two forms of handlers. */
class Hooks {
  constructor() {
    this.list = [];
  }

  add(id, call) {
    if (this.list.some((hook) => hook.id === id)) throw new Error(`Hook ${id} already registered`);
    this.list.push({ id, call });
  }

  remove(id) {
    this.list = this.list.filter((hook) => hook.id !== id);
  }

  trigger(payload, done) {
    const rest = [...this.list];
    const next = (answer) => {
      if (answer !== undefined || rest.length === 0) {
        done(answer);
        return;
      }
      const { call } = rest.shift();
      if (call.length === 1) {
        const result = call(payload);
        if (typeof result?.then === 'function') result.then(next, next);
        else next(result === false ? false : undefined);
      } else call(payload, next);
    };
    next();
  }
}

/** As Node-RED's: Buffers share their memory. */
function cloneMessage(value) {
  if (Buffer.isBuffer(value)) return value.subarray();
  if (Array.isArray(value)) return value.map(cloneMessage);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return new Date(value);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, cloneMessage(child)]));
}

class FakeRed {
  /** @param {object[]} flows */
  constructor(flows, settings = {}) {
    this.home = fs.mkdtempSync(path.join(os.tmpdir(), 'route-unit-'));
    this.settings = { userDir: this.home, route: { routec: false, ...settings } };
    this.hooks = new Hooks();
    this.events = new EventEmitter();
    this.util = { cloneMessage };
    this.logged = [];
    const log = (level) => (text) => this.logged.push({ level, text });
    this.log = { info: log('info'), warn: log('warn'), error: log('error'), debug: log('debug') };
    this.auth = { needsPermission: () => (req, res, next) => next() };
    this.httpAdmin = { get() {}, put() {}, post() {}, delete() {}, use() {} };
    this.version = () => '0.0.0';
    this.live = new Map();
    this.got = [];
    this.errors = [];
    this.nodes = { getNode: (id) => this.live.get(id) ?? null, eachNode: (call) => flows.forEach(call) };
    this.flows = flows;
  }

  /** Starts the plugin and the flows. */
  start() {
    this.plugin = new Plugin(this);
    this.plugin.open();
    this.deploy(this.flows);
    return this.plugin;
  }

  deploy(flows, type = 'full') {
    if (this.flows !== flows || this.live.size > 0) this.events.emit('flows:stopping', {});
    const old = new Map(this.flows.map((node) => [node.id, JSON.stringify(node)]));
    this.flows = flows;
    if (type === 'full') this.live.clear();
    this.events.emit('flows:stopped', {});
    this.events.emit('flows:starting', { config: { flows, rev: `rev-${new Graph(flows).hash.slice(0, 6)}` } });
    for (const [id, { type: kind }] of new Graph(flows).nodes) {
      if (type === 'full' || !this.live.has(id) || old.get(id) !== JSON.stringify(flows.find((node) => node.id === id))) {
        this.live.set(id, {
          id, type: kind,
          receive: (msg) => this.got.push({ to: id, msg }),
          error: (why, msg) => this.errors.push({ from: id, why, msg }),
        });
      }
    }
    this.events.emit('flows:started', {});
  }

  /** A node sends one message to several nodes. */
  send(from, to, msg, port = 0) {
    const source = { id: from, node: this.live.get(from), port };
    [to].flat().forEach((id, at) => {
      const event = { msg, source, destination: { id, node: undefined }, cloneMessage: at > 0 };
      this.hooks.trigger(event, (answer) => {
        if (answer === false) return;
        const node = this.live.get(event.destination.id);
        if (!node || this.live.get(from) !== source.node) return; // Node-RED drops it without a word
        if (event.cloneMessage) event.msg = this.util.cloneMessage(event.msg);
        setImmediate(() => node.receive(event.msg));
      });
    });
  }

  /** What a node has got by now, after all that is on its way. */
  async payloads(id) {
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    return this.got.filter((one) => one.to === id).map((one) => one.msg.payload);
  }

  async end() {
    await this.plugin.close();
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

/** Nodes on one tab, wired as told: `{ a: ['b'] }`. */
function flowsOf(wires) {
  const ids = new Set([...Object.keys(wires), ...Object.values(wires).flat()]);
  return [{ id: 'tab', type: 'tab', label: 'T' },
    ...[...ids].map((id) => ({ id, type: 'node', name: id.toUpperCase(), z: 'tab', x: 1, y: 1, wires: [wires[id] ?? []] }))];
}

/**
 * A chain set of one chain for each wire.
 * @param {object[]} flows
 * @param {Object<string, object[]>} wires steps `{router, when, op}` by `from to`; a router is named
 */
function setOf(flows, wires, { paths = [['payload']], kinds = {}, layers = {} } = {}) {
  const names = [...new Set(Object.values(wires).flat().map((step) => step.router))];
  const routers = names.map((name) => ({ name, kind: kinds[name] ?? 'halt', layer: layers[name] ?? 'main', file: 's.route', line: 1 }));
  const chains = [{ steps: [] }, ...Object.values(wires).map((steps) => ({ steps: steps.map((step) => ({ ...step, router: names.indexOf(step.router) })) }))];
  return {
    magic: 'route-chain', version: 2, stack: 's', flows: new Graph(flows).hash, source: '', paths, regexes: [], routers, chains,
    wires: Object.keys(wires).map((wire, at) => ({ from: wire.split(' ')[0], port: 0, to: wire.split(' ')[1], chain: at + 1 })),
  };
}

const apply = (plugin, set, more = {}) => plugin.stacks.change({ set, sources: { root: '', files: {}, params: [], overlays: [] }, by: 'anna', why: 'applied `s`', ...more });

/** A condition: the payload is above. */
const above = (n) => ({ cmp: ['gt', { path: 0 }, { lit: n }] });

module.exports = { FakeRed, flowsOf, setOf, apply, above };
