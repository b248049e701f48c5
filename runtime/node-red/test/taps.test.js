//! Sinks: bounded, written in order, rolled over, and what becomes of copies that find no room.
'use strict';

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');
const { Sink } = require('../lib/taps/sink');
const { FileWriter } = require('../lib/taps/writers');
const { Filter, Streams } = require('../lib/taps/streams');
const { FakeRed, apply, flowsOf, setOf } = require('./fake');

let folder;
beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-taps-')); });
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A writer whose writes end when they are told to. */
class Slow {
  constructor() {
    this.texts = [];
    this.ends = [];
  }

  write(text) {
    this.texts.push(text);
    return new Promise((done, failed) => this.ends.push({ done, failed }));
  }

  async close() {}
}
const turn = () => new Promise(setImmediate);

test('a sink takes as much as it has room for, and says when it has some again', async () => {
  const writer = new Slow();
  const sink = new Sink('s', 2, writer);
  const tap = { lost: 0 };
  assert.deepEqual([sink.offer('1', tap), sink.offer('2', tap), sink.offer('3', tap)], [true, true, false]);
  let told = 0;
  sink.whenRoom(() => { told += 1; });
  await turn();
  assert.deepEqual([told, writer.texts], [1, ['1\n2\n']]);
  sink.offer('4', tap);
  assert.deepEqual(sink.status(), { sink: 's', taken: 3, waiting: 3, dropped: 1, state: '' });
  writer.ends[0].failed(new Error('disk full'));
  await turn();
  assert.deepEqual([sink.status().state, tap.lost], ['disk full', 2]);
  writer.ends[1].done();
  await turn();
  assert.deepEqual(sink.status(), { sink: 's', taken: 3, waiting: 0, dropped: 3, state: '' });
});

test('the end of a sink waits for what it has taken', async () => {
  const writer = new Slow();
  const sink = new Sink('s', 10, writer);
  sink.offer('1', { lost: 0 });
  let closed = false;
  const closing = sink.close().then(() => { closed = true; });
  await turn();
  assert.ok(!closed && !sink.offer('2', { lost: 0 }));
  writer.ends[0].done();
  await closing;
});

test('a file rolls over at its size, and keeps so many old ones', async () => {
  const file = path.join(folder, 'deep', 'a.ndjson');
  const writer = new FileWriter(file, 10, 2);
  for (const text of ['aaaa\nbbbb\ncccc\n', 'dddd\n', 'a line of more than ten bytes\n', 'e\n']) await writer.write(text);
  await writer.close();
  const read = (name) => fs.readFileSync(path.join(folder, 'deep', name), 'utf8');
  assert.deepEqual(fs.readdirSync(path.join(folder, 'deep')).sort(), ['a.ndjson', 'a.ndjson.1', 'a.ndjson.2']);
  assert.deepEqual([read('a.ndjson'), read('a.ndjson.1'), read('a.ndjson.2')], ['e\n', 'a line of more than ten bytes\n', 'cccc\ndddd\n']);
  const more = new FileWriter(file);
  more.writeNow('f\n');
  await more.close();
  assert.equal(read('a.ndjson'), 'e\nf\n');
  const none = new FileWriter(path.join(folder, 'n'), 2, 0);
  await none.write('1\n2\n');
  await none.close();
  assert.deepEqual(fs.readdirSync(folder), ['deep', 'n']);
});

test('a file that cannot be begun is tried again, and nobody else\'s is written', async () => {
  const file = path.join(folder, 'x', 'a');
  const writer = new FileWriter(file, 4, 1);
  await writer.write('one\n');
  fs.rmSync(path.dirname(file), { recursive: true });
  await assert.rejects(writer.write('two\n'), /ENOENT/);
  const other = fs.openSync(path.join(folder, 'other'), 'a');
  await assert.rejects(writer.write('three\n'), /ENOENT/);
  fs.closeSync(other);
  fs.mkdirSync(path.dirname(file));
  await writer.write('four\n');
  await writer.close();
  assert.equal(fs.readFileSync(file, 'utf8'), 'four\n');
  assert.equal(fs.readFileSync(path.join(folder, 'other'), 'utf8'), '');
});

/** A response that is full after so many lines. */
class Response extends EventEmitter {
  constructor(room) {
    super();
    this.room = room;
    this.lines = [];
  }

  write(text) {
    this.lines.push(text);
    return this.lines.length < this.room;
  }

  end() {
    this.isEnded = true;
  }
}

test('a slow subscriber loses copies of its own only', () => {
  const watched = [];
  const streams = new Streams(2, (is) => watched.push(is));
  const [slow, fast] = [new Response(1), new Response(Infinity)];
  streams.subscribe(new Filter({ from: 'a' }), undefined, slow);
  streams.subscribe(new Filter({ wires: true }), (wire, msg) => msg.n !== 2, fast);
  const wire = { from: 'a', port: 0, to: 'b' };
  for (const n of [1, 2, 3, 4]) streams.publish(null, wire, () => ({ n }), (msg) => String(msg.n));
  streams.publish(null, { ...wire, from: 'x' }, () => ({ n: 5 }), () => '5');
  streams.publish('tap', wire, () => assert.fail('nobody wants it'), () => '6');
  assert.deepEqual(fast.lines, ['1\n', '3\n', '4\n', '5\n']);
  assert.deepEqual([slow.lines, streams.dropped], [['1\n'], 1]);
  slow.room = Infinity;
  slow.emit('drain');
  assert.deepEqual(slow.lines, ['1\n', '2\n', '3\n']);
  slow.emit('close');
  streams.close();
  assert.ok(fast.isEnded);
  assert.deepEqual(watched, [true, false]);
});

