//! What a hop costs in a real Node-RED: without a hook, with an empty one, and with stacks of Route, side by side in one run.
//! `node bench/hops.mjs [folder of the package node-red; without it: the one that `npm run e2e` installs] [--quick] [--strict]`; `ROUTEC` names the compiler; strict: a missed goal is an error.

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

/** Nodes in a row, their types, messages under way at once, and rounds. */
const LENGTH = 50;
const TYPES = 8;
const BATCH = 200;
const ROUNDS = quick ? 5 : 40;
const WARM = quick ? 2 : 5;

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'route-bench-'));
fs.mkdirSync(path.join(home, 'nodes'));
fs.mkdirSync(path.join(home, 'node_modules'));
fs.symlinkSync(path.join(here, '..'), path.join(home, 'node_modules', 'node-red-route'), 'dir');
fs.writeFileSync(path.join(home, 'package.json'), '{"name":"home","version":"1.0.0","dependencies":{"node-red-route":"*"}}');
fs.writeFileSync(path.join(home, 'nodes', 'bench.js'), `module.exports = (RED) => {
  for (let kind = 0; kind < ${TYPES}; kind += 1) {
    RED.nodes.registerType('bench-pass' + kind, function (config) {
      RED.nodes.createNode(this, config);
      this['own' + kind] = kind; // as nodes of other types, these have other members
      this.on('input', (msg, send, done) => { send(msg); done(); });
    });
  }
  RED.nodes.registerType('bench-end', function (config) { RED.nodes.createNode(this, config); this.on('input', () => globalThis.benchEnd()); });
};`);
fs.writeFileSync(path.join(home, 'nodes', 'bench.html'), Array.from({ length: TYPES }, (_, kind) => `<script type="text/html" data-template-name="bench-pass${kind}"></script>`).join('\n'));

const id = (n) => `n${n}`;
const flows = [{ id: 't', type: 'tab', label: 'T' },
  ...Array.from({ length: LENGTH }, (_, n) => ({ id: id(n), type: `bench-pass${n % TYPES}`, name: `N${n}`, z: 't', x: 100, y: 100, wires: [[n + 1 < LENGTH ? id(n + 1) : 'end']] })),
  { id: 'aside', type: 'bench-pass0', name: 'Aside', z: 't', x: 100, y: 200, wires: [['end']] },
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

const ALL = 'on "N*" -> *';
const rules = (n, when) => Array.from({ length: n }, (_, at) => `halt r${at} ${ALL} {\n  when ${when(at)}\n}\n`).join('\n');
/** None of them stops a message of the bench. */
const onTopic = (at) => `msg.topic == "dev/${at}" and msg.payload.temperature > ${at}`;
const onValue = (at) => `msg.payload.temperature > ${1000 + at} and msg.topic == "dev/${at}"`;
const hundred = compiled(rules(100, onTopic));
const sets = {
  none: { ...compiled('halt never on "N0" -> "N1" { when false }\n'), wires: [] },
  // On a wire that no message of the bench takes: the hook is there, and the wires that count are bare.
  elsewhere: compiled('halt never on "Aside" -> "End" {\n  when msg.payload.temperature > 1000\n}\n'),
  one: compiled(`filter f ${ALL} {\n  keep when msg.payload.temperature < 1000\n}\n`),
  hundred,
  linear: { ...hundred, chains: hundred.chains.map(({ steps }) => ({ steps })) },
  values: compiled(rules(100, onValue)),
  set: compiled(`set s ${ALL} {\n  msg.site = "north"\n}\n`),
  counter: compiled(`tap t ${ALL} {\n  to counter "c"\n}\n`),
  break: compiled(`break b ${ALL} {\n  when msg.payload.temperature > 1000\n  hold at most 10 for 1m then pass\n}\n`),
};
if (!hundred.chains.some((chain) => chain.tables?.length > 0)) throw new Error('the compiler made no table of a hundred rules on one topic');

const empty = (event) => {};
/** The least that a hook can do which knows its wires: find out that this is none of them. */
const ids = new Map([['aside', true]]);
const lookup = (event) => ids.get(event.source.id);
const withHook = (hook) => async () => {
  await put(sets.none);
  RED.hooks.add('preRoute.bench', hook);
};
const only = (set) => () => put(set);
const EMPTY = 'an empty hook';
const BARE = 'a stack, no router on the wire';
const HUNDRED = 'a hundred rules with tables';
const modes = {
  'no hook': only(sets.none),
  'no hook, again': only(sets.none),
  [EMPTY]: withHook(empty),
  'a hook with one look-up': withHook(lookup),
  [BARE]: only(sets.elsewhere),
  'one filter': only(sets.one),
  [HUNDRED]: only(sets.hundred),
  'the same rules without tables': only(sets.linear),
  'a hundred rules that no table helps': only(sets.values),
  'one set': only(sets.set),
  'one counter': only(sets.counter),
  'one breakpoint that holds nothing': only(sets.break),
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

/** Time of the processor, not of the clock: others use the machine too. */
const times = Object.fromEntries(Object.keys(modes).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  const names = Object.keys(modes).sort(() => Math.random() - 0.5);
  for (const name of names) {
    await modes[name]();
    for (let n = 0; n < WARM; n += 1) await batch();
    const begin = process.cpuUsage();
    for (let n = 0; n < 5; n += 1) await batch();
    const { user, system } = process.cpuUsage(begin);
    times[name].push(((user + system) * 1000) / (5 * BATCH * LENGTH));
    RED.hooks.remove('preRoute.bench');
  }
}
/** The lower quartile: what others do on the machine only ever adds. */
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)];
const base = times['no hook'];
/** The round's own ratio, so that a slow minute of the machine is in both of its parts. */
const paired = (list) => at(list.map((time, round) => time / base[round]), 0.5);
const ratio = (name) => at(times[name], 0.25) / at(base, 0.25);
console.log(`Node-RED ${RED.version()}, Node.js ${process.version}; ${LENGTH} nodes of ${TYPES} types in a row, ${BATCH} messages at once, ${ROUNDS} rounds in shuffled order`);
console.log('ns: time of the processor, lower quartile; ratio: of the lower quartiles; paired: median of the ratios within each round\n');
console.log(`${'a hop with'.padEnd(38)}${'ns'.padStart(8)}${'median'.padStart(8)}${'ratio'.padStart(8)}${'paired'.padStart(8)}`);
for (const [name, list] of Object.entries(times)) {
  const columns = [at(list, 0.25).toFixed(0), at(list, 0.5).toFixed(0), ratio(name).toFixed(2), paired(list).toFixed(2)];
  console.log(name.padEnd(38) + columns.map((text) => text.padStart(8)).join(''));
}

/** Two runs of the same thing differ by this much: a goal is missed by more than that. */
const noise = Math.abs(ratio('no hook, again') - 1);
const goals = [[`${BARE}: at most ${EMPTY}`, ratio(BARE), ratio(EMPTY)], [`${HUNDRED}: at most 1.25`, ratio(HUNDRED), 1.25]];
console.log(`\nnoise (no hook, again): ${(noise * 100).toFixed(1)} %`);
for (const [goal, is, most] of goals) console.log(`${is <= most + noise ? 'reached' : 'MISSED '}  ${goal}: ${is.toFixed(2)} (${most.toFixed(2)})`);
if (args.includes('--strict') && goals.some(([, is, most]) => is > most + noise)) process.exitCode = 1;
await RED.stop();
server.close();
fs.rmSync(home, { recursive: true, force: true });
process.exit();
