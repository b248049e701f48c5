//! Every kind of router in a running Node-RED, applied by `routec`.
'use strict';

const assert = require('node:assert/strict');
const { after, before, beforeEach, test } = require('node:test');
const { NodeRed, skip } = require('./nodered');
const { plain } = require('./flows');

let nr;
const send = async (...msgs) => {
  const answer = await nr.ask('POST', '/send', msgs);
  assert.equal(answer.status, 204, JSON.stringify(answer.body));
};
const payloads = (at) => nr.told.filter((what) => what.at === at).map((what) => what.msg.payload);
/** Waits for the last message that reaches a node, and gives all of its payloads. */
const reached = async (at, last) => {
  await nr.tells((what) => what.at === at && what.msg.payload === last);
  return payloads(at);
};

before(async () => {
  if (!skip) nr = await NodeRed.start({ flows: plain() });
});
after(async () => nr?.remove());
beforeEach(() => {
  if (nr) nr.told.length = 0;
});

test('without a stack messages take their ways, and the status says who runs', { skip }, async () => {
  const status = await nr.status();
  assert.equal(status.runtime, 'node-red');
  assert.equal(status.stack.number, 0);
  await send({ payload: 1 });
  assert.deepEqual(await reached('a', 1), [1]);
  assert.deepEqual(await reached('c', 1), [1]);
  const told = await nr.routec(['status']);
  assert.match(told.stdout, /stack \(none\)/);
});

test('a filter stops what does not pass, on its wire alone', { skip }, async () => {
  const said = await nr.apply('stack s\n\nfilter small on "Source" -> "A" {\n  keep when msg.payload < 10\n}\n');
  assert.match(said, /applied `s`: 1 router on 1 wire \(number 1\)/);
  await send({ payload: 20 }, { payload: 1 });
  assert.deepEqual(await reached('a', 1), [1]);
  assert.deepEqual(await reached('b', 1), [20, 1]);
  const status = await nr.status('?wires=true');
  assert.equal(nr.router(status, 'small').stopped, 1);
  assert.deepEqual(status.wires.map((wire) => [wire.from, wire.to, wire.sent, wire.delivered, wire.stopped]), [['src', 'a', 2, 1, 1]]);
});
