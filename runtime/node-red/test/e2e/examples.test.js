//! The project's examples: their flows deployed, their stacks applied.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, test } = require('node:test');
const { NodeRed, freePort, skip } = require('./nodered');
const { routec, top } = require('../tools');

let nr;
let attic;
afterEach(async () => {
  await Promise.all([nr?.remove(), attic?.remove()]);
  nr = attic = undefined;
});
const example = (name) => path.join(top, 'examples', name);
const flowsOf = (name) => JSON.parse(fs.readFileSync(path.join(example(name), 'flows.json'), 'utf8'));
const apply = async (to, name, ...more) => {
  const done = await to.routec(['apply', path.join(example(name), `${name}.route`), ...more]);
  assert.equal(done.status, 0, done.stdout + done.stderr);
};
const start = async (name) => {
  nr = await NodeRed.start({ flows: flowsOf(name) });
  await apply(nr, name);
};

test('the greenhouse, by day and by night', { skip }, async () => {
  await start('greenhouse');
  const seen = (status) => ['plausible', 'site', 'chatter', 'audit'].every((name) => nr.router(status, name).seen > 0);
  await nr.statusWhere(seen, 'that every router has seen messages');
  await nr.until((text) => text.includes('"router":"audit"') && text.includes('"temperature"'), 'a line of the audit');
  assert.equal((await nr.routec(['apply', path.join(example('greenhouse'), 'night', 'night.route')])).status, 0);
  await nr.statusWhere((status) => status.stack.name === 'greenhouse_night' && nr.router(status, 'site').seen > 0, 'the night');
});

test('the factory line: half of the looks are enough', { skip }, async () => {
  await start('factory-line');
  const status = await nr.statusWhere((now) => nr.router(now, 'once').stopped >= 3 && now.taps.sinks[0].taken > 0, 'parts');
  const { seen, passed, stopped } = nr.router(status, 'once');
  assert.equal(seen, passed + stopped);
});

test('the orders: an error halts, a catch node answers', { skip }, async () => {
  await start('http-api');
  const bad = await nr.ask('POST', '/orders', { id: 1, quantity: 0 });
  assert.deepEqual([bad.status, bad.body], [422, { error: 'an order needs a `quantity` above 0' }]);
  const good = await nr.ask('POST', '/orders', { id: 1, quantity: 2, card: '4111' });
  assert.equal(good.status, 201);
  assert.deepEqual((await nr.ask('GET', '/orders/1')).body, { id: 1, quantity: 2 });
  assert.equal((await nr.ask('GET', '/orders/2')).status, 404);
  const file = path.join(nr.home, 'access.ndjson');
  await nr.statusWhere((status) => status.taps.sinks.some((sink) => sink.sink === file && sink.taken === 3 && sink.waiting === 0), 'three lines of the access log');
  await nr.stop();
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n').map((text) => JSON.parse(text).msg);
  assert.deepEqual(lines, [{ req: { url: '/orders' }, statusCode: 201 }, { req: { url: '/orders/1' } }, { req: { url: '/orders/2' }, statusCode: 404 }]);
});

test('the home: a house and an attic, each a Node-RED; the diary hears of doors that open alone', { skip }, async () => {
  // The diary tells what it writes; that the house's own copy of it stays silent shows where the tab lives.
  const flows = flowsOf('home').map((node) => (node.name === 'Remember' ? { ...node, func: `global.get('tell')({ diary: msg.payload });\n${node.func}` } : node));
  const options = { flows, settings: `{ route: { routec: ${JSON.stringify(routec())} } }` };
  nr = await NodeRed.start(options);
  attic = await NodeRed.start(options);
  const params = ['--param', `house_at=tcp/127.0.0.1:${await freePort()}`, '--param', `attic_at=tcp/127.0.0.1:${await freePort()}`];
  await apply(nr, 'home', '--as', 'house', ...params);
  await apply(attic, 'home', '--as', 'attic', ...params);
  await nr.statusWhere(({ uplink }) => uplink?.attic?.reachable, 'that the attic is reached');
  // Until both stacks are in place each is a whole home of its own.
  nr.told.length = attic.told.length = 0;
  await attic.tells((what) => what.diary !== undefined, 2);
  await nr.statusWhere((status) => nr.router(status, 'openings').stopped > 0, 'a door that closes');
  assert.deepEqual(nr.told, []);
  for (const { diary } of attic.told) assert.deepEqual(diary, { door: 'front', open: true });
});
