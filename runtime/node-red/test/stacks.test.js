//! Stacks: their ledger, their state folder, their layers, their modules, and how they fit other flows.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');
const { fromValue } = require('../lib/format');
const { Plugin } = require('../lib/plugin');
const { withoutLayer } = require('../lib/stack/layer');
const { FakeRed, above, apply, flowsOf, setOf } = require('./fake');

const flows = flowsOf({ a: ['b'], b: ['c'] });
const halt = { halt: { as_error: false } };
const small = (n) => setOf(flows, { 'a b': [{ router: 'small', when: above(n), op: halt }] });

let red;
let plugin;
beforeEach(() => {
  red = new FakeRed(flows);
  plugin = red.start();
});
afterEach(() => red.end());
const refusal = (status, text) => (error) => error.status === status && text.test(error.message);

test('who is slower is told who was faster', () => {
  const { tag } = plugin.stacks.ledger;
  apply(plugin, small(1), { expected: tag });
  assert.throws(() => apply(plugin, small(2), { expected: tag }), (error) => error.status === 412 && error.more.by === 'anna' && error.more.number === 1);
});

test('rollback goes back step by step, and to a number', () => {
  assert.throws(() => plugin.stacks.rollback({}), refusal(409, /no earlier stack/));
  for (const n of [1, 2, 3]) apply(plugin, small(n));
  plugin.stacks.rollback({ by: 'bob' });
  plugin.stacks.rollback({ by: 'bob' });
  assert.equal(plugin.stacks.ledger.current.why, 'rolled back to 1');
  assert.throws(() => plugin.stacks.rollback({ to: 5 }), refusal(409, /number 5 is in force already/));
  assert.throws(() => plugin.stacks.rollback({ to: 50 }), refusal(404, /there is no stack 50 to return to; there are 0, 1, 2, 3, 4/));
  for (let n = 0; n < 20; n += 1) apply(plugin, small(n));
  assert.equal(plugin.stacks.ledger.list().length, 11);
  assert.equal(fs.readdirSync(path.join(red.home, 'route')).length, 12);
});

test('routers go on with what they counted', async () => {
  apply(plugin, small(1));
  red.send('a', 'b', { payload: 5 });
  const { kept_state: kept } = apply(plugin, small(2));
  assert.equal(kept, 1);
  assert.equal(plugin.stacks.linked.counts(0).stopped, 1);
});

test('a restart goes on where it ended; what is damaged is told', async () => {
  apply(plugin, small(1));
  await plugin.close();
  const next = new FakeRed(flows);
  next.settings.userDir = red.home;
  const again = next.start();
  assert.equal(again.stacks.ledger.current.number, 1);
  next.send('a', 'b', { payload: 5 });
  assert.deepEqual(await next.payloads('b'), []);
  await again.close();
  fs.writeFileSync(path.join(red.home, 'route', 'stack-1.json'), '{"set": ');
  const third = new FakeRed(flows);
  third.settings.userDir = red.home;
  const empty = third.start();
  assert.equal(empty.stacks.ledger.current.number, 0);
  assert.match(third.logged[0].text, /cannot read stack 1/);
  const opened = (red) => red.logged.find(({ text }) => /node-red-route/.test(text)).text.replace(/^.*?: /, '');
  assert.match(opened(third), /^the stack of the run before is lost/);
  assert.equal(opened(next), 'stack `s`, number 1');
  assert.match(empty.stacks.status({}).stale.why, /the stack of the run before is lost, apply it again: cannot read stack 1/);
  // A number that was there before has the text of now.
  apply(empty, small(9));
  assert.equal(empty.stacks.status({}).stale, null);
  assert.equal(JSON.parse(fs.readFileSync(path.join(red.home, 'route', 'stack-1.json'), 'utf8')).set.chains[1].steps[0].when.cmp[2].lit, 9);
  await empty.close();
});

test('what cannot be put in place at the start is told, and tried again with the next flows', async () => {
  plugin.stacks.modules.given = { here: { send: (source, dest, msg, next) => next() } };
  apply(plugin, setOf(flows, { 'a b': [{ router: 'c', op: { call: { plugin: 'here', options: null, on_fault: 'pass' } } }] }, { kinds: { c: 'call' } }));
  await plugin.close();
  const next = new FakeRed(flows);
  next.settings.userDir = red.home;
  const again = next.start();
  assert.match(again.stacks.status({}).stale.why, /no router module is called `here`/);
  assert.deepEqual([again.stacks.ledger.current.number, next.hooks.list], [1, []]);
  again.stacks.modules.given = plugin.stacks.modules.given;
  next.deploy(flows);
  assert.equal(again.stacks.status({}).stale, null);
  assert.equal(next.hooks.list.length, 1);
  await again.close();
});

