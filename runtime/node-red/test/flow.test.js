//! The graph and its hash are the compiler's: compared with what `routec` says of real flows.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { Graph, wireKey } = require('../lib/flow/graph');
const { hashOf } = require('../lib/flow/hash');
const { byCodePoint } = require('../lib/flow/order');
const { routec, corpus } = require('./tools');

const flowFiles = () => corpus().concat(['greenhouse', 'home', 'http-api', 'factory-line']
  .map((name) => path.join(__dirname, '..', '..', '..', 'examples', name, 'flows.json')))
  .filter((file) => fs.existsSync(file));

/** A chain set in which every wire that the compiler draws has a chain; `undefined`: there is no wire. */
function compiled(file) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-test-'));
  try {
    const stack = path.join(folder, 'all.route');
    fs.writeFileSync(stack, 'stack all\n\ntap all on * -> * {\n  to counter "all"\n}\n');
    return JSON.parse(execFileSync(routec(), ['build', stack, '--flows', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  } catch (error) {
    if (/R1003|no wire/i.test(String(error.stderr))) return undefined;
    throw error;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('hash and wires are the compiler\'s', { skip: routec() ? false : 'no routec is built' }, () => {
  let compared = 0;
  for (const file of flowFiles()) {
    const flows = JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (!Array.isArray(flows)) continue;
    const set = compiled(file);
    if (!set) continue;
    const graph = new Graph(flows);
    assert.equal(graph.hash, set.flows, `hash of ${file}`);
    const ours = graph.wires.filter((wire) => graph.nodes.has(wire.to)).map(({ from, port, to }) => wireKey(from, port, to)).sort();
    const theirs = set.wires.map(({ from, port, to }) => wireKey(from, port, to)).sort();
    assert.deepEqual([...new Set(ours)], theirs, `wires of ${file}`);
    compared += 1;
  }
  assert.ok(compared >= 4, `only ${compared} files were compared`);
});

/** Flows with subflows in subflows, links, groups, disabled nodes, and wires that lead nowhere or out of their scope. */
function randomFlows(roll) {
  const pick = (list) => list[Math.floor(roll() * list.length)];
  const flows = [{ id: 't0', type: 'tab', label: 'T0' }, { id: 't1', type: 'tab', label: 'T1', disabled: roll() < 0.2 }];
  const defs = Array.from({ length: 1 + Math.floor(roll() * 4) }, (_, at) => `s${at}`);
  const scopes = [...defs, 't0', 't1'];
  const inside = Object.fromEntries(scopes.map((scope) => [scope, []]));
  for (const scope of scopes) {
    // A definition holds instances of later ones alone, now and then of any: that makes a circle.
    const free = scope.startsWith('t') || roll() < 0.1 ? defs : defs.slice(defs.indexOf(scope) + 1);
    for (let at = Math.floor(roll() * 5); at >= 0; at -= 1) {
      const kind = free.length > 0 && roll() < 0.35 ? `subflow:${pick(free)}` : pick(['x', 'x', 'function', 'link in', 'link out', 'link call', 'junction']);
      inside[scope].push({ id: `${scope}n${at}`, type: kind, name: pick(['', 'A', 'B']), z: scope, x: 1, y: 1, d: roll() < 0.1 || undefined, wires: [], ...(kind === 'link out' && roll() < 0.3 ? { mode: 'return' } : {}) });
    }
  }
  const all = Object.values(inside).flat();
  for (const node of all) {
    const ids = roll() < 0.9 ? inside[node.z].map(({ id }) => id) : [...all.map(({ id }) => id), 'nowhere'];
    node.wires = Array.from({ length: Math.floor(roll() * 3) }, () => Array.from({ length: Math.floor(roll() * 3) }, () => pick(ids)));
    if (node.type.startsWith('link')) {
      node.links = all.filter((other) => other.type.startsWith('link') && (other.z === node.z || roll() < 0.1) && roll() < 0.6).map(({ id }) => id);
    }
  }
  const ends = (scope) => Array.from({ length: Math.floor(roll() * 3) }, () => (roll() < 0.2 ? { id: scope, port: 0 } : { id: pick(inside[scope]).id, port: Math.floor(roll() * 2) }));
  for (const def of defs) {
    flows.push({ id: def, type: 'subflow', name: def, d: roll() < 0.05 || undefined, in: roll() < 0.8 ? [{ wires: ends(def).filter(({ id }) => id !== def) }] : [],
      out: Array.from({ length: Math.floor(roll() * 3) }, () => ({ wires: ends(def) })), ...(roll() < 0.3 ? { status: { wires: ends(def) } } : {}) });
  }
  return JSON.parse(JSON.stringify([...flows, ...all]));
}

test('instances in instances are expanded as the compiler expands them', { skip: routec() ? false : 'no routec is built' }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-test-'));
  const file = path.join(folder, 'flows.json');
  let seed = 1;
  const roll = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  let inner = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    const flows = randomFlows(roll);
    fs.writeFileSync(file, JSON.stringify(flows));
    const set = compiled(file);
    if (!set) continue;
    const graph = new Graph(flows);
    assert.equal(graph.hash, set.flows);
    const enabled = ({ from, to }) => !graph.nodes.get(from).disabled && !graph.nodes.get(to).disabled;
    const ours = [...new Set(graph.wires.filter(enabled).map(({ from, port, to }) => wireKey(from, port, to)))].sort();
    assert.deepEqual(ours, set.wires.map(({ from, port, to }) => wireKey(from, port, to)).sort(), JSON.stringify(flows));
    inner += ours.filter((wire) => /-.*-/.test(wire)).length;
  }
  fs.rmSync(folder, { recursive: true });
  assert.ok(inner > 100, `only ${inner} wires inside of instances`);
});

test('numbers and texts of every kind hash as the compiler hashes them', { skip: routec() ? false : 'no routec is built' }, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-test-'));
  const view = new DataView(new ArrayBuffer(8));
  const doubles = Array.from({ length: 3000 }, () => {
    view.setUint32(0, Math.floor(Math.random() * 2 ** 32));
    view.setUint32(4, Math.floor(Math.random() * 2 ** 32));
    return view.getFloat64(0);
  }).filter(Number.isFinite);
  const near = Array.from({ length: 600 }, (_, at) => (Math.random() * 10 ** (at % 40 - 18)));
  const odd = [0, -0, 1e15, 1e16, 1e17, 123456789012345680000, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64, -(2 ** 63), 1e21, 1e-5, 1e-6, 1.5e-5, 5e-324, Number.MAX_VALUE, 0.1, 1e300, 100.5, 12345678.9];
  const texts = ['', 'é', '\u{1f600}', '\ud800', '\uffff\u{10000}', '"\\\n'];
  const flows = [{ id: 't', type: 'tab', label: 'T' }, { id: 'a', type: 'x', z: 't', x: 1, y: 2, w: 3, wires: [['b']], numbers: [...doubles, ...near, ...near.map(Math.round), ...odd], ...Object.fromEntries(texts.map((text) => [`k${text}`, text])) },
    { id: 'b', type: 'y', z: 't', x: 1, y: 1, wires: [] }];
  const file = path.join(folder, 'flows.json');
  fs.writeFileSync(file, JSON.stringify(flows));
  try {
    assert.equal(hashOf(JSON.parse(JSON.stringify(flows))), compiled(file).flows);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('positions, order of keys and order of nodes do not count, anything else does', () => {
  const one = [{ id: 'b', type: 'debug', x: 1, y: 2, z: 't', active: true }, { id: 'a', type: 'tab', label: 'é\u{1f600}' }];
  const other = [{ type: 'tab', id: 'a', label: 'é\u{1f600}' }, { active: true, id: 'b', z: 't', type: 'debug', y: 7 }];
  assert.equal(hashOf(one), hashOf(other));
  assert.notEqual(hashOf(one), hashOf([one[0]]));
  assert.notEqual(hashOf(one), hashOf([{ ...one[0], active: false }, one[1]]));
});

test('texts are ordered by code point', () => {
  const texts = ['\u{1f600}', '\uffee', 'a', 'ab', '', '\u{10000}', 'x\ud800', '\ufffe'];
  const bytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual([...texts].sort(byCodePoint), bytes);
});

test('a node inside of nested instances has the id that Node-RED gives it', () => {
  const graph = new Graph([
    { id: 't', type: 'tab', label: 'T' },
    { id: 'in', type: 'subflow', name: 'Inner', in: [{ wires: [{ id: 'f' }] }], out: [{ wires: [{ id: 'f', port: 0 }] }] },
    { id: 'f', type: 'function', z: 'in', x: 1, y: 1, wires: [[]] },
    { id: 'out', type: 'subflow', name: 'Outer', in: [{ wires: [{ id: 'i' }] }], out: [{ wires: [{ id: 'i', port: 0 }] }], status: { wires: [{ id: 'i', port: 0 }] } },
    { id: 'i', type: 'subflow:in', z: 'out', x: 1, y: 1, wires: [[]] },
    { id: 'o', type: 'subflow:out', z: 't', x: 1, y: 1, wires: [['d']] },
    { id: 'd', type: 'debug', z: 't', x: 1, y: 1, wires: [] },
  ]);
  const wires = graph.wires.map(({ from, port, to }) => `${from}.${port} ${to}`);
  assert.deepEqual(wires.sort(), ['o-i-f.0 d', 'o-i-f.0 o:status', 'o-i.0 o-i-f', 'o.0 o-i']);
  assert.ok(graph.hasWire('o-i-f', 0, 'd'));
  assert.ok(!graph.hasWire('o', 0, 'd'));
});

test('what selectors see of a node changes with its tab and its instance, not with its own text', () => {
  const flows = (name, label, func) => new Graph([
    { id: 't', type: 'tab', label }, { id: 's', type: 'subflow', name: 'S', in: [], out: [] },
    { id: 'f', type: 'function', z: 's', x: 1, y: 1, func, wires: [[]] }, { id: 'i', type: 'subflow:s', name, z: 't', x: 1, y: 1, wires: [] },
  ]).looksOf('i-f');
  const looks = flows('I', 'T', 'a');
  assert.equal(flows('I', 'T', 'b'), looks);
  assert.notEqual(flows('J', 'T', 'a'), looks);
  assert.notEqual(flows('I', 'U', 'a'), looks);
});
