//! Runs messages through the chains of the stack in place: from Node-RED's event to its verdict.
'use strict';

const { line } = require('../message');
const { Hook, WAITS } = require('./hook');
const { Lane } = require('./holds');
const { Lines } = require('./lines');

/** Most held messages over all breakpoints and limits. */
const MOST_HELD = 100000;
/** Most messages that wait while the flows are stopped. */
const MOST_PARKED = 100000;

/** The chain of a wire from a node that lives on another runtime: what it sends here is that one's to send. */
const foreign = (linked, wire) => ({
  wire: { ...wire, chain: 0 }, linked, holds: false, run: (msg) => ({ kind: 'stop', asError: false, msg }), step: (msg) => ({ kind: 'stop', asError: false, msg }),
});

/** The chain of a wire that no router touches any more, while messages still wait on it. */
const passing = (linked, wire) => ({ wire: { ...wire, chain: 0 }, linked, holds: false, run: () => null, step: () => null });

class Router {
  /**
   * @param {object} options `red`; `taps`; `now()`; `log(level, text)`; `call(linked, router, call, wire, msg)`: a module;
   *   `uplink()`: the link to other runtimes
   */
  constructor({ red, taps, now, log, call, uplink, most = MOST_HELD }) {
    this.red = red;
    this.taps = taps;
    this.now = now;
    this.log = log;
    this.uplink = uplink;
    this.hook = new Hook(red.hooks);
    /** Lanes by wire, over all stacks. @type {Map<string, Lane>} */
    this.lanes = new Map();
    /** By source, output, destination. @type {Map<string, Map<string, {lane: Lane, chain: object, host: object}>[]>} */
    this.routes = new Map();
    this.totals = { sent: 0, delivered: 0, stopped: 0, remote: 0, refused: 0, errors: 0, lost: 0 };
    /** Messages for which Node-RED has no flows at the moment. */
    this.parked = [];
    /** Who waits for the flows to start. */
    this.awaiting = [];
    this.isRunning = false;
    this.isWatched = false;
    this.linked = undefined;
    /** What chains ask of the plugin, by linked set. */
    this.hosts = new WeakMap();
    this.callModule = call;
    this.lines = new Lines(this.linesHost(), most);
  }

  /** What `Lines` asks for. */
  linesHost() {
    return {
      now: this.now,
      clone: (msg) => this.red.util.cloneMessage(msg),
      hostOf: (run) => this.hosts.get(run.chain.linked),
      arrive: (run, msg, to) => this.arrive(run, msg, to),
      stop: (run, reason, asError, msg) => this.stop(run, reason, asError, msg),
      refuse: (run, why, msg) => this.refuse(run, why, msg),
      fail: (run, error, msg) => this.fail(run, error, msg),
      away: (run, outcome) => this.away(run, outcome),
      holdsNoMore: (run, router) => this.holdsNoMore(run, router),
      whenRoom: (run, at, call) => this.whenRoom(run, at, call),
      changed: () => this.settle(),
    };
  }

  /** The plugin as a running chain of a linked set sees it. */
  hostOf(linked) {
    const { routers } = linked.set;
    const ids = routers.map((router) => this.taps.idOf(router));
    return {
      now: this.now,
      random: Math.random,
      tap: (router, tap, wire, copy) => {
        const id = ids[router];
        if (tap.block && !this.lines.isEnding && !this.taps.hasRoom(tap, id.name, wire)) return 'full';
        return this.taps.take(tap, id, wire, copy, this.now()) ? 'taken' : 'dropped';
      },
      log: (router, text) => this.log('info', `router ${routers[router].name}: ${text}`),
      call: (router, call, wire, msg) => this.callModule(linked, router, wire, msg),
    };
  }

  /**
   * Puts a linked set in place for all wires between two messages.
   * @param {object} linked
   * @param {(wire: object) => boolean} isValid whether the deployed flows still have a wire as the set has it
   * @param {object[]} foreignWires wires of the deployed flows from nodes that live on other runtimes
   */
  place(linked, isValid, foreignWires) {
    this.linked = linked;
    this.isValid = isValid;
    this.foreignWires = foreignWires;
    this.hosts.set(linked, this.hostOf(linked));
    this.holders = holdersOf(linked);
    this.rewire();
  }

