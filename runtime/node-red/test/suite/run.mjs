//! Node-RED's own tests with the plugin in the way of their messages: what passed without it must pass with it.
//! `npm run suite -- CHECKOUT [--node PATH] [--mode empty|observed|waiting]… [GLOB…]`; `NODE_RED_CHECKOUT` names the folder too.
//! The checkout is a folder with Node-RED's repository (`git clone https://github.com/node-red/node-red`) at the tag of interest.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const preload = fileURLToPath(new URL('preload.cjs', import.meta.url));
/** The runtime, what it is made of, and the core nodes. `editor-api` needs a built editor and sends no messages. */
const GLOBS = ['runtime', 'util', 'registry'].map((name) => `test/unit/@node-red/${name}/**/*_spec.js`).concat('test/nodes/**/*_spec.js');
/** What the tests need of the development dependencies; the others build the editor and its documents. */
const NEEDED = /^(mocha|should|sinon|supertest|node-red-node-test-helper|proxy|stoppable|dompurify|marked)$/;
/** Longest run, milliseconds; time that one test may take: shared machines are slower than the 3 s of the project. */
const PATIENCE = 30 * 60000;
const TEST_PATIENCE = '15000';
/** A test that failed is run again, to tell what fails from what fails sometimes: on a busy machine, those with short times do. */
const AGAIN = 4;

function wish(args) {
  const given = { modes: [], globs: [], node: process.execPath, checkout: process.env.NODE_RED_CHECKOUT };
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift();
    if (arg === '--node') given.node = rest.shift();
    else if (arg === '--mode') given.modes.push(rest.shift());
    else if (given.checkout === undefined) given.checkout = arg;
    else given.globs.push(arg);
  }
  if (given.checkout === undefined) throw new Error('name a checkout of Node-RED: `npm run suite -- FOLDER`, or NODE_RED_CHECKOUT');
  const manifest = path.join(given.checkout, 'package.json');
  if (!fs.existsSync(path.join(given.checkout, 'test', 'nodes'))) throw new Error(`\`${given.checkout}\` is no checkout of Node-RED: it has no folder test/nodes`);
  return { ...given, checkout: path.resolve(given.checkout), version: JSON.parse(fs.readFileSync(manifest, 'utf8')).version };
}

/** The packages go beside the checkout's own files, whose manifest stays as it is. */
function install(checkout) {
  if (fs.existsSync(path.join(checkout, 'node_modules', 'mocha'))) return;
  const file = path.join(checkout, 'package.json');
  const text = fs.readFileSync(file, 'utf8');
  const manifest = JSON.parse(text);
  manifest.devDependencies = Object.fromEntries(Object.entries(manifest.devDependencies).filter(([name]) => NEEDED.test(name)));
  try {
    fs.writeFileSync(file, JSON.stringify(manifest, null, 4));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'], { cwd: checkout, stdio: 'inherit' });
  } finally {
    fs.writeFileSync(file, text);
  }
}

function mocha(checkout) {
  const folder = path.join(checkout, 'node_modules', 'mocha');
  return path.join(folder, JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).bin.mocha);
}

/** One run of mocha: how often each test passed and failed, by file and title. */
function run({ node, checkout }, mode, files) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-suite-run-'));
  const [report, seen] = ['report.json', 'seen.json'].map((name) => path.join(folder, name));
  const args = [mocha(checkout), ...(mode ? ['--require', preload] : []), '--exit',
    '--timeout', TEST_PATIENCE, '--reporter', 'json', '--reporter-option', `output=${report}`, ...files];
  const { error, signal, stderr } = spawnSync(node, args, {
    cwd: checkout, timeout: PATIENCE, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28, env: { ...process.env, NODE_ENV: 'test', ROUTE_SUITE: mode ?? '', ROUTE_SUITE_OUT: seen },
  });
  try {
    if (!fs.existsSync(report)) throw new Error(`mocha left no report (${error?.message ?? signal ?? 'it ended early'})\n${stderr.toString().slice(-2000)}`);
    const { tests, passes, failures, pending } = JSON.parse(fs.readFileSync(report, 'utf8'));
    const name = (test) => `${path.relative(checkout, test.file ?? '')}: ${test.fullTitle}`;
    const count = (list) => list.reduce((all, test) => all.set(name(test), (all.get(name(test)) ?? 0) + 1), new Map());
    const done = { tests: tests.length, passed: count(passes), failed: failures.map((test) => ({ name: name(test), file: test.file, why: test.err?.message ?? '' })), pending: pending.length, passes: passes.length };
    return { ...done, seen: mode && fs.existsSync(seen) ? JSON.parse(fs.readFileSync(seen, 'utf8')) : undefined };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests that passed less often than before. */
const lost = (before, after) => [...before.passed].filter(([name, times]) => (after.passed.get(name) ?? 0) < times).map(([name]) => name);

/** Those of them that fail in every further run of their files alone. */
function confirmed(given, mode, names) {
  let left = names;
  for (let tries = 0; tries < AGAIN && left.length > 0; tries += 1) {
    const files = [...new Set(left.map((name) => name.slice(0, name.indexOf(': '))))];
    const { passed } = run(given, mode, files);
    left = left.filter((name) => !passed.has(name));
  }
  if (left.length === 0) return left;
  // What now fails without the plugin too is not of its doing.
  const { passed } = run(given, undefined, [...new Set(left.map((name) => name.slice(0, name.indexOf(': '))))]);
  return left.filter((name) => passed.has(name));
}

function told(mode, { tests, passes, failed, pending, seen }) {
  const words = [`${mode ?? 'without'}`.padEnd(10), `${tests} tests`, `${passes} passed`, `${failed.length} failed`, `${pending} skipped`];
  if (seen) words.push(`${seen.events} messages through the hook`, `${seen.copies.taken} copies written, ${seen.copies.dropped} dropped`);
  console.log(words.join(', '));
}

const given = wish(process.argv.slice(2));
install(given.checkout);
console.log(`Node-RED ${given.version}, ${execFileSync(given.node, ['--version'], { encoding: 'utf8' }).trim()}\n`);
const files = given.globs.length > 0 ? given.globs : GLOBS;
const before = run(given, undefined, files);
told(undefined, before);
for (const { name, why } of before.failed) console.log(`  fails without the plugin: ${name}: ${why.split('\n')[0].slice(0, 120)}`);
for (const mode of given.modes.length > 0 ? given.modes : ['empty', 'observed', 'waiting']) {
  const after = run(given, mode, files);
  told(mode, after);
  // A run in which no message met the plugin would prove nothing.
  const isIdle = !after.seen || after.seen.events === 0 || (mode !== 'empty' && after.seen.copies.taken === 0);
  if (isIdle) console.log('  the plugin saw no message: this run proves nothing');
  for (const fault of after.seen?.faults ?? []) console.log(`  the plugin says: ${fault}`);
  const suspects = lost(before, after);
  const broken = confirmed(given, mode, suspects);
  for (const name of suspects.filter((one) => !broken.includes(one))) console.log(`  fails sometimes, or without the plugin too: ${name}`);
  for (const name of broken) console.log(`  BROKEN: ${name}: ${after.failed.find((one) => one.name === name)?.why.split('\n')[0] ?? 'it did not run'}`);
  if (isIdle || broken.length > 0) process.exitCode = 1;
}
