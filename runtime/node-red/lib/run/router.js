//! Runs messages through the chains of the stack in place: from Node-RED's event to its verdict.
'use strict';

const { line } = require('../message');
const { Hook, WAITS } = require('./hook');
const { Lane } = require('./holds');
const { Lines } = require('./lines');
const { Targets } = require('./targets');

/** Most held messages over all breakpoints and limits. */
const MOST_HELD = 100000;
/** Most messages that wait while the flows are stopped. */
const MOST_PARKED = 100000;

/** A chain without steps, each of whose messages ends as told. */
const bare = (linked, wire, end) => ({ wire: { ...wire, chain: 0 }, linked, fast: end, run: end, step: end });

/** The chain of a wire from a node that lives on another runtime: what it sends here is that one's to send. */
const foreign = (linked, wire) => bare(linked, wire, (msg) => ({ kind: 'stop', asError: false, msg }));

/** The chain of a wire that no router touches any more, while messages still wait on it. */
const passing = (linked, wire) => bare(linked, wire, () => null);

class Router {
  /**
   * @param {object} options `red`; `taps`; `now()`; `log(level, text)`; `call(linked, router, call, wire, msg)`: a module;
   *   `uplink()`: the link to other runtimes; `idle()`: the last message of a linked set that was in place before has ended
   */
  constructor({ red, taps, now, log, call, uplink, idle = () => {}, most = MOST_HELD }) {
    Object.assign(this, { red, taps, now, log, uplink, idle });
    this.hook = new Hook(red.hooks);
    /** In its place while somebody watches bare wires. */
    this.watcher = { route: (event, done) => this.watch(event, done) };
    /** Lanes by wire, over all stacks. @type {Map<string, Lane>} */
    this.lanes = new Map();
    this.targets = new Targets();
    /** What wires counted that are no more. */
    this.gone = new Lane().counts();
    this.errors = 0;
    this.lost = 0;
    /** Messages for which Node-RED has no flows at the moment. */
    this.parked = [];
    /** Who waits for the flows to start. */
    this.awaiting = [];
    this.isRunning = false;
    this.isWatched = false;
    this.linked = undefined;
    /** What chains ask of the plugin, by linked set. */
    this.hosts = new WeakMap();
    /** Messages that left the short way and have not ended, by linked set. @type {Map<object, number>} */
    this.under = new Map();
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
      tap: (router, tap, wire, show) => {
        const id = ids[router];
        if (tap.block && !this.lines.isEnding && !this.taps.hasRoom(tap, id.name, wire)) return 'full';
        return this.taps.take(tap, id, wire, show, this.now) ? 'taken' : 'dropped';
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
    this.targets = new Targets();
    this.valid = 0;
    for (const wire of this.foreignWires) this.add(this.laneOf(wire), foreign(this.linked, wire));
    for (const wire of this.linked.set.wires) {
      if (!this.isValid(wire)) continue;
      const chain = this.linked.chainOf(wire.from, wire.port, wire.to);
      if (chain === undefined) continue;
      this.valid += 1;
      if (!this.targets.find(wire)) this.add(this.laneOf(wire), chain);
    }
    for (const [key, lane] of this.lanes) {
      if (this.targets.find(lane.wire)) continue;
      if (lane.line.length > 0) this.add(lane, passing(this.linked, lane.wire));
      else if (lane.open === 0) {
        this.lanes.delete(key);
        addTo(this.gone, lane.counts());
      }
    }
    this.arm();
  }

  laneOf({ from, port, to }) {
    const key = JSON.stringify([from, port, to]);
    if (!this.lanes.has(key)) this.lanes.set(key, new Lane({ from, port, to }));
    return this.lanes.get(key);
  }

  add(lane, chain) {
    this.targets.put(lane, chain, this.hosts.get(chain.linked));
  }

  /** Registers the cheapest form of the hook that does. */
  arm() {
    let form = 'none';
    if (!this.targets.isEmpty || this.isWatched) form = 'plain';
    // A waiting hook in the way of messages that can wait: the order of a wire depends on its answer coming at once.
    if (!this.targets.isEmpty && (this.holders.size > 0 || this.lines.holds.size > 0)) form = 'waiting';
    this.hook.set(form, this.isWatched ? this.watcher : this);
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
      this.taps.streams.publish(null, wire, () => msg, () => line(this.now(), null, wire, msg));
    }
    return this.route(event, done);
  }

