//! The stack in place: how it is put there, fits the deployed flows, is kept, and returns.
'use strict';

const { FormatError } = require('./format');
const { identityOf, link } = require('./chain');
const { Graph } = require('./flow/graph');
const { hashOf } = require('./flow/hash');
const { Refusal } = require('./refusal');
const { Ledger, emptySet, noSources } = require('./stack/ledger');
const { begin, firstEnd, isOver, without } = require('./stack/sources');
const { sinkOf } = require('./taps/taps');
const { callAt } = require('./timer');

/** Before an overlay whose time is over and that could not be taken away is tried again, milliseconds. */
const AGAIN = 60000;

class Stacks {
  /**
   * @param {object} options `router`: runs messages; `taps`; `modules`; `uplink`; `store`; `now()`; `log(level, text)`;
   *   `recompile(entry, deployed)`: compiles an entry's sources against other flows, and may change them; `unstarted()`: flows that are deployed
   *   while none run; `copy(msg)`: a message of one's own
   */
  constructor({ router, taps, modules, uplink, store, now, log, recompile, unstarted, copy }) {
    Object.assign(this, { router, taps, modules, uplink, store, now, log, recompile, unstarted, copy });
    this.ledger = new Ledger(now());
    /** The deployed flows: `{flows, rev, graph}`. */
    this.deployed = undefined;
    this.linked = undefined;
    /** Sets before it on which messages are still under way. */
    this.former = [];
    /** Open modules by linked set and router. */
    this.opened = new Map();
    /** Why the stack in place does not run as it stands; see `stale()`. */
    this.fault = undefined;
    this.staleness = undefined;
    /** What went wrong last, until something goes well: `{at_ms, what, by, error, diagnostics}`. */
    this.trouble = undefined;
    this.forgetOverlays = () => {};
  }

  /** Remembers for people what went wrong. */
  failed(what, by, error) {
    this.trouble = { at_ms: this.now(), what, by, error: error.message, diagnostics: error.diagnostics ?? [] };
  }

  /** Goes on where the run before ended. */
  restore() {
    const { entries, faults } = this.store.read();
    for (const fault of faults) this.log('error', fault);
    this.ledger.restore(entries);
    // Messages pass routers that somebody relies on: whoever asks for the status must hear of it.
    if (entries.length === 0 && faults.length > 0) this.unread = `the stack of the run before is lost, apply it again: ${faults.join('; ')}`;
  }

  /** @throws {Refusal} the flows are not known yet */
  needFlows() {
    this.refresh();
    if (!this.deployed) throw new Refusal(503, 'Node-RED has not loaded its flows yet');
    return this.deployed;
  }

  /** While no flows run, those that are deployed may have changed without a word. */
  refresh() {
    const found = this.unstarted();
    if (found && hashOf(found.flows) !== this.deployed?.graph.hash) this.deploy(found.flows, found.rev);
  }

  /**
   * Node-RED starts other flows: the stack is fitted to them before the first message runs.
   * @param {object[]} flows
   * @param {string} rev
   */
  deploy(flows, rev) {
    this.deployed = { flows, rev, graph: new Graph(flows) };
    if (this.deployed.graph.isCut) this.log('warn', 'the flows are larger than any stack reaches: no router runs on the nodes and wires beyond');
    if (this.linked && !this.fault) this.fit(this.ledger.current.looks);
    else this.start();
    this.compileAgain();
  }

  /** The first flows are known: the stack of the run before comes into place. */
  start() {
    const { sources } = this.ledger.current;
    const now = this.now();
    const hasEnded = sources.overlays.some((overlay) => isOver(overlay, now));
    if (hasEnded) this.ledger.overwrite({ ...this.ledger.current, ...without(this.ledger.current.set, sources, (overlay) => isOver(overlay, now)) });
    this.fault = undefined;
    try {
      this.install(this.prepare(this.ledger.current.set), this.ledger.current.looks);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.fault = error.message;
      this.log('error', `the stack \`${this.ledger.current.set.stack}\` is not in place: ${error.message}`);
      this.install(this.prepare(emptySet(this.deployed.graph.hash)), {});
    }
    this.awaitOverlays();
  }

