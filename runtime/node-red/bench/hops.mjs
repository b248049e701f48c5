//! What a hop costs in a real Node-RED: without a hook, with an empty one, and with stacks of Route, side by side in one run.
//! `node bench/hops.mjs [folder of the package node-red; without it: the one that `npm run e2e` installs] [--quick]`; `ROUTEC` names the compiler.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = path.dirname(fileURLToPath(import.meta.url));
const { routec } = require('../test/tools.js');

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const named = args.find((arg) => !arg.startsWith('--'));
const redFolder = named ? path.resolve(named) : path.join(here, '..', 'test', 'e2e', '.versions', '4', 'node_modules', 'node-red');
const RED = require(redFolder);
const compiler = routec();
if (!compiler) throw new Error('no routec is built: name one with ROUTEC');

/** Nodes in a row, messages under way at once, and rounds. */
const LENGTH = 50;
const BATCH = 200;
const ROUNDS = quick ? 5 : 40;
const WARM = quick ? 2 : 5;

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'route-bench-'));
fs.mkdirSync(path.join(home, 'nodes'));
fs.mkdirSync(path.join(home, 'node_modules'));
fs.symlinkSync(path.join(here, '..'), path.join(home, 'node_modules', 'node-red-route'), 'dir');
fs.writeFileSync(path.join(home, 'package.json'), '{"name":"home","version":"1.0.0","dependencies":{"node-red-route":"*"}}');
fs.writeFileSync(path.join(home, 'nodes', 'bench.js'), `module.exports = (RED) => {
  RED.nodes.registerType('bench-pass', function (config) { RED.nodes.createNode(this, config); this.on('input', (msg, send, done) => { send(msg); done(); }); });
  RED.nodes.registerType('bench-end', function (config) { RED.nodes.createNode(this, config); this.on('input', () => globalThis.benchEnd()); });
};`);
fs.writeFileSync(path.join(home, 'nodes', 'bench.html'), '<script type="text/html" data-template-name="bench-pass"></script>');

const id = (n) => `n${n}`;
const flows = [{ id: 't', type: 'tab', label: 'T' },
  ...Array.from({ length: LENGTH }, (_, n) => ({ id: id(n), type: 'bench-pass', name: `N${n}`, z: 't', x: 100, y: 100, wires: [[n + 1 < LENGTH ? id(n + 1) : 'end']] })),
  { id: 'end', type: 'bench-end', name: 'End', z: 't', x: 100, y: 100, wires: [] }];
fs.writeFileSync(path.join(home, 'flows.json'), JSON.stringify(flows));

const server = http.createServer();
RED.init(server, {
  userDir: home, flowFile: 'flows.json', nodesDir: path.join(home, 'nodes'), httpAdminRoot: '/', httpNodeRoot: '/', credentialSecret: false, disableEditor: true,
  logging: { console: { level: 'error' } }, telemetry: { enabled: false }, route: { routec: false },
});
server.on('request', (req, res) => RED.httpAdmin(req, res));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const started = new Promise((done) => RED.events.once('flows:started', done));
await RED.start();
await started;
const url = `http://127.0.0.1:${server.address().port}/route/v1`;

/** A stack compiled against these flows. */
function compiled(text) {
  const file = path.join(home, 'bench.route');
  fs.writeFileSync(file, `stack bench\n\n${text}`);
  return JSON.parse(execFileSync(compiler, ['build', file, '--flows', path.join(home, 'flows.json')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

async function put(set) {
  const response = await fetch(`${url}/stack`, { method: 'PUT', body: JSON.stringify({ set }), headers: { 'Content-Type': 'application/vnd.route+json' } });
  if (!response.ok) throw new Error(await response.text());
}

const ALL = 'on type "bench-pass" -> *';
const rules = (n) => Array.from({ length: n }, (_, at) => `halt r${at} ${ALL} {\n  when msg.topic == "dev/${at}" and msg.payload.temperature > ${at}\n}\n`).join('\n');
const sets = {
  none: compiled('halt never on "N0" -> "N1" { when false }\n'),
  one: compiled(`filter f ${ALL} {\n  keep when msg.payload.temperature < 1000\n}\n`),
  hundred: compiled(rules(100)),
  set: compiled(`set s ${ALL} {\n  msg.site = "north"\n}\n`),
  counter: compiled(`tap t ${ALL} {\n  to counter "c"\n}\n`),
  break: compiled(`break b ${ALL} {\n  when msg.payload.temperature > 1000\n  hold at most 10 for 1m then pass\n}\n`),
};
sets.none.wires = [];

const empty = (event) => {};
const modes = {
  'no hook': async () => put(sets.none),
  'no hook, again': async () => put(sets.none),
  'empty hook': async () => {
    await put(sets.none);
    RED.hooks.add('preRoute.bench', empty);
  },
  'one filter on each wire': async () => put(sets.one),
  'a hundred rules on each wire': async () => put(sets.hundred),
  'one set on each wire': async () => put(sets.set),
  'one counter on each wire': async () => put(sets.counter),
  'one breakpoint that holds nothing': async () => put(sets.break),
};

let left = 0;
let arrived;
globalThis.benchEnd = () => {
  left -= 1;
  if (left === 0) arrived();
};

function batch() {
  return new Promise((done) => {
    left = BATCH;
    arrived = done;
    const first = RED.nodes.getNode(id(0));
    for (let n = 0; n < BATCH; n += 1) {
      first.receive({ topic: `dev/${100 + (n % 50)}`, payload: { temperature: 20 + (n % 20), unit: 'C', ok: true, seq: n, tags: ['a', 'b'] } });
    }
  });
}

const times = Object.fromEntries(Object.keys(modes).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  const names = Object.keys(modes).sort(() => Math.random() - 0.5);
  for (const name of names) {
    await modes[name]();
    for (let n = 0; n < WARM; n += 1) await batch();
    const begin = process.hrtime.bigint();
    for (let n = 0; n < 5; n += 1) await batch();
    times[name].push(Number(process.hrtime.bigint() - begin) / (5 * BATCH * LENGTH));
    RED.hooks.remove('preRoute.bench');
  }
}
/** The lower quartile: what others do on the machine only ever adds. */
const quartile = (list) => [...list].sort((a, b) => a - b)[list.length >> 2];
const base = quartile(times['no hook']);
console.log(`Node-RED ${RED.version()}, Node.js ${process.version}; ${LENGTH} nodes in a row, ${BATCH} messages at once, lower quartile of ${ROUNDS} rounds\n`);
console.log(`${'a hop with'.padEnd(36)}${'ns'.padStart(8)}${'ratio'.padStart(8)}`);
for (const [name, list] of Object.entries(times)) {
  console.log(`${name.padEnd(36)}${quartile(list).toFixed(0).padStart(8)}${(quartile(list) / base).toFixed(2).padStart(8)}`);
}
await RED.stop();
server.close();
fs.rmSync(home, { recursive: true, force: true });
process.exit(0);