  /** Looks the chain of every wire up again. */
  rewire() {
    this.routes = new Map();
    this.valid = 0;
    for (const wire of this.linked.set.wires) {
      if (!this.isValid(wire)) continue;
      const chain = this.linked.chainOf(wire.from, wire.port, wire.to);
      if (chain === undefined) continue;
      this.valid += 1;
      this.add(this.laneOf(wire), chain);
    }
    for (const wire of this.foreignWires) this.add(this.laneOf(wire), foreign(this.linked, wire));
    for (const [key, lane] of this.lanes) {
      if (this.has(lane.wire)) continue;
      if (lane.line.length > 0) this.add(lane, passing(this.linked, lane.wire));
      else if (lane.holds === 0) this.lanes.delete(key);
    }
    this.arm();
  }

  laneOf({ from, port, to }) {
    const key = JSON.stringify([from, port, to]);
    if (!this.lanes.has(key)) this.lanes.set(key, new Lane({ from, port, to }));
    return this.lanes.get(key);
  }

  has({ from, port, to }) {
    return this.routes.get(from)?.[port]?.has(to) ?? false;
  }

  add(lane, chain) {
    const { from, port, to } = lane.wire;
    if (!this.routes.has(from)) this.routes.set(from, []);
    const ports = this.routes.get(from);
    ports[port] ??= new Map();
    ports[port].set(to, { lane, chain, host: this.hosts.get(chain.linked) });
  }

  /** Registers the cheapest form of the hook that does. */
  arm() {
    let form = 'none';
    if (this.routes.size > 0 || this.isWatched) form = 'plain';
    // A waiting hook in the way of messages that can wait: the order of a wire depends on its answer coming at once.
    if (this.routes.size > 0 && (this.holders.size > 0 || this.lines.holds.size > 0)) form = 'waiting';
    this.hook.set(form, this.isWatched ? (event, done) => this.watch(event, done) : (event, done) => this.route(event, done));
  }

  /** Someone watches bare wires, or nobody does any more. */
  watchWires(isWatched) {
    this.isWatched = isWatched;
    if (this.linked) this.arm();
  }

  watch(event, done) {
    const { source, destination, msg } = event;
    if (destination.id) {
      const wire = { from: source.id, port: source.port, to: destination.id };
      this.taps.streams.publish(null, wire, msg, () => line(this.now(), null, wire, msg));
    }
    return this.route(event, done);
  }

  /** @type {import('./hook').Route} */
  route(event, done) {
    const ports = this.routes.get(event.source.id);
    if (ports === undefined) return undefined;
    const target = ports[event.source.port]?.get(event.destination.id);
    if (target === undefined) return undefined;
    const { lane, chain, host } = target;
    lane.sent += 1;
    this.totals.sent += 1;
    if (lane.line.length > 0) return this.leave(lane, chain, event, done, (run) => this.lines.lineUp(run, undefined, event.msg));
    let outcome;
    try {
      outcome = chain.run(event.msg, host);
    } catch (error) {
      return this.leave(lane, chain, event, done, (run) => this.fail(run, error, event.msg));
    }
    if (outcome === null) {
      lane.delivered += 1;
      this.totals.delivered += 1;
      return undefined;
    }
    if (outcome.kind === 'deliver' && outcome.to === undefined) {
      event.msg = outcome.msg;
      lane.delivered += 1;
      this.totals.delivered += 1;
      return undefined;
    }
    if (outcome.kind === 'stop' && !outcome.asError) {
      lane.stopped += 1;
      this.totals.stopped += 1;
      return false;
    }
    return this.leave(lane, chain, event, done, (run) => this.lines.begin(run, outcome, event.msg));
  }

