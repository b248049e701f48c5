//! A Node-RED in a fleet: messages to and from a runtime of another kind.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { NodeRed, freePort, skip } = require('./nodered');
const { fn, source, tab, teller } = require('./flows');
const { routec } = require('../tools');

/** Source (here) → Double (there) → B (here), and straight to A. What is there says so. */
const flows = () => [
  tab('t', 'House'), tab('u', 'Attic'),
  ...source('t', [['double', 'a']]),
  fn('u', 'double', 'Double', 'msg.payload = { twice: msg.payload * 2, bytes: msg.bytes, on: msg.when, where: typeof process === "undefined" ? "there" : "here" }; return msg;', [['b']]),
  teller('t', 'a', 'A'),
  fn('t', 'b', 'B', 'global.get("tell")({ at: "b", msg: { payload: msg.payload, isBuffer: Buffer.isBuffer(msg.bytes), isDate: msg.when instanceof Date || Object.prototype.toString.call(msg.when) === "[object Date]" } });', [[]]),
];
const stack = (here, there) => `stack home
runtime house { zenoh "tcp/127.0.0.1:${here}" }
runtime attic { zenoh "tcp/127.0.0.1:${there}" }
place tab "House" on house
place tab "Attic" on attic
`;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-attic-'));
let nr;
let attic;
const stopAttic = async () => {
  if (!attic) return;
  const gone = new Promise((done) => attic.on('close', done));
  attic.kill('SIGINT');
  await gone;
  attic = undefined;
};
const startAttic = () => {
  attic = spawn(routec(), ['run', 'flows.json', '--stack', 'home.route', '--as', 'attic'], { cwd: folder, stdio: 'ignore' });
};
after(async () => {
  await stopAttic();
  await nr?.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});
const send = async (...msgs) => assert.equal((await nr.ask('POST', '/send', msgs)).status, 204);
const twice = () => nr.told.filter((what) => what.at === 'b').map((what) => what.msg.payload.twice);

test('messages go to the other runtime and come back, as what they are', { skip }, async () => {
  const [here, there] = [await freePort(), await freePort()];
  fs.writeFileSync(path.join(folder, 'flows.json'), JSON.stringify(flows()));
  fs.writeFileSync(path.join(folder, 'home.route'), stack(here, there));
  nr = await NodeRed.start({ flows: flows().map((node) => (node.id === 'src' ? { ...node, func: 'for (const one of msg.payload) node.send({ ...one, bytes: Buffer.from("abc"), when: new Date(0) });' } : node)), settings: `{ route: { routec: ${JSON.stringify(routec())} } }` });
  startAttic();
  assert.match(await nr.apply(stack(here, there), '--as', 'house'), /applied `home`/);
  await nr.statusWhere(({ uplink }) => uplink?.attic?.reachable, 'that the attic is reached');
  await send({ payload: 1 }, { payload: 2 }, { payload: 3 });
  await nr.tells((what) => what.at === 'b', 3);
  assert.deepEqual(twice(), [2, 4, 6]);
  const [{ msg }] = nr.told.filter((what) => what.at === 'b');
  assert.deepEqual([msg.payload.where, msg.isBuffer, msg.isDate], ['there', true, true]);
  assert.deepEqual(nr.told.filter((what) => what.at === 'a').length, 3);
  assert.match((await nr.routec(['status'])).stdout, /house to +reached[\s\S]*attic +yes/);
});

test('what is sent while the other one is away is kept, and comes in order', { skip }, async () => {
  await stopAttic();
  await nr.statusWhere(({ uplink }) => uplink.attic.reachable === false, 'that the attic is away');
  await nr.apply(`${fs.readFileSync(path.join(folder, 'home.route'), 'utf8')}\nremote spooled on "Source" -> "Double" {\n  to attic\n  unreachable spool 1MiB\n}\n`, '--as', 'house');
  nr.told.length = 0;
  await send({ payload: 10 }, { payload: 11 });
  await nr.statusWhere(({ uplink }) => uplink.attic.waiting === 2, 'that two wait');
  startAttic();
  await nr.tells((what) => what.at === 'b', 2);
  assert.deepEqual(twice(), [20, 22]);
  await nr.statusWhere(({ uplink }) => uplink.attic.reachable, 'that the attic is reached again');
});

test('what cannot be sent does what `unreachable` says', { skip }, async () => {
  await stopAttic();
  await nr.statusWhere(({ uplink }) => uplink.attic.reachable === false, 'that the attic is away');
  const base = fs.readFileSync(path.join(folder, 'home.route'), 'utf8');
  await nr.apply(`${base}\nremote there on "Source" -> "A" {\n  to attic\n  unreachable pass\n}\n`, '--as', 'house');
  nr.told.length = 0;
  await send({ payload: 20 }, { payload: 21 });
  await nr.tells((what) => what.at === 'a', 2);
  assert.deepEqual(nr.told.filter((what) => what.at === 'a').map((what) => what.msg.payload), [20, 21]);
});
