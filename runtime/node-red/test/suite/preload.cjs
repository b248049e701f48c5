//! Loaded into Node-RED's own test run: puts the plugin's router in the way of every message of every test.
//! `ROUTE_SUITE` says how: `empty` (the plugin's hook, no router on any wire), `observed` (a tap on every wire), `waiting` (the
//! same, with the form of the hook that breakpoints need).
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { link } = require('../../lib/chain');
const { fromValue } = require('../../lib/format');
const { Router } = require('../../lib/run/router');
const { Taps } = require('../../lib/taps/taps');

const mode = process.env.ROUTE_SUITE;
const packages = path.join(process.cwd(), 'packages', 'node_modules', '@node-red');
const hooks = require(path.join(packages, 'util', 'lib', 'hooks'));
const { cloneMessage } = require(path.join(packages, 'util', 'lib', 'util'));

/** A stack of `tap all on * -> *` for wires that are met while it runs: the tests make flows of their own, which no compiler saw. */
class Everywhere extends Router {
  constructor(options) {
    super(options);
    this.seen = 0;
  }

  /** Puts the one chain of the set in place on a wire that has none yet; from there on everything is the plugin's own. */
  route(event, done) {
    const { source, destination } = event;
    // The tests of the hooks themselves trigger `preRoute` with things that are no messages.
    if (source === undefined) return undefined;
    this.seen += 1;
    const wire = { from: source.id, port: source.port, to: destination.id };
    if (mode !== 'empty' && !this.targets.find(wire)) {
      const chain = this.linked.chainOf('', 0, '');
      this.add(this.laneOf(wire), Object.assign(Object.create(chain), { wire: { ...wire, chain: chain.wire.chain } }));
    }
    return super.route(event, done);
  }

  /** The form is the mode's, not what the stack needs. */
  arm() {
    this.hook.set(mode === 'waiting' ? 'waiting' : 'plain', this);
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-suite-'));
const faults = [];
const taps = new Taps({ base: folder, clone: cloneMessage, deliver: () => false, onWatch: () => {} });
const set = fromValue({
  magic: 'route-chain', version: 2, stack: 'suite', flows: '', source: '', paths: [], regexes: [],
  routers: [{ name: 'all', kind: 'tap', layer: 'suite', file: 'suite.route', line: 1 }],
  chains: [{ steps: [] }, {
    steps: [{ router: 0, op: { tap: { select: 'whole', every: 1, block: false, sink: { file: { path: 'all.ndjson', rotate: 1 << 24, keep: 1 } } } } }],
  }],
  wires: [{ from: '', port: 0, to: '', chain: 1 }],
});
taps.open(set);

const router = new Everywhere({
  red: { hooks, util: { cloneMessage }, nodes: { getNode: () => undefined } },
  taps,
  now: Date.now,
  log: (level, text) => faults.push(`${level}: ${text}`),
  call: () => undefined,
  uplink: () => undefined,
});
router.place(link(set), () => false, []);

/** Tests of hooks take all of them away, ours too. */
function again() {
  if (hooks.has('preRoute.route')) return;
  router.hook.form = 'none';
  router.arm();
}

exports.mochaHooks = { beforeEach: again };

process.on('exit', () => {
  taps.writeNow();
  const counts = router.linked.counts(0);
  fs.writeFileSync(process.env.ROUTE_SUITE_OUT, JSON.stringify({ events: router.seen, copies: taps.status().sinks[0], counts, totals: router.totals, faults: faults.slice(0, 20) }));
  fs.rmSync(folder, { recursive: true, force: true });
});
