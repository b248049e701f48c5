//! Messages between runtimes, and the process beside Node-RED that has the links.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { decode, encode } = require('../lib/remote/codec');
const { Uplink } = require('../lib/remote/uplink');
const { FakeRed, apply, flowsOf, setOf } = require('./fake');

test('every value comes back as what it is', () => {
  const msg = {
    payload: [undefined, null, true, 0.1, -0, NaN, Infinity, -Infinity, 'ü', [], {}], bytes: Buffer.from([0, 255]), when: new Date(12), never: new Date(NaN),
    $: 'not a tag', deep: { $: 'undefined', v: 1 }, ...JSON.parse('{"__proto__": {"x": 1}}'),
  };
  Object.defineProperty(msg, '__proto__', { value: { x: 1 }, enumerable: true });
  const back = decode(JSON.parse(JSON.stringify(encode(msg))));
  assert.deepEqual(Object.keys(back).sort(), Object.keys(msg).sort());
  assert.ok(Object.is(back.payload[4], -0) && back.payload[0] === undefined && 0 in back.payload);
  assert.deepEqual({ ...back, never: 0 }, { ...msg, never: 0 });
  assert.ok(Number.isNaN(back.never.getTime()) && Buffer.isBuffer(back.bytes));
});

test('half a character, which no text between runtimes can have, loses no message', () => {
  const sent = JSON.stringify(encode({ ['k\ud800']: 'a\udc00b', ok: '\u{1f600}', $: '\ud83d' }));
  assert.doesNotMatch(sent, /\\ud/);
  assert.deepEqual(decode(JSON.parse(sent)), { 'k\ufffd': 'a\ufffdb', ok: '\u{1f600}', $: '\ufffd' });
});

test('live things and what is nested too deeply stay here', () => {
  class Socket {}
  assert.throws(() => encode({ res: [new Socket()] }), /`msg\.res\.0` is a live Socket of this process and cannot travel/);
  assert.throws(() => encode({ f: () => {} }), /`msg\.f` is a live function/);
  let deep = {};
  for (let at = 0; at < 200; at += 1) deep = { deep };
  assert.throws(() => encode(deep), /nested deeper than 100 levels/);
  assert.throws(() => decode([]), /must be an object/);
  assert.throws(() => decode({ a: { $: 'else' } }), /unknown tag `else`/);
});

const fleet = { me: 'here', runtimes: ['here', 'there'].map((name) => ({ name, transport: 'zenoh', address: '', durable: false, queue: 10, tags: {} })), absent: ['c'], homes: [1] };
const flows = flowsOf({ a: ['b'], c: ['b'] });
const remote = (unreachable) => ({
  ...setOf(flows, { 'a b': [{ router: 'r', op: { remote: { to: ['there'], choose: 'order', unreachable, ack: 'stored' } } }] }, { kinds: { r: 'remote' } }), fleet,
});

/** A stand-in for the compiler's process: a script that answers each line. */
function links(script) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'route-links-')), 'routec');
  fs.writeFileSync(file, `#!${process.execPath}
const say = (word) => process.stdout.write(JSON.stringify(word) + '\\n');
let n = 0;
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => { const word = JSON.parse(line); ${script} });\n`, { mode: 0o755 });
  return file;
}

const until = async (isSo) => {
  for (const end = Date.now() + 10000; !isSo();) {
    if (Date.now() > end) throw new Error('it never came');
    await new Promise(setImmediate);
  }
};

test('a message is sent, or goes on here with what it was when it was sent', async () => {
  const red = new FakeRed(flows, { routec: links('if (word.send) say(n++ ? { not_sent: { id: word.send.id, why: "away" } } : { sent: word.send.id });') });
  const plugin = red.start();
  apply(plugin, remote('pass'));
  red.send('a', 'b', { payload: 1 });
  const msg = { payload: { n: 2 } };
  red.send('a', 'b', msg);
  msg.payload.n = 3;
  await until(() => red.got.length > 0);
  assert.deepEqual(await red.payloads('b'), [{ n: 2 }]);
  assert.deepEqual([plugin.router.totals.remote, plugin.router.totals.delivered], [1, 1]);
  assert.equal(plugin.stacks.linked.counts(0).remote, 1);
  await red.end();
});