test('a stack for other flows is refused', () => {
  assert.throws(() => apply(plugin, { ...small(1), flows: 'x' }), refusal(409, /compiled against flows `x`/));
});

test('before the flows are known nothing is put in place', async () => {
  const early = new FakeRed([]);
  early.plugin = new Plugin(early);
  early.plugin.open();
  assert.throws(() => apply(early.plugin, small(1)), refusal(503, /not loaded its flows/));
  assert.equal(early.plugin.stacks.status({}).flows, null);
  await early.end();
});

test('after a deploy, wires whose ends are as they were run on', async () => {
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', when: above(1), op: halt }], 'b c': [{ router: 'y', when: above(1), op: halt }] }));
  red.deploy(flows.map((node) => (node.id === 'c' ? { ...node, name: 'other' } : node)));
  assert.deepEqual(plugin.stacks.staleness.valid_wires, 1);
  red.send('a', 'b', { payload: 2 });
  red.send('b', 'c', { payload: 2 });
  assert.deepEqual([await red.payloads('b'), await red.payloads('c')], [[], [2]]);
  red.deploy(flows);
  assert.equal(plugin.stacks.staleness, undefined);
});

test('what the compiler says after a deploy: a stack, a finding, or nonsense', async () => {
  const file = path.join(red.home, 'routec');
  const says = (text, status) => fs.writeFileSync(file, `#!${process.execPath}\nprocess.${status ? 'stderr' : 'stdout'}.write(${JSON.stringify(text)}); process.exitCode = ${status};`, { mode: 0o755 });
  const next = new FakeRed(flows, { routec: file });
  const again = next.start();
  const sources = { root: '/s.route', files: { '/s.route': '' }, params: [], overlays: [] };
  apply(again, small(1), { sources });
  const settles = async (isSo) => {
    for (const end = Date.now() + 20000; !isSo(again.stacks.status({}));) {
      if (Date.now() > end) throw new Error(`it stays ${JSON.stringify(again.stacks.status({}).stale)}`);
      await new Promise(setImmediate);
    }
  };
  const changed = (name) => flows.map((node) => (node.id === 'b' ? { ...node, name } : node));
  says('s.route:1:1: error[R1001]: no node is named `B`\n', 1);
  next.deploy(changed('one'));
  await settles(({ stale }) => /no node is named `B`/.test(stale?.why));
  says(JSON.stringify({ ...small(2), flows: 'x' }), 0);
  next.deploy(changed('two'));
  await settles(({ stale }) => /is it of another version/.test(stale?.why));
  says('{', 0);
  next.deploy(changed('three'));
  await settles(({ stale }) => /the chain file is damaged/.test(stale?.why));
  says(JSON.stringify(setOf(changed('four'), { 'a b': [{ router: 'small', when: above(2), op: halt }] })), 0);
  next.deploy(changed('four'));
  await settles(({ stale }) => stale === null);
  assert.match(again.stacks.ledger.current.why, /applied `s`; compiled again for revision rev-/);
  assert.equal(again.stacks.ledger.list().length, 2);
  await next.end();
});

test('one compiler runs at a time, and what was deployed meanwhile is looked at after it', async () => {
  const file = path.join(red.home, 'routec');
  const marks = path.join(red.home, 'marks');
  // Says when it begins and ends; ends when it is told to.
  fs.writeFileSync(file, `#!${process.execPath}
const fs = require('node:fs');
const mark = (text) => fs.appendFileSync(${JSON.stringify(marks)}, text + '\\n');
mark('begins');
const timer = setInterval(() => {
  if (!fs.existsSync(${JSON.stringify(marks)} + '.go')) return;
  clearInterval(timer);
  mark('ends');
  process.stderr.write('no');
  process.exitCode = 1;
}, 5);
`, { mode: 0o755 });
  const next = new FakeRed(flows, { routec: file });
  const again = next.start();
  apply(again, small(1), { sources: { root: '/s.route', files: { '/s.route': '' }, params: [], overlays: [] } });
  const named = (name) => flows.map((node) => (node.id === 'b' ? { ...node, name } : node));
  const reaches = async (isSo) => {
    for (const end = Date.now() + 20000; !isSo();) {
      if (Date.now() > end) throw new Error(`it never came: ${fs.readFileSync(marks, 'utf8')}`);
      await new Promise(setImmediate);
    }
  };
  next.deploy(named('one'));
  await reaches(() => fs.existsSync(marks));
  next.deploy(named('two'));
  next.deploy(named('three'));
  fs.writeFileSync(`${marks}.go`, '');
  await reaches(() => again.stacks.status({}).stale?.why === 'no');
  assert.equal(fs.readFileSync(marks, 'utf8'), 'begins\nends\nbegins\nends\n');
  await next.end();
});