  /** A message leaves the short way: from here on its run answers Node-RED. */
  leave(lane, chain, event, done, go) {
    let settled;
    let answer = done;
    let later;
    if (answer === undefined) {
      answer = (halts) => {
        if (later) later(halts);
        else settled = { halts };
      };
    }
    const run = { lane, chain, event, done: answer, isOwn: false, isAnswered: false, to: event.destination.id };
    try {
      go(run);
    } catch (error) {
      this.fail(run, error, event.msg);
    }
    if (done !== undefined) return WAITS;
    if (settled) return settled.halts;
    return new Promise((resolve) => { later = resolve; });
  }

  /** The end of a wire. */
  arrive(run, msg, to) {
    if (to !== undefined && !this.isHere(to)) {
      this.refuse(run, `there is no node \`${to}\``, msg);
      return;
    }
    run.lane.delivered += 1;
    this.totals.delivered += 1;
    const { event } = run;
    const end = to ?? run.to;
    if (!run.isOwn || this.lives(event)) {
      event.msg = msg;
      if (run.isOwn) event.cloneMessage = false;
      event.destination.id = end;
      this.answer(run, undefined, msg);
      return;
    }
    // The flow that it was on its way in is gone: its node is in the new one, under the same id.
    this.deliverLater(end, msg);
    this.answer(run, false, msg);
  }

  /** While the flows are stopped nothing is known of a node: the message waits for them. */
  isHere(id) {
    return !this.isRunning || this.isLive(id);
  }

  isLive(id) {
    return Boolean(this.red.nodes.getNode(id));
  }

  /** Whether Node-RED still delivers what it is told to go on with. */
  lives(event) {
    return this.isRunning && this.red.nodes.getNode(event.source.id) === event.source.node;
  }

  answer(run, halts, msg) {
    // A second answer can end Node-RED.
    if (run.isAnswered) return;
    run.isAnswered = true;
    try {
      run.done(halts);
    } catch (error) {
      this.raise(run.event, error.message, msg);
    }
  }

  deliverLater(to, msg) {
    if (this.isRunning) this.deliver(to, msg);
    else if (this.parked.length < MOST_PARKED) this.parked.push({ to, msg });
    else this.lose(to, 'too many messages wait for the flows to start');
  }

  deliver(to, msg) {
    if (!this.red.nodes.getNode(to)) {
      this.lose(to, `the deployed flows have no node \`${to}\``);
      return;
    }
    setImmediate(() => {
      // Looked up again: a deploy may come in between.
      const node = this.red.nodes.getNode(to);
      if (node) this.give(node, msg);
      else this.deliverLater(to, msg);
    });
  }

  /**
   * Hands over a message that came from another runtime; it passes no wire here, as the sender's chain has run.
   * @returns {Promise<{took: true}|{refused: string}>}
   */
  async receive(to, msg) {
    if (!this.isRunning) await new Promise((started) => this.awaiting.push(started));
    const node = this.red.nodes.getNode(to);
    if (!node) return { refused: `there is no node \`${to}\`` };
    msg._msgid ??= this.red.util.generateId();
    this.give(node, msg);
    return { took: true };
  }

  /** As Node-RED does it: what a node throws ends nothing. */
  give(node, msg) {
    try {
      node.receive(msg);
    } catch (error) {
      this.log('error', `node \`${node.id}\` failed: ${error?.stack ?? error}`);
    }
  }

  lose(to, why) {
    this.totals.lost += 1;
    this.log('warn', `a message that was held for \`${to}\` is lost: ${why}`);
  }

  /** Node-RED starts or stops its flows. */
  flowsRun(isRunning) {
    this.isRunning = isRunning;
    if (!isRunning) return;
    for (const { to, msg } of this.parked.splice(0)) this.deliver(to, msg);
    for (const started of this.awaiting.splice(0)) started();
  }

  stop(run, reason, asError, msg) {
    run.lane.stopped += 1;
    this.totals.stopped += 1;
    // The error first: what its handlers do comes before what the source does next.
    if (asError) this.raise(run.event, reason ?? 'halted', msg);
    this.answer(run, false, msg);
  }

  /** What cannot go on is an error of the node that sent it. */
  refuse(run, why, msg) {
    run.lane.refused += 1;
    this.totals.refused += 1;
    this.raise(run.event, why, msg);
    this.answer(run, false, msg);
  }

