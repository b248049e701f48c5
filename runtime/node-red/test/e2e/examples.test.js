//! The project's examples: their flows deployed, their stacks applied.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, test } = require('node:test');
const { NodeRed, skip } = require('./nodered');
const { top } = require('../tools');

let nr;
afterEach(async () => {
  await nr?.remove();
  nr = undefined;
});
const example = (name) => path.join(top, 'examples', name);
const start = async (name, { more = [], settings, change = (flows) => flows } = {}) => {
  nr = await NodeRed.start({ flows: change(JSON.parse(fs.readFileSync(path.join(example(name), 'flows.json'), 'utf8'))), settings });
  const done = await nr.routec(['apply', path.join(example(name), `${name}.route`), ...more]);
  assert.equal(done.status, 0, done.stdout + done.stderr);
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