test('an overlay that cannot be taken away is tried again after a while', (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const set = setOf(flows, { 'a b': [{ router: 'night', op: halt }] }, { layers: { night: 'night' } });
  apply(plugin, set, { sources: { root: 's.route', files: {}, params: [], overlays: [{ name: 'night', owner: 'bob', for_ms: 1000 }] } });
  plugin.stacks.replace = () => { throw new Error('no room'); };
  const told = () => red.logged.filter(({ text }) => /an overlay stays: no room/.test(text)).length;
  t.mock.timers.tick(1000);
  t.mock.timers.tick(59000);
  assert.equal(told(), 1);
  t.mock.timers.tick(1000);
  assert.equal(told(), 2);
  delete plugin.stacks.replace;
  t.mock.timers.tick(60000);
  assert.deepEqual(plugin.stacks.ledger.current.sources.overlays, []);
});

test('an overlay ends by itself, and there is no way back to it', async (t) => {
  if (!t.mock.timers) return t.skip('Node.js has no mock timers');
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const both = setOf(flows, { 'a b': [{ router: 'x', when: above(1), op: halt }, { router: 'night', op: halt }] }, { layers: { night: 'night' } });
  const sources = { root: 's.route', files: {}, params: [], overlays: [{ name: 'night', owner: 'bob', for_ms: 1000 }] };
  apply(plugin, both, { sources });
  assert.equal(plugin.stacks.status({}).stack.overlays[0].until_ms, 1000);
  red.send('a', 'b', { payload: 1 });
  t.mock.timers.tick(1000);
  red.send('a', 'b', { payload: 2 });
  red.send('a', 'b', { payload: 1 });
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual(plugin.stacks.status({}).stack.overlays, []);
  assert.equal(plugin.stacks.ledger.list().length, 2);
  assert.throws(() => plugin.stacks.removeOverlay({ name: 'night' }), refusal(404, /no overlay is called `night`; there is none/));
});

test('overlays that cannot be told apart are refused', () => {
  const sources = { root: '', files: {}, params: [], overlays: [{ name: 'a' }, { name: 'a' }] };
  assert.throws(() => apply(plugin, small(1), { sources }), refusal(422, /two overlays are called `a`/));
  assert.throws(() => apply(plugin, small(1), { sources: { extra: 1 } }), refusal(422, /unknown field `extra`/));
});

test('a layer is taken out with its steps, and tables go on to say which steps can act', () => {
  const steps = ['x', 'y', 'z', 'z2'].map((value, router) => ({ router: `r${router}`, when: { cmp: ['eq', { path: 0 }, { lit: value }] }, op: halt }));
  const set = setOf(flows, { 'a b': steps, 'b c': [steps[1]] }, { layers: { r1: 'debug', r3: 'debug' } });
  set.chains[1].tables = [{ from: 0, to: 4, path: 0, equal: [['x', [0]], ['y', [1]], ['z', [2, 3]]], prefix: [], other: [] }];
  const less = fromValue(withoutLayer(set, 'debug'));
  assert.deepEqual(less.routers.map((router) => router.name), ['r0', 'r2']);
  assert.deepEqual(less.chains[1].tables, [{ from: 0, to: 2, path: 0, equal: [['x', [0]], ['y', []], ['z', [1]]], prefix: [], other: [] }]);
  assert.deepEqual(less.wires, [{ from: 'a', port: 0, to: 'b', chain: 1 }]);
});

test('modules: made for each router, opened, closed, and their faults told', async () => {
  const log = [];
  class Count {
    open(runtime) { this.name = runtime.router; log.push(`open ${this.name}`); }

    send(source, dest, msg, next, stop) {
      if (msg.payload === 1) next();
      else if (msg.payload === 2) stop('two');
      else if (msg.payload === 3) throw new Error('three');
      else msg.payload = 'late';
    }

    close() { log.push(`close ${this.name}`); }
  }
  plugin.stacks.modules.given = { count: Count, bad: { send: 1 }, no: { open() { throw new Error('will not'); }, send() {} } };
  const call = (name, fault) => setOf(flows, { 'a b': [{ router: 'c', op: { call: { plugin: name, options: {}, on_fault: fault } } }] }, { kinds: { c: 'call' } });
  assert.throws(() => apply(plugin, call('bad', 'pass')), refusal(422, /has no function `send`/));
  assert.throws(() => apply(plugin, call('no', 'pass')), refusal(422, /call `c`: will not/));
  apply(plugin, call('count', 'pass'));
  for (const payload of [1, 2, 3, 4]) red.send('a', 'b', { payload });
  assert.deepEqual(await red.payloads('b'), [1, 3, 4]);
  apply(plugin, call('count', 'error'));
  red.send('a', 'b', { payload: 3 });
  assert.match(red.errors[0].why, /three/);
  assert.deepEqual(log, ['open c', 'open c', 'close c']);
});