  /** Puts a stack of someone's in place. */
  change({ set, sources: given, by, why, expected }) {
    this.ledger.expect(expected);
    const { graph, rev } = this.needFlows();
    if (set.flows !== graph.hash) {
      throw new Refusal(409, `the stack was compiled against flows \`${set.flows}\`, but \`${graph.hash}\` is deployed (revision ${rev}); compile it again`);
    }
    const sources = begin(given, this.now());
    return this.putInForce({ set, sources, by, why, before: this.ledger.current.number });
  }

  /** Returns to an earlier stack, without the overlays whose time is over by now. */
  rollback({ to, by, expected }) {
    this.ledger.expect(expected);
    this.needFlows();
    const entry = this.ledger.find(to);
    const now = this.now();
    const rest = without(entry.set, entry.sources, (overlay) => isOver(overlay, now));
    const before = to === undefined ? entry.before : this.ledger.current.number;
    return this.putInForce({ ...rest, by, why: `rolled back to ${entry.number}`, before, looks: entry.looks });
  }

  /** Takes an overlay away before its time. */
  removeOverlay({ name, by, expected }) {
    this.ledger.expect(expected);
    this.needFlows();
    const { set, sources, number, looks } = this.ledger.current;
    if (!sources.overlays.some((overlay) => overlay.name === name)) {
      const known = sources.overlays.map((overlay) => `\`${overlay.name}\``).join(', ');
      throw new Refusal(404, `no overlay is called \`${name}\`; there is ${known || 'none'}`);
    }
    const rest = without(set, sources, (overlay) => overlay.name === name);
    return this.putInForce({ ...rest, by, why: `removed overlay \`${name}\``, before: number, looks });
  }

  /** Takes away the overlays whose time is over. There is no way back to them. */
  endOverlays() {
    const { current } = this.ledger;
    const now = this.now();
    let again = 0;
    const over = current.sources.overlays.filter((overlay) => isOver(overlay, now));
    if (over.length > 0) {
      const names = over.map((overlay) => `\`${overlay.name}\``).join(', ');
      this.log('info', `the time of overlay ${names} is over`);
      const rest = without(current.set, current.sources, (overlay) => isOver(overlay, now));
      try {
        this.replace({ ...rest, by: current.by, why: `${current.why}; the time of overlay ${names} is over`, looks: current.looks });
      } catch (error) {
        this.log('error', `an overlay stays: ${error.message}`);
        again = now + AGAIN;
      }
    }
    this.awaitOverlays(again);
  }

  /** @param {number} notBefore milliseconds since 1970 */
  awaitOverlays(notBefore = 0) {
    this.forgetOverlays();
    const end = firstEnd(this.ledger.current.sources);
    if (end === undefined) return;
    this.forgetOverlays = callAt(Math.max(end, notBefore), this.now, () => this.endOverlays(), { holdsProcess: false });
  }

  /** A new entry of the ledger. */
  putInForce(wish) {
    const entry = this.entry(wish);
    const done = this.install(this.prepare(entry.set), entry.looks);
    this.ledger.write(entry);
    this.settled();
    return { stack: entry.set.stack, number: entry.number, ...done, source: entry.set.source };
  }

  /** The same, in place of the last entry. */
  replace(wish) {
    const entry = this.entry({ ...wish, before: this.ledger.current.before });
    this.install(this.prepare(entry.set), entry.looks);
    this.ledger.overwrite(entry);
    this.settled();
  }

  entry({ set, sources, by, why, before, looks }) {
    const { graph } = this.deployed;
    const { current } = this.ledger;
    // Overlays come and go; whoever applied what lies below them stays its owner.
    const owner = isSameBase(current.sources, sources) ? current.owner ?? current.by : by;
    return { number: current.number + 1, before, set, sources, by, owner, at_ms: this.now(), why, looks: looks ?? looksOf(set, graph) };
  }

