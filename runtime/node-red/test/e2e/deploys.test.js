//! Deploys and restarts of Node-RED under a stack.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, test } = require('node:test');
const { NodeRed, skip } = require('./nodered');
const { fn, plain, source, tab, teller } = require('./flows');
const { routec } = require('../tools');

const STACK = 'stack s\n\nfilter small on "Source" -> "A" {\n  keep when msg.payload < 10\n}\n\nset mark on "Source" -> "B" {\n  msg.mark = 1\n}\n';

let nr;
const start = async (options) => {
  nr = await NodeRed.start(options);
};
afterEach(async () => {
  await nr?.remove();
  nr = undefined;
});
const send = async (...msgs) => assert.equal((await nr.ask('POST', '/send', msgs)).status, 204);
const last = (at, payload) => nr.tells((what) => what.at === at && what.msg.payload === payload);
const payloads = (at) => nr.told.filter((what) => what.at === at).map((what) => what.msg.payload);

test('a restart of Node-RED finds the stack, its history and its overlays again', { skip }, async () => {
  await start({ flows: plain() });
  await nr.apply(STACK);
  await nr.apply(STACK.replace('< 10', '< 5'));
  await nr.stop();
  assert.deepEqual(fs.readdirSync(path.join(nr.home, 'route')).sort(), ['ledger.json', 'stack-0.json', 'stack-1.json', 'stack-2.json']);
  await start({ userDir: nr.home });
  await send({ payload: 7 }, { payload: 1 });
  await last('a', 1);
  assert.deepEqual(payloads('a'), [1]);
  assert.match((await nr.routec(['rollback'])).stdout, /rolled back to `s`/);
  await send({ payload: 7 });
  await last('a', 7);
});

test('the first message of a deploy meets the stack already', { skip }, async () => {
  const first = (more) => [...plain(), { id: 'once', type: 'inject', name: 'Source 2', props: [{ p: 'payload' }], repeat: '', crontab: '', once: true, onceDelay: 0, topic: '', payload: String(more), payloadType: 'num', z: 't', x: 1, y: 1, wires: [['a']] }];
  await start({ flows: first(99) });
  await last('a', 99);
  await nr.apply('stack s\n\nhalt all on "Source 2" -> "A"\n');
  await nr.deploy(plain().concat(first(99).slice(-1)));
  await nr.statusWhere((status) => nr.router(status, 'all').stopped === 1, 'that the message was stopped');
  assert.deepEqual(payloads('a'), [99]);
  await nr.stop();
  await start({ userDir: nr.home });
  await nr.statusWhere((status) => nr.router(status, 'all').stopped === 1, 'that the message was stopped');
  assert.deepEqual(payloads('a'), []);
});

test('a deploy that changes the graph: what is valid runs on, and the status says so', { skip }, async () => {
  await start({ flows: plain(), settings: '{ route: { routec: false } }' });
  await nr.apply(STACK);
  const changed = plain().map((node) => (node.id === 'b' ? { ...node, name: 'Renamed' } : node));
  await nr.deploy(changed, 'nodes');
  const status = await nr.status();
  assert.deepEqual([status.stale.valid_wires, status.stale.wires], [1, 2]);
  assert.match((await nr.routec(['status'])).stdout, /stale: the flows have changed since; 1 of 2 wires run on/);
  await nr.until((text) => text.includes('1 of its 2 wires are as they were and run on; it could not be compiled again'), 'the warning');
  await send({ payload: 20 }, { payload: 1 });
  await last('a', 1);
  await last('b', 1);
  assert.deepEqual(payloads('a'), [1]);
  assert.deepEqual(nr.told.filter((what) => what.at === 'b').map((what) => what.msg.mark), [undefined, undefined]);
  await nr.deploy(plain(), 'flows');
  assert.equal((await nr.status()).stale, null);
  await send({ payload: 3 });
  const [told] = await last('b', 3);
  assert.equal(told.msg.mark, 1);
});

test('with routec at hand the stack is compiled again', { skip }, async () => {
  await start({ flows: plain(), settings: `{ route: { routec: ${JSON.stringify(routec())} } }` });
  await nr.apply(STACK);
  const more = [...plain(), ...source('v', [['a2']]).slice(1, 2).map((node) => ({ ...node, id: 'src2', name: 'Source 3' })), tab('v', 'New')];
  await nr.deploy(more);
  const status = await nr.statusWhere(({ stale, stack }) => stale === null && stack.number === 2, 'that it was compiled again');
  assert.match(status.stack.why, /compiled again for revision [0-9a-f]{8} of the flows/);
  const refused = plain().filter((node) => node.id !== 'a').map((node) => (node.id === 'src' ? { ...node, wires: [['b']] } : node));
  await nr.deploy(refused);
  const { stale } = await nr.statusWhere((now) => /no node is named `A`/.test(now.stale?.why), 'why it cannot be compiled');
  assert.deepEqual([stale.valid_wires, stale.wires], [1, 2]);
  await send({ payload: 4 });
  const [told] = await last('b', 4);
  assert.equal(told.msg.mark, 1);
});