  /**
   * No closure stands here: it would cost every message a context of its own.
   * @type {import('./hook').Route}
   */
  route(event, done) {
    const target = this.targets.of(event.source, event.destination.id);
    if (target === undefined) return undefined;
    const { lane } = target;
    if (lane.line.length > 0) return this.leave(target, event, done, 'behind', undefined);
    let outcome;
    try {
      outcome = target.run(event.msg, target.host, target.wire);
    } catch (error) {
      return this.leave(target, event, done, 'failed', error);
    }
    if (outcome !== null) return this.conclude(target, event, done, outcome);
    lane.passed += 1;
    return undefined;
  }

  /** What most outcomes ask for is done at once. */
  conclude(target, event, done, outcome) {
    const { lane } = target;
    if (outcome.kind === 'deliver' && outcome.to === undefined) {
      event.msg = outcome.msg;
      lane.passed += 1;
      return undefined;
    }
    if (outcome.kind === 'stop' && !outcome.asError) {
      lane.halted += 1;
      return false;
    }
    return this.leave(target, event, done, 'outcome', outcome);
  }

  /**
   * A message leaves the short way: from here on its run answers Node-RED.
   * @param {'behind'|'failed'|'outcome'} why others wait on its wire; its chain threw `what`; its chain said `what`
   */
  leave({ lane, chain }, event, done, why, what) {
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
    lane.left += 1;
    lane.open += 1;
    this.under.set(chain.linked, (this.under.get(chain.linked) ?? 0) + 1);
    try {
      if (why === 'behind') this.lines.lineUp(run, undefined, event.msg);
      else if (why === 'failed') this.fail(run, what, event.msg);
      else this.lines.begin(run, what, event.msg);
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
    this.ended(run);
  }

  ended({ lane, chain: { linked } }) {
    lane.open -= 1;
    const left = this.under.get(linked) - 1;
    if (left > 0) {
      this.under.set(linked, left);
      return;
    }
    this.under.delete(linked);
    if (linked !== this.linked) this.idle();
  }

  /** Whether messages are under way on a linked set, held ones and those that wait for other runtimes included. */
  isNeeded(linked) {
    return this.under.has(linked);
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
   * Hands a tap's copy to a node, as soon as the flows run.
   * @param {(isThere: boolean) => void} done
   */
  deliverCopy(to, msg, done) {
    if (!this.isRunning) {
      this.awaiting.push(() => this.deliverCopy(to, msg, done));
      return;
    }
    const node = this.red.nodes.getNode(to);
    if (node) this.give(node, msg);
    done(Boolean(node));
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
    this.lost += 1;
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
    // The error first: what its handlers do comes before what the source does next.
    if (asError) this.raise(run.event, reason ?? 'halted', msg);
    this.answer(run, false, msg);
  }

  /** What cannot go on is an error of the node that sent it. */
  refuse(run, why, msg) {
    run.lane.refused += 1;
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
    this.errors += 1;
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

  /** Counts over all wires since the start. */
  get totals() {
    const totals = { ...this.gone };
    for (const lane of this.lanes.values()) addTo(totals, lane.counts());
    return { ...totals, errors: this.errors, lost: this.lost };
  }

  wiresStatus() {
    return [...this.targets].map(({ lane, chain }) => wireStatus(lane, chain));
  }
}

const addTo = (totals, counts) => {
  for (const key of Object.keys(totals)) totals[key] += counts[key];
};

const wireStatus = (lane, chain) => ({
  ...lane.wire,
  routers: chain.linked.set.chains[chain.wire.chain].steps.length,
  ...lane.counts(),
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