  settled() {
    this.fault = undefined;
    this.unread = undefined;
    this.trouble = undefined;
    this.tellUnseen();
    this.keep();
    this.awaitOverlays();
    this.compileAgain();
  }

  /** Node-RED hands messages from a link call to its link in without a word to anyone. */
  tellUnseen() {
    const { graph } = this.deployed;
    const unseen = this.unseen();
    if (unseen.length === 0) return;
    const name = (id) => graph.nodes.get(id)?.name || id;
    const wires = unseen.slice(0, 3).map(({ from, to }) => `\`${name(from)}\` -> \`${name(to)}\``).join(', ');
    this.log('warn', `no plugin sees the messages of link calls: the routers of ${unseen.length} wires do nothing there (${wires}${unseen.length > 3 ? ', …' : ''})`);
  }

  unseen() {
    const { graph } = this.deployed;
    return this.ledger.current.set.wires.filter(({ from, port, to }) => graph.kindOf(from, port, to) === 'call');
  }

  keep() {
    try {
      this.store.write(this.ledger.entries());
    } catch (error) {
      // It runs all the same; only a restart would not find it.
      this.log('error', `cannot keep the stack for the next start: ${error.message}`);
    }
  }

  /**
   * Links a set and opens what it needs; nothing of what runs changes.
   * @throws {Refusal} it cannot be run
   */
  prepare(set) {
    this.checkIdentity(set);
    if (set.flows === this.deployed.graph.hash) this.checkNodes(set);
    const linked = linkedOf(set, this.linked);
    const opened = new Map();
    try {
      for (const chain of set.chains) {
        for (const { router, op } of chain.steps) {
          if (op.call && !opened.has(router)) opened.set(router, this.openModule(op.call, set.routers[router]));
        }
      }
      this.taps.open(set);
    } catch (error) {
      for (const module of opened.values()) module.close();
      linked.retire();
      throw error;
    }
    return { linked, opened };
  }

  openModule(call, router) {
    try {
      return this.modules.open(call, router);
    } catch (error) {
      throw new Refusal(422, `call \`${router.name}\`: ${error.message}`);
    }
  }

  /** A runtime of a fleet stays who it is. */
  checkIdentity(set) {
    const [me, other] = [this.linked?.set.fleet?.me, set.fleet?.me];
    if (me && other && me !== other) throw new Refusal(422, `this runtime is \`${me}\`, and the stack was compiled for \`${other}\``);
  }

  /** Nodes that steps name must be there. */
  checkNodes(set) {
    for (const { steps } of set.chains) {
      for (const { router, op } of steps) {
        const to = op.redirect?.to ?? (op.tap && sinkOf(op.tap)[0] === 'node' ? op.tap.sink.node : undefined);
        if (to === undefined) continue;
        const node = this.deployed.graph.nodes.get(to);
        if (!node || node.disabled) {
          const why = node ? 'is disabled' : 'the flow does not have';
          throw new Refusal(422, `router \`${set.routers[router].name}\` sends to the node \`${to}\`, which ${why}`);
        }
      }
    }
  }

  /** Everything changes between two messages. `looks`: as in the entry of the set. */
  install({ linked, opened }, looks) {
    const before = this.linked;
    const known = new Set([before, ...this.former].flatMap((one) => one?.set.routers ?? []).map(identityOf));
    this.linked = linked;
    this.opened.set(linked, opened);
    if (before) this.former.push(before);
    this.fit(looks);
    const released = this.router.releaseUnheld();
    if (released > 0) this.log('info', `${released} held messages go on: what held them is no longer in the stack`);
    this.retire();
    return { kept_state: linked.set.routers.filter((router) => known.has(identityOf(router))).length, released };
  }

  /** The last message of a set that was in place before has ended. */
  idle() {
    if (this.isRetiring) return;
    this.isRetiring = true;
    // Not in the middle of a message: it may be a tap's sink or a module that it runs through.
    setImmediate(() => {
      this.isRetiring = false;
      if (!this.isClosed) this.retire();
    });
  }