test('a client that has left before its answer began is no subscriber', () => {
  const watched = [];
  const streams = new Streams(2, (is) => watched.push(is));
  streams.subscribe(new Filter({ wires: true }), undefined, Object.assign(new Response(1), { destroyed: true }));
  assert.deepEqual([streams.all.size, watched], [0, []]);
});

const tapped = (flows, sink, more = {}) => setOf(flows, { 'a b': [{ router: 'x', op: { tap: { sink, select: 'whole', every: 1, block: false, ...more } } }] }, { kinds: { x: 'tap' } });

test('a counter reads nothing of the message', async () => {
  const flows = flowsOf({ a: ['b'] });
  const red = new FakeRed(flows);
  const plugin = red.start();
  apply(plugin, tapped(flows, { counter: 'c' }, { select: { omit: [0] } }));
  red.send('a', 'b', { get payload() { throw new Error('read'); } });
  assert.deepEqual([plugin.taps.status().counters.c, red.errors, red.got.length], [1, [], 0]);
  await turn();
  assert.equal(red.got.length, 1);
  await red.end();
});

test('a copy for a node is its own; it waits while the flows are stopped, and is counted when the node is gone', async () => {
  const flows = flowsOf({ a: ['b'], c: ['d'] });
  const red = new FakeRed(flows);
  const plugin = red.start();
  plugin.taps.most = 2;
  apply(plugin, tapped(flows, { node: 'd' }));
  const msg = { payload: { n: 1 } };
  red.send('a', 'b', msg);
  msg.payload.n = 2;
  assert.deepEqual(await red.payloads('d'), [{ n: 1 }]);
  const dropped = () => plugin.stacks.status({}).routers[0].counts.dropped_copies;
  red.events.emit('flows:stopping', {});
  for (const n of [3, 4, 5]) red.send('a', 'b', { payload: n });
  await turn();
  assert.deepEqual([await red.payloads('d'), plugin.taps.toNodes, dropped(), plugin.router.parked.length], [[{ n: 1 }], 2, 1, 0]);
  red.events.emit('flows:started', {});
  assert.deepEqual([await red.payloads('d'), plugin.taps.toNodes], [[{ n: 1 }, 3, 4], 0]);
  red.live.delete('d');
  red.send('a', 'b', { payload: 6 });
  await red.payloads('d');
  assert.deepEqual([plugin.taps.toNodes, dropped(), plugin.router.totals.lost], [0, 2, 0]);
  await red.end();
});

test('what a subscriber asks for is checked', () => {
  assert.throws(() => new Filter({ from: 1 }), /filter\.from: expected text, found 1/);
  assert.throws(() => new Filter({ whence: 'a' }), /unknown field `whence`/);
});

test('a tap that blocks delays its wire until there is room', async () => {
  const flows = flowsOf({ a: ['b'] });
  const red = new FakeRed(flows);
  const plugin = red.start();
  const writer = new Slow();
  const tap = { tap: { sink: 'stdout', select: 'whole', every: 1, block: true } };
  plugin.taps.most = 1;
  plugin.taps.stdout = { write: (text, done) => writer.write(text).then(() => done(), done) };
  apply(plugin, setOf(flows, { 'a b': [{ router: 'x', op: tap }] }, { kinds: { x: 'tap' } }));
  red.send('a', 'b', { payload: 1 });
  red.send('a', 'b', { payload: 2 });
  red.send('a', 'b', { payload: 3 });
  assert.deepEqual(plugin.router.lines.holds.all().map((held) => held.why), ['sink', 'behind']);
  assert.deepEqual(await red.payloads('b'), [1, 2]);
  assert.deepEqual(plugin.router.lines.holds.all().map((held) => held.why), ['sink']);
  writer.ends[0].done();
  await turn();
  assert.deepEqual(await red.payloads('b'), [1, 2, 3]);
  while (writer.ends.length < 3) {
    writer.ends.at(-1).done();
    await turn();
  }
  writer.ends[2].done();
  assert.deepEqual(writer.texts.map((text) => JSON.parse(text).msg.payload), [1, 2, 3]);
  await red.end();
});

test('a sink that cannot be had refuses the stack, and nothing changes', async () => {
  const flows = flowsOf({ a: ['b'] });
  const red = new FakeRed(flows);
  const plugin = red.start();
  const to = (sink) => setOf(flows, { 'a b': [{ router: 'x', op: { tap: { sink, select: 'whole', every: 1, block: false } } }] }, { kinds: { x: 'tap' } });
  assert.throws(() => apply(plugin, to({ mqtt: 'a/b' })), /tap `x`: this runtime has no sink `mqtt`/);
  fs.writeFileSync(path.join(red.home, 'file'), '');
  assert.throws(() => apply(plugin, to({ file: { path: 'file/x' } })), /tap `x`: cannot open/);
  assert.throws(() => apply(plugin, to({ node: 'z' })), /router `x` sends to the node `z`, which the flow does not have/);
  assert.equal(plugin.stacks.ledger.current.number, 0);
  assert.deepEqual(red.hooks.list, []);
  await red.end();
});
