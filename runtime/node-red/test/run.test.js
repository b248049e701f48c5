//! Messages on their way through routers: held, passed, stopped, over swaps and deploys.
'use strict';

const assert = require('node:assert/strict');
const { afterEach, beforeEach, test } = require('node:test');
const { FakeRed, above, apply, flowsOf, setOf } = require('./fake');

const flows = flowsOf({ a: ['b', 'c'], b: ['d'] });
const hold = (more = {}) => ({ break: { hits: 1, max: 10, for_ms: 60000, then_pass: true, ...more } });
const broken = (more, when) => setOf(flows, { 'a b': [{ router: 'stop here', ...(when ? { when } : {}), op: hold(more) }] }, { kinds: { 'stop here': 'break' } });

let red;
let plugin;
const held = () => plugin.router.lines.holds.all().map((one) => one.view());
const counts = (at = 0) => plugin.stacks.linked.counts(at);

beforeEach(() => {
  red = new FakeRed(flows);
  plugin = red.start();
});
afterEach(() => red.end());

test('no stack, no hook; a stack that cannot hold has the cheaper one', async () => {
  assert.deepEqual(red.hooks.list, []);
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', when: above(1), op: { halt: { as_error: false } } }] }));
  assert.deepEqual(red.hooks.list.map(({ id, call }) => [id, call.length]), [['preRoute.route', 1]]);
  red.send('a', ['b', 'c'], { payload: 1 });
  red.send('a', ['b', 'c'], { payload: 2 });
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual(await red.payloads('c'), [1, 2]);
  plugin.stacks.rollback({ by: 'anna' });
  assert.deepEqual(red.hooks.list, []);
});

test('hooks of others stay alone', async () => {
  const seen = [];
  red.hooks.add('preRoute.other', (event) => { seen.push(event.msg.payload); });
  apply(plugin, broken());
  red.send('a', 'b', { payload: 1 });
  plugin.router.lines.release(1, 'resume');
  assert.deepEqual(await red.payloads('b'), [1]);
  plugin.stacks.rollback({ by: 'anna' });
  assert.deepEqual(red.hooks.list.map(({ id }) => id), ['preRoute.other']);
  assert.deepEqual(seen, [1]);
});

test('an error has its message, so that catch nodes see both', () => {
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', op: { halt: { as_error: true, reason: 'no' } } }] }));
  const msg = { payload: 1 };
  red.send('a', 'b', msg);
  assert.deepEqual(red.errors, [{ from: 'a', why: 'no', msg }]);
});

test('a set is seen behind its wire alone', async () => {
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', op: { set: [{ assign: [0, { lit: 'changed' }] }] } }] }, { paths: [['payload', 'in']], kinds: { x: 'set' } }));
  const msg = { payload: { in: 'old' } };
  red.send('a', ['b', 'c'], msg);
  assert.deepEqual(await red.payloads('b'), [{ in: 'changed' }]);
  assert.deepEqual(await red.payloads('c'), [{ in: 'old' }]);
  assert.deepEqual(msg, { payload: { in: 'old' } });
});

test('a held message sees no later change, and its Buffers neither', async () => {
  apply(plugin, broken());
  const msg = { payload: { list: [1], bytes: Buffer.from('abc') } };
  red.send('a', 'b', msg);
  msg.payload.list.push(2);
  msg.payload.bytes[0] = 0;
  assert.deepEqual(held()[0].msg.payload.list, [1]);
  plugin.router.lines.release(1, 'resume');
  const [payload] = await red.payloads('b');
  assert.deepEqual([payload.list, payload.bytes.toString()], [[1], 'abc']);
});