  /** Lets go of the sets on which no message is under way. */
  retire() {
    const idle = this.former.filter((linked) => !this.router.isNeeded(linked));
    this.former = this.former.filter((linked) => this.router.isNeeded(linked));
    for (const linked of idle) {
      for (const module of this.opened.get(linked)?.values() ?? []) module.close();
      this.opened.delete(linked);
      linked.retire();
    }
    this.taps.retire([this.linked, ...this.former].map((linked) => linked.set))
      .catch((error) => this.log('error', `cannot close a sink: ${error.message}`));
  }

  /** Puts the linked set on the wires that the deployed flows still have as it knows them. */
  fit(looks) {
    const { set } = this.linked;
    const { graph, rev } = this.deployed;
    const absent = new Set(set.fleet?.absent ?? []);
    const foreign = absent.size === 0 ? [] : graph.wires.filter(({ from }) => absent.has(from));
    this.uplink.follow(set);
    if (set.flows === graph.hash || set.wires.length === 0) {
      this.staleness = undefined;
      if (this.trouble?.what === 'compile') this.trouble = undefined;
      this.router.place(this.linked, () => true, foreign);
      return;
    }
    const same = (id) => looks[id] !== undefined && looks[id] === graph.looksOf(id);
    this.router.place(this.linked, ({ from, port, to }) => same(from) && same(to) && graph.hasWire(from, port, to), foreign);
    const [valid, all] = [this.router.valid, set.wires.length];
    this.staleness = { since_rev: rev, flows: set.flows, valid_wires: valid, wires: all, why: '' };
  }

  /**
   * Other flows may be deployed than those that the stack was compiled against. One compiler runs at a time: what is deployed
   * meanwhile is looked at when it has ended.
   */
  async compileAgain() {
    if (this.isCompiling) return;
    this.isCompiling = true;
    for (let tried; this.staleness && this.staleness !== tried && !this.fault && !this.isClosed;) {
      tried = this.staleness;
      await this.compileOnce();
    }
    this.isCompiling = false;
  }

  async compileOnce() {
    const { current } = this.ledger;
    const { deployed, staleness } = this;
    const told = `the flows have changed since the stack \`${current.set.stack}\` was compiled: `
      + `${staleness.valid_wires} of its ${staleness.wires} wires are as they were and run on`;
    staleness.why = 'it is being compiled again';
    let made;
    try {
      made = await this.recompile(current, deployed);
      if (made.set.flows !== deployed.graph.hash) made = { failed: new Error('this `routec` reads the flows otherwise; is it of another version?') };
    } catch (error) {
      made = { failed: error };
    }
    // Something newer came in between.
    if (this.ledger.current !== current || this.deployed !== deployed || this.isClosed) return;
    try {
      if (made.set) {
        const why = `${current.why}; compiled again for revision ${deployed.rev.slice(0, 8)} of the flows`;
        this.replace({ set: made.set, sources: made.sources ?? current.sources, by: current.by, why });
        this.log('info', `${told} - compiled again and put in place`);
        return;
      }
    } catch (error) {
      made = { failed: error };
    }
    staleness.why = made.failed.message;
    this.failed('compile', '', made.failed);
    this.log('warn', `${told}; it could not be compiled again: ${made.failed.message}`);
  }

  /** What `call` routers ask for. */
  call(linked, router, wire, msg) {
    const module = this.opened.get(linked)?.get(router);
    if (!module) return { kind: 'fault', msg, text: 'the module is not open' };
    // A module may change what it gets, and fail afterwards.
    const answer = module.send(this.endOf(wire.from), this.endOf(wire.to), this.copy(msg));
    if (answer.pass) return { kind: 'pass', msg: answer.pass };
    if (answer.stop !== undefined) return { kind: 'stop', msg, reason: answer.stop };
    return { kind: 'fault', msg, text: answer.fault };
  }