  /** A message that cannot even be read (a getter that throws, say) is an error of its sender too. */
  fail(run, error, msg) {
    if (!run.isAnswered) this.refuse(run, `a router failed: ${error?.message ?? error}`, msg);
    else this.log('error', `a router failed: ${error?.stack ?? error}`);
  }

  /** Given with its message, so that catch nodes see both. */
  raise(event, why, msg) {
    this.totals.errors += 1;
    try {
      event.source.node.error(why, msg);
    } catch (error) {
      this.log('error', `${why} (and its handler failed: ${error.message})`);
    }
  }

  /** Gives a message to another runtime; when that cannot be, `unreachable` says what happens, later or at once. */
  away(run, outcome) {
    const { router, at, remote } = outcome;
    const { linked } = run.chain;
    const { unreachable } = remote;
    // What may go on here, or be shown, must be as it was when it was sent.
    const msg = unreachable === 'pass' || unreachable === 'error' ? this.lines.own(run, outcome.msg) : outcome.msg;
    this.uplink().send(outcome, { wire: run.lane.wire, slot: linked.slot(router) }, (why) => {
      if (why === undefined) {
        run.lane.remote += 1;
        this.totals.remote += 1;
        this.answer(run, false, msg);
        return;
      }
      linked.notSent(router, unreachable !== 'pass');
      if (unreachable === 'pass') this.lines.go(run, at, msg);
      else this.stop(run, why, unreachable === 'error', msg);
    });
  }

  /** Whether the stack in place has a router no more that one before it had, or holds nothing with it. */
  holdsNoMore(run, router) {
    const { linked } = run.chain;
    return linked !== this.linked && !this.holders.has(linked.slot(router));
  }

  whenRoom(run, at, call) {
    const { set } = run.chain.linked;
    const step = set.chains[at.chain].steps[at.step];
    this.taps.whenRoom(step.op.tap, set.routers[step.router].name, run.lane.wire, call);
  }

  /** After messages left: a hook that was there for them alone goes. */
  settle() {
    if (this.isSettling || this.holders.size > 0 || this.lines.holds.size > 0 || this.hook.form !== 'waiting') return;
    this.isSettling = true;
    // Not between two messages of a line: the hook's form must not change under them.
    setImmediate(() => {
      this.isSettling = false;
      if (!this.isClosed && this.holders.size === 0 && this.lines.holds.size === 0) this.rewire();
    });
  }

  /** Held messages that no router of the stack in place holds go on; how many did. */
  releaseUnheld() {
    return this.lines.releaseWhere((held) => ['break', 'limit', 'step'].includes(held.why) && this.holdsNoMore(held.run, held.router));
  }

  /** Everything that is held goes the way that its router says, and the hook goes. */
  close() {
    this.isClosed = true;
    this.lines.isEnding = true;
    this.lines.releaseWhere((held) => held.why !== 'sink', (held) => held.thenDrop);
    this.lines.releaseWhere(() => true);
    this.hook.close();
  }

  wiresStatus() {
    const out = [];
    for (const ports of this.routes.values()) {
      for (const port of ports) {
        if (port) for (const { lane, chain } of port.values()) out.push(wireStatus(lane, chain));
      }
    }
    return out;
  }
}

const wireStatus = (lane, chain) => ({
  ...lane.wire,
  routers: chain.linked.set.chains[chain.wire.chain].steps.length,
  sent: lane.sent,
  delivered: lane.delivered,
  stopped: lane.stopped,
  remote: lane.remote,
  refused: lane.refused,
  holds: lane.holds,
});

/** Numbers of the routers that can hold messages for a time, at a full sink, or until another runtime has them. */
function holdersOf(linked) {
  const holders = new Set();
  for (const chain of linked.set.chains) {
    for (const { router, op } of chain.steps) {
      if ((op.break && !op.break.log) || op.limit?.over.hold || op.tap?.block || op.remote) holders.add(linked.slot(router));
    }
  }
  return holders;
}

module.exports = { Router };