test('a held message is shown, changed, stepped, let go and dropped', async () => {
  const set = { set: [{ assign: [0, { arith: ['add', { path: 0 }, { lit: 10 }] }] }] };
  const steps = [{ router: 'stop here', op: hold() }, { router: 'one', op: set }, { router: 'two', op: set }];
  apply(plugin, setOf(flows, { 'a b': steps }, { kinds: { 'stop here': 'break', one: 'set', two: 'set' } }));
  for (const payload of [1, 2, 3]) red.send('a', 'b', { payload, when: new Date(0) });
  assert.deepEqual(held().map(({ id, why, from, to, ahead }) => [id, why, from, to, ahead]), [1, 2, 3].map((id) => [id, 'break', 'a', 'b', ['set one', 'set two']]));
  plugin.router.lines.edit(1, { ...held()[0].msg, payload: 7 });
  assert.equal(plugin.router.lines.release(1, 'step'), 'done');
  assert.deepEqual(held().map(({ id, why, ahead }) => [id, why, ahead]), [[1, 'step', ['set two']], [2, 'break', ['set one', 'set two']], [3, 'break', ['set one', 'set two']]]);
  assert.equal(plugin.router.lines.release(2, 'drop'), 'done');
  assert.equal(plugin.router.lines.release(1, 'resume'), 'done');
  assert.equal(plugin.router.lines.release(3, 'step'), 'done');
  assert.equal(plugin.router.lines.release(3, 'step'), 'done');
  assert.equal(plugin.router.lines.release(3, 'step'), 'none');
  assert.deepEqual(await red.payloads('b'), [27, 23]);
  assert.ok(red.got[0].msg.when instanceof Date);
  assert.deepEqual([counts().seen, counts().passed, counts().stopped, counts().holds], [3, 2, 1, 0]);
});

test('what is held too long, or one too many, goes the way that the breakpoint says', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  apply(plugin, broken({ max: 1, for_ms: 1000, then_pass: false }));
  red.send('a', 'b', { payload: 1 });
  red.send('a', 'b', { payload: 2 });
  assert.equal(held().length, 1);
  t.mock.timers.tick(1000);
  assert.equal(held().length, 0);
  assert.deepEqual(await red.payloads('b'), []);
  assert.equal(counts().stopped, 2);
});

test('a stack is closed when the last message that it held has gone by itself', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  apply(plugin, broken({ for_ms: 1000 }));
  const { linked } = plugin.stacks;
  red.send('a', 'b', { payload: 1 });
  apply(plugin, broken({ for_ms: 5000 }));
  await red.payloads('b');
  assert.equal(linked.retired, false);
  t.mock.timers.tick(1000);
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual([linked.retired, plugin.stacks.former], [true, []]);
});

test('a source of many wires finds the chain of each, and the largest number of an output costs nothing', async () => {
  const many = Array.from({ length: 20 }, (_, at) => `n${at}`);
  const wide = flowsOf({ a: many });
  const other = new FakeRed(wide);
  const set = setOf(wide, Object.fromEntries(many.map((id, at) => [`a ${id}`, [{ router: `r${at}`, when: above(at), op: { halt: { as_error: false } } }]])));
  set.wires.push({ from: 'a', port: 2 ** 32 - 1, to: 'n0', chain: 1 });
  const wideOpen = other.start();
  apply(wideOpen, set);
  other.send('a', many, { payload: 10 });
  await other.payloads('n0');
  assert.deepEqual(other.got.map(({ to }) => to), many.slice(10));
  assert.deepEqual(wideOpen.stacks.status({ wires: true }).wires.map(({ to, port, stopped }) => [to, port, stopped]),
    [...many.map((to, at) => [to, 0, at < 10 ? 1 : 0]), ['n0', 2 ** 32 - 1, 0]]);
  await other.end();
});