test('an error of the links comes to the node that sent it', async () => {
  const red = new FakeRed(flows, { routec: links('if (word.send) say({ not_sent: { id: word.send.id, why: "away" } });') });
  const plugin = red.start();
  apply(plugin, remote('error'));
  red.send('a', 'b', { payload: 1 });
  await until(() => red.errors.length > 0);
  assert.deepEqual(red.errors, [{ from: 'a', why: 'away', msg: { payload: 1 } }]);
  await red.end();
});

test('links that end are opened again; what is spooled is sent again', async () => {
  const red = new FakeRed(flows, { routec: links('if (word.send) { if (require("node:fs").existsSync(__dirname + "/again")) say({ sent: word.send.id }); else { require("node:fs").writeFileSync(__dirname + "/again", ""); process.exit(1); } }') });
  const plugin = red.start();
  apply(plugin, remote({ spool: { bytes: 1000 } }));
  red.send('a', 'b', { payload: 1 });
  await until(() => plugin.router.totals.remote === 1);
  assert.ok(red.logged.some(({ text }) => /ended; they are opened again in 500 ms/.test(text)));
  await red.end();
});

test('without a compiler nothing is sent, and the reason is told', async () => {
  const red = new FakeRed(flows);
  const plugin = red.start();
  apply(plugin, remote('error'));
  red.send('a', 'b', { payload: 1 });
  assert.match(red.errors[0].why, /no `routec` is at hand/);
  assert.match(plugin.stacks.status({}).uplink.there.link, /no `routec` is at hand/);
  await red.end();
});

test('what a node that lives elsewhere sends here is not delivered', async () => {
  const red = new FakeRed(flows);
  const plugin = red.start();
  apply(plugin, remote('halt'));
  red.send('c', 'b', { payload: 1 });
  assert.deepEqual(await red.payloads('b'), []);
  assert.deepEqual(await plugin.stacks.arrived('c', {}), { moved: 'there' });
  assert.deepEqual(await plugin.stacks.arrived('z', {}), { refused: 'there is no node `z`' });
  assert.deepEqual(await plugin.stacks.arrived('b', { payload: 7, _msgid: 'x' }), { took: true });
  assert.deepEqual(await red.payloads('b'), [7]);
  await red.end();
});

test('one process at a time has the links, and none when no stack wants them', async () => {
  const uplink = new Uplink({ routec: links('process.exit(1);'), state: os.tmpdir(), log() {} });
  const started = [];
  const start = uplink.start.bind(uplink);
  uplink.start = () => {
    start();
    started.push(uplink.child?.pid);
  };
  const ends = () => until(() => uplink.child === undefined && uplink.timer !== undefined);
  uplink.follow({ fleet, stack: 'one' });
  await ends();
  // A stack comes into place before the next start is due.
  uplink.follow({ fleet, stack: 'two' });
  assert.equal(uplink.timer, undefined);
  const { child } = uplink;
  uplink.start();
  assert.equal(uplink.child, child);
  await ends();
  uplink.follow({ fleet: undefined, stack: 'three' });
  assert.equal(uplink.timer, undefined);
  uplink.start();
  assert.deepEqual([uplink.child, started.length], [undefined, 4]);
  await uplink.close();
});

test('a stack stays open while a message of it waits for another runtime', async () => {
  const red = new FakeRed(flows);
  const plugin = red.start();
  let answer;
  plugin.router.uplink = () => ({ send: (outcome, from, done) => { answer = done; } });
  apply(plugin, remote('pass'));
  const { linked } = plugin.stacks;
  red.send('a', 'b', { payload: 1 });
  apply(plugin, { ...setOf(flows, {}), fleet });
  await red.payloads('b');
  assert.deepEqual([plugin.stacks.former.length, linked.retired], [1, false]);
  answer('away');
  assert.deepEqual(await red.payloads('b'), [1]);
  assert.deepEqual([plugin.stacks.former.length, linked.retired, plugin.router.totals.delivered], [0, true, 1]);
  await red.end();
});

test('a word that is none is told, and the next one heard', () => {
  const said = [];
  const uplink = new Uplink({ log: (level, text) => said.push(text) });
  uplink.hear('{');
  uplink.hear('{"peers": {}}');
  assert.match(said[0], /say what is no word/);
  assert.deepEqual(uplink.peers, {});
});
