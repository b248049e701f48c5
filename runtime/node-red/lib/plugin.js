//! All parts of the plugin put together, and Node-RED's events given to them.
'use strict';

const path = require('node:path');
const { Api } = require('./api');
const { Breakpoints, fitted } = require('./breakpoints');
const { ownCopy } = require('./message');
const { Modules } = require('./modules');
const { findRoutec, recompile } = require('./recompile');
const { Uplink } = require('./remote/uplink');
const { Router } = require('./run/router');
const { Stacks } = require('./stacks');
const { Store } = require('./stack/store');
const { Taps } = require('./taps/taps');
const { version } = require('../package.json');

/**
 * Settings under `route` in settings.js.
 * @typedef {object} Settings
 * @property {string} [state] folder of the state, `route` in the user directory without it
 * @property {string|false} [routec] path of the compiler, for stacks whose flows changed; `false`: never compile again
 * @property {string} [files] where relative names of file taps start, the user directory without it
 * @property {Object<string, object|Function|string>} [modules] router modules by name
 * @property {number} [held] most messages held
 */

class Plugin {
  constructor(red) {
    this.red = red;
    /** @type {Settings} */
    const settings = red.settings.route ?? {};
    const home = red.settings.userDir ?? process.cwd();
    const now = () => Date.now();
    const log = (level, text) => red.log[level](`[route] ${text}`);
    this.taps = new Taps({
      base: path.resolve(home, settings.files ?? '.'),
      clone: red.util.cloneMessage,
      deliver: (to, msg, done) => this.router.deliverCopy(to, msg, done),
      onWatch: (isWatched) => this.router.watchWires(isWatched),
    });
    this.router = new Router({
      red, taps: this.taps, now, log, most: settings.held,
      call: (linked, router, wire, msg) => this.stacks.call(linked, router, wire, msg),
      uplink: () => this.uplink,
      idle: () => this.stacks.idle(),
    });
    const routec = findRoutec(settings.routec);
    const state = path.resolve(home, settings.state ?? 'route');
    this.uplink = new Uplink({ routec, state: path.join(state, 'remote'), log, deliver: (node, msg) => this.stacks.arrived(node, msg) });
    this.stacks = new Stacks({
      router: this.router, taps: this.taps, uplink: this.uplink, now, log,
      modules: new Modules({ given: settings.modules, base: home, plugins: red.plugins, log }),
      store: new Store(state),
      copy: (msg) => ownCopy(red.util.cloneMessage, msg),
      unstarted: () => this.unstarted(),
      recompile: async (entry, { flows }) => {
        const sources = fitted(entry.sources, flows);
        return { ...await recompile(routec, { ...entry, sources }, flows), sources };
      },
    });
    this.breakpoints = new Breakpoints({
      stacks: this.stacks, canCompile: routec !== undefined, recompile: (entry, { flows }) => recompile(routec, entry, flows),
    });
    this.api = new Api({ red, stacks: this.stacks, router: this.router, taps: this.taps, breakpoints: this.breakpoints, about: () => this.about() });
    this.events = {
      'flows:starting': ({ config }) => this.starting(config),
      'flows:started': () => this.router.flowsRun(true),
      'flows:stopping': () => this.router.flowsRun(false),
      'flows:stopped': () => this.taps.writeNow(),
      'runtime-event': (event) => this.runtimeEvent(event),
    };
  }

  about() {
    return { runtime: 'node-red', version, node_red: this.red.version?.() ?? null };
  }

  open() {
    this.stacks.restore();
    const { set, number } = this.stacks.ledger.current;
    const stack = set.stack === '' ? 'no stack' : `stack \`${set.stack}\`, number ${number}`;
    this.red.log.info(`[route] node-red-route ${version}: ${this.stacks.unread ?? stack}`);
    for (const [name, call] of Object.entries(this.events)) this.red.events.on(name, call);
    this.api.serve();
  }

  /** Synchronous: the chain must be in place before the first message of the new flows. */
  starting({ flows, rev }) {
    this.stacks.deploy(flows.map(({ credentials, ...node }) => node), rev);
  }

  runtimeEvent({ id, payload }) {
    if (id === 'runtime-deploy') this.revision = payload?.revision;
  }

  /** Flows that are deployed but not started (stopped, or with unknown types) are told by no event. */
  unstarted() {
    if (this.router.isRunning) return undefined;
    const flows = [];
    try {
      this.red.nodes.eachNode(({ credentials, ...node }) => flows.push(node));
    } catch {
      return undefined; // nothing is loaded yet
    }
    return flows.length > 0 ? { flows, rev: this.revision ?? '' } : undefined;
  }

  /** Leaves nothing behind but the state folder. */
  async close() {
    this.api.close();
    for (const [name, call] of Object.entries(this.events)) this.red.events.removeListener(name, call);
    this.router.close();
    this.stacks.close();
    await this.uplink.close();
    await this.taps.close();
  }
}

module.exports = { Plugin };
