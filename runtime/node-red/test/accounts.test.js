//! Whatever is done while messages run - stacks change, flows are deployed, messages are held, let go and dropped - each message is
//! delivered once, stopped once, or accounted for; and a wire without breakpoints keeps its order.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { FakeRed, above, apply, flowsOf, setOf } = require('./fake');

const flows = flowsOf({ a: ['b', 'c'], b: ['d'] });
const ops = {
  halt: { halt: { as_error: false } },
  error: { halt: { as_error: true } },
  set: { set: [{ assign: [1, { lit: 1 }] }] },
  redirect: { redirect: { to: 'd' } },
  break: { break: { hits: 1, max: 5, for_ms: 50, then_pass: true } },
  drop: { break: { hits: 2, max: 3, for_ms: 20, then_pass: false } },
  limit: { limit: { rate: { count: 1, per_ms: 10, burst: 2 }, over: { hold: { max: 6 } }, max_keys: 10 } },
  per: { limit: { rate: { count: 1, per_ms: 10, burst: 1 }, per: { path: 0 }, over: { hold: { max: 6 } }, max_keys: 10 } },
  tap: { tap: { sink: { counter: 'c' }, select: 'whole', every: 1, block: false } },
};
const ORDERED = ['halt', 'error', 'set', 'limit', 'tap'];

/** Mulberry32. */
const dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

function randomSet(roll, kinds) {
  const steps = () => Array.from({ length: Math.floor(roll() * 4) }, (_, at) => {
    const kind = kinds[Math.floor(roll() * kinds.length)];
    return { router: `${kind}${at}`, ...(roll() < 0.6 ? { when: above(Math.floor(roll() * 100)) } : {}), op: ops[kind], kind };
  });
  const wires = Object.fromEntries(['a b', 'a c', 'b d'].map((wire) => [wire, steps()]).filter(([, all]) => all.length > 0));
  const names = Object.fromEntries(Object.values(wires).flat().map(({ router, kind }) => [router, kind === 'drop' ? 'break' : kind === 'error' ? 'halt' : kind === 'per' ? 'limit' : kind]));
  const plain = Object.fromEntries(Object.entries(wires).map(([wire, all]) => [wire, all.map(({ kind, ...step }) => step)]));
  return setOf(flows, plain, { paths: [['payload'], ['mark']], kinds: names });
}

function checkSums(plugin) {
  let holds = 0;
  for (const lane of plugin.router.lanes.values()) {
    const { holds: held, line } = lane;
    const { sent, delivered, stopped, remote, refused } = lane.counts();
    assert.equal(lane.open, held);
    assert.equal(sent, delivered + stopped + remote + refused + held);
    assert.equal(new Set(line).size, line.length);
    holds += held;
  }
  assert.equal(holds, plugin.router.lines.holds.size);
  plugin.stacks.linked.set.routers.forEach((router, at) => {
    const { seen, passed, stopped, remote, holds: held } = plugin.stacks.linked.counts(at);
    assert.equal(seen, passed + stopped + remote + held, `${router.kind} ${router.name}`);
  });
}

async function play(t, seed, kinds, lines) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const roll = dice(seed);
  const red = new FakeRed(flows);
  const plugin = red.start();
  let n = 0;
  for (let turn = 0; turn < 120; turn += 1) {
    const at = roll();
    if (at < 0.6) {
      for (let burst = Math.floor(roll() * 4); burst >= 0; burst -= 1) red.send('a', ['b', 'c'], { payload: n++ });
    } else if (at < 0.7) apply(plugin, randomSet(roll, kinds));
    else if (at < 0.74) red.deploy(red.flows.map((node) => ({ ...node, x: turn })), roll() < 0.5 ? 'full' : 'nodes');
    else if (at < 0.85) t.mock.timers.tick(Math.floor(roll() * 30));
    else if (!lines) {
      const held = plugin.router.lines.holds.all();
      const one = held[Math.floor(roll() * held.length)];
      if (one) plugin.router.lines.release(one.id, ['resume', 'drop', 'step'][Math.floor(roll() * 3)]);
    } else await red.payloads('b');
    if (roll() < 0.3) await red.payloads('b');
    checkSums(plugin);
  }
  for (let turn = 0; turn < 50; turn += 1) {
    t.mock.timers.tick(1000);
    await red.payloads('b');
  }
  checkSums(plugin);
  const { totals } = plugin.router;
  const kept = plugin.router.lines.holds.size;
  await plugin.close();
  await red.payloads('b');
  const sentOnRouted = totals.sent;
  assert.equal(sentOnRouted, totals.delivered + totals.stopped + totals.refused, `seed ${seed}, ${kept} were held at the end`);
  assert.equal(totals.lost, 0);
  const got = ['b', 'c', 'd'].map((id) => red.got.filter((one) => one.to === id).map((one) => one.msg.payload));
  for (const payloads of got.slice(0, 2)) {
    if (!lines) assert.equal(new Set(payloads).size, payloads.length, `seed ${seed}: one came twice`);
    else assert.deepEqual(payloads, [...payloads].sort((x, y) => x - y), `seed ${seed}: one was overtaken`);
  }
  // What passed no router was delivered by Node-RED itself.
  const all = got.flat().length;
  assert.equal(all, 2 * n - totals.stopped - totals.refused, `seed ${seed}`);
  await red.end();
  t.mock.timers.reset();
}

test('no message is lost or doubled', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  for (let seed = 1; seed <= 60; seed += 1) await play(t, seed, Object.keys(ops), false);
});

test('wires without breakpoints keep their order', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  for (let seed = 1; seed <= 60; seed += 1) await play(t, seed, ORDERED, true);
});