test('a stack for another revision is refused, and its plan is stale', { skip }, async () => {
  await start({ flows: plain() });
  const file = path.join(nr.home, 'stack.route');
  fs.writeFileSync(file, STACK);
  assert.equal((await nr.routec(['plan', file, '--out', 'plan.json'])).status, 0);
  await nr.deploy(plain().map((node) => (node.id === 'c' ? { ...node, name: 'Other' } : node)));
  const done = await nr.routec(['apply', 'plan.json']);
  assert.equal(done.status, 2);
  assert.match(done.stderr, /the saved plan is stale: the stack was compiled against flows/);
});

test('held messages outlive deploys: of one node, of all', { skip }, async () => {
  await start({ flows: plain() });
  await nr.apply('stack s\n\nbreak here on "Source" -> "A" {\n  hold at most 10 for 10m then pass\n}\n');
  await send({ payload: 1 }, { payload: 2 }, { payload: 3 });
  await last('b', 3);
  const edited = (text) => plain().map((node) => (node.id === 'a' ? { ...node, func: `${node.func} // ${text}` } : node));
  await nr.deploy(edited('x'), 'nodes');
  await nr.routec(['debug', 'resume', '1']);
  await last('a', 1);
  await nr.deploy(edited('y'), 'full');
  await nr.routec(['debug', 'resume', '2']);
  await last('a', 2);
  await nr.ask('POST', '/flows/state', { state: 'stop' });
  await nr.routec(['debug', 'resume', '3']);
  assert.equal((await nr.status()).parked, 1);
  await nr.ask('POST', '/flows/state', { state: 'start' });
  await last('a', 3);
  assert.deepEqual(payloads('a'), [1, 2, 3]);
});

test('inside of subflow instances: inputs, nested nodes, outputs, status', { skip }, async () => {
  const flows = [
    tab('t', 'Main'),
    { id: 'inner', type: 'subflow', name: 'Inner', info: '', category: '', in: [{ x: 1, y: 1, wires: [{ id: 'f' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'f', port: 0 }] }], env: [], meta: {}, color: '#fff' },
    fn('inner', 'f', 'F', 'msg.payload = msg.payload * 2; return msg;', [[]]),
    { id: 'outer', type: 'subflow', name: 'Outer', info: '', category: '', in: [{ x: 1, y: 1, wires: [{ id: 'i' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'i', port: 0 }] }], env: [], meta: {}, color: '#fff', status: { x: 1, y: 1, wires: [{ id: 'i', port: 0 }] } },
    { id: 'i', type: 'subflow:inner', z: 'outer', name: 'Nested', x: 1, y: 1, wires: [[]] },
    ...source('t', [['o', 'p']]),
    { id: 'o', type: 'subflow:outer', z: 't', name: 'First', x: 1, y: 1, wires: [['a']] },
    { id: 'p', type: 'subflow:outer', z: 't', name: 'Second', x: 1, y: 1, wires: [['b']] },
    teller('t', 'a', 'A'), teller('t', 'b', 'B'),
  ];
  await start({ flows });
  await nr.apply('stack s\n\nset before on "Source" -> "First" {\n  msg.payload = msg.payload + 1\n}\n\nset inside on * -> node "F" in subflow "Inner" {\n  msg.payload = msg.payload + 10\n}\n\nset behind on node "F" in subflow "Inner" -> "B" {\n  msg.payload = msg.payload + 1000\n}\n');
  await send({ payload: 1 });
  await nr.tells((what) => what.at === 'a' || what.at === 'b', 2);
  assert.deepEqual([payloads('a'), payloads('b')], [[24], [1022]]);
});

test('flows that wait for an unknown type have their stack already', { skip }, async () => {
  await start({ flows: [...plain(), { id: 'x', type: 'nobody knows', name: 'X', z: 't', x: 1, y: 1, wires: [['a']] }] });
  await nr.apply('stack s\n\nhalt all on "Source" -> "A"\n');
  assert.match((await nr.routec(['status', '--wires'])).stdout, /Source\.1 -> A/);
  await nr.deploy(plain());
  await nr.statusWhere(({ stale, stack }) => stack.number > 0 && stale?.valid_wires === 1, 'the stack of before');
  await send({ payload: 1 });
  await last('b', 1);
  assert.deepEqual(payloads('a'), []);
});

test('what no plugin can see is told', { skip }, async () => {
  const call = { id: 'call', type: 'link call', name: 'Call', links: ['lin'], linkType: 'static', timeout: '30', z: 't', x: 1, y: 1, wires: [['a']] };
  await start({ flows: [...plain(), call] });
  await nr.apply('stack s\n\nhalt all on "Call" -> type "link in"\n');
  await nr.until((text) => text.includes('no plugin sees the messages of link calls: the routers of 1 wires do nothing there (`Call` -> `lin`)'), 'the warning');
  assert.equal((await nr.status()).unseen_wires, 1);
});