test('the editor is shown the oldest held messages, also those that were put back', () => {
  apply(plugin, broken({ max: 100 }));
  for (let n = 0; n < 9; n += 1) red.send('a', 'b', { payload: n });
  const { holds } = plugin.router.lines;
  for (const id of [2, 1]) holds.put(holds.take(id));
  assert.deepEqual([holds.first(4), holds.first(99)].map((list) => list.map(({ id }) => id)), [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});

test('a limit without `per` delays its whole wire, in order', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const limit = { rate: { count: 1, per_ms: 1000, burst: 1 }, over: { hold: { max: 10 } }, max_keys: 10 };
  apply(plugin, setOf(flows, { 'a b': [{ router: 'slow', when: above(1), op: { limit } }] }, { kinds: { slow: 'limit' } }));
  for (const payload of [2, 3, 1, 4]) red.send('a', 'b', { payload });
  assert.deepEqual(await red.payloads('b'), [2]);
  assert.deepEqual(held().map(({ why }) => why), ['limit', 'behind', 'limit']);
  assert.equal(plugin.router.lines.release(1, 'resume'), 'done');
  assert.deepEqual(await red.payloads('b'), [2, 3, 1]);
  t.mock.timers.tick(5000);
  assert.deepEqual(await red.payloads('b'), [2, 3, 1, 4]);
});

test('a stack without the breakpoint lets go what it held, and the hook goes with the last', async () => {
  apply(plugin, broken());
  red.send('a', 'b', { payload: 1 });
  const done = apply(plugin, setOf(flows, {}));
  assert.equal(done.released, 1);
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual(red.hooks.list, []);
});

test('after a full deploy a held message comes to its node in the new flow', async () => {
  apply(plugin, broken());
  red.send('a', 'b', { payload: 1 });
  red.send('a', 'b', { payload: 2 });
  red.deploy(flows.map((node) => ({ ...node, x: 5 })));
  plugin.router.lines.release(1, 'resume');
  assert.deepEqual(await red.payloads('b'), [1]);
  red.deploy(flowsOf({ a: ['c'] }));
  plugin.router.lines.release(2, 'resume');
  await red.payloads('b');
  assert.equal(plugin.router.totals.lost, 1);
  assert.ok(red.logged.some(({ text }) => /held for `b` is lost: the deployed flows have no node `b`/.test(text)));
});

test('while the flows are stopped, what is let go waits for them', async () => {
  apply(plugin, broken());
  red.send('a', 'b', { payload: 1 });
  red.events.emit('flows:stopping', {});
  plugin.router.lines.release(1, 'resume');
  assert.deepEqual(await red.payloads('b'), []);
  assert.equal(plugin.stacks.status({}).parked, 1);
  red.events.emit('flows:started', {});
  assert.deepEqual(await red.payloads('b'), [1]);
});

test('a redirect to a node that is gone is an error, not a loss', async () => {
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', op: { redirect: { to: 'd' } } }] }, { kinds: { x: 'redirect' } }));
  red.send('a', 'b', { payload: 1 });
  assert.deepEqual(await red.payloads('d'), [1]);
  red.live.delete('d');
  red.send('a', 'b', { payload: 2 });
  assert.equal(red.errors[0].why, 'there is no node `d`');
  assert.equal(plugin.router.totals.refused, 1);
});

test('a message that cannot be read is an error of its sender, and no other message feels it', async () => {
  const bad = () => Object.defineProperty({}, 'payload', { enumerable: true, get() { throw new Error('boom'); } });
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', when: above(1), op: { halt: { as_error: false } } }] }));
  red.send('a', 'b', bad());
  red.send('a', 'b', { payload: 1 });
  assert.deepEqual(await red.payloads('b'), [1]);
  apply(plugin, broken());
  red.send('a', 'b', bad());
  assert.deepEqual(red.errors.map(({ why }) => why), ['a router failed: boom', 'a router failed: boom']);
  red.send('a', 'b', { payload: 2 });
  Object.defineProperty(plugin.router.lines.holds.get(held()[0].id).msg, 'payload', { get() { throw new Error('later'); } });
  plugin.router.lines.release(held()[0].id, 'resume');
  assert.equal(plugin.router.totals.refused, 2);
});

test('the end leaves nothing: held messages go their way, no hook, no listener', async () => {
  apply(plugin, broken());
  red.send('a', 'b', { payload: 1 });
  await plugin.close();
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual(red.hooks.list, []);
  assert.deepEqual(red.events.eventNames(), []);
});