  /** A message of another runtime for a node here. */
  async arrived(node, msg) {
    const fleet = this.linked?.set.fleet;
    const at = fleet?.absent.indexOf(node) ?? -1;
    if (at >= 0) {
      const home = fleet.runtimes[fleet.homes?.[at]]?.name;
      return home === undefined ? { refused: `\`${node}\` does not live here, and the stack does not say where` } : { moved: home };
    }
    return this.router.receive(node, msg);
  }

  endOf(id) {
    const node = this.deployed?.graph.nodes.get(id);
    return { id, type: node?.type ?? '', name: node?.name ?? '' };
  }

  /** For the status. */
  status(wanted) {
    this.refresh();
    const { linked, taps, router } = this;
    const { set } = this.linked ?? { set: emptySet('') };
    const streams = new Set(set.chains.flatMap(({ steps }) => steps).filter(({ op }) => op.tap?.sink === 'stream').map((step) => step.router));
    const routers = set.routers.map(({ name, kind, layer, file, line }, at) => {
      const counts = { ...linked.counts(at) };
      counts.dropped_copies += taps.idOf({ name, layer }).lost;
      return { name, kind, layer, file, line, stream: streams.has(at), counts };
    });
    return {
      flows: this.deployed?.graph.hash ?? null,
      revision: this.deployed?.rev ?? null,
      stack: this.stackStatus(),
      stale: this.staleStatus(),
      unseen_wires: this.deployed ? this.unseen().length : 0,
      fleet: set.fleet?.me ?? null,
      routers,
      taps: taps.status(),
      uplink: this.uplink.status(),
      now_ms: this.now(),
      queue: taps.toNodes,
      queue_most: taps.most,
      held: router.lines.holds.size,
      held_most: router.lines.holds.most,
      parked: router.parked.length,
      totals: router.totals,
      ...(wanted.wires ? { wires: router.wiresStatus() } : {}),
      ...(wanted.nodes ? { nodes: this.nodesStatus() } : {}),
    };
  }

  nodesStatus() {
    const nodes = [...(this.deployed?.graph.nodes.values() ?? [])];
    const stateOf = ({ id, disabled }) => (disabled ? 'absent' : this.router.isLive(id) ? 'up' : 'closed');
    return nodes.map((node) => ({ id: node.id, type: node.type, name: node.name, z: node.instance ?? node.tab ?? '', state: stateOf(node) }));
  }

  stackStatus() {
    const { set, number, by, at_ms, why, sources } = this.ledger.current;
    const overlays = sources.overlays.map(({ name, owner, since_ms, until_ms }) => ({
      name, owner, since_ms, until_ms: until_ms ?? null, routers: set.routers.filter((router) => router.layer === name).length,
    }));
    return {
      name: set.stack, number, tag: this.ledger.tag, source: set.source, by, at_ms, why, earlier: this.ledger.earlier.length, overlays,
    };
  }

  staleStatus() {
    const why = this.fault ?? this.unread;
    if (why) return { why, flows: null, valid_wires: 0, wires: this.ledger.current.set.wires.length };
    return this.staleness ?? null;
  }

  close() {
    this.isClosed = true;
    this.forgetOverlays();
    for (const opened of this.opened.values()) for (const module of opened.values()) module.close();
    this.opened.clear();
  }
}

const isSameBase = (a, b) => a.root !== '' && JSON.stringify([a.root, a.files, a.params]) === JSON.stringify([b.root, b.files, b.params]);

function linkedOf(set, previous) {
  try {
    return link(set, { previous });
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal(422, error.message);
    throw error;
  }
}

/** What selectors saw of the nodes at the ends of a set's wires. */
function looksOf(set, graph) {
  const looks = {};
  for (const { from, to } of set.wires) {
    for (const id of [from, to]) {
      const seen = graph.looksOf(id);
      if (seen !== undefined) looks[id] = seen;
    }
  }
  return looks;
}

module.exports = { Stacks, noSources };
