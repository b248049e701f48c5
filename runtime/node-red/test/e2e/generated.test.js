//! Generated stacks in a running Node-RED: what arrives where must be what the reference interpreter says.
//!
//! A seeded generator makes stacks and messages. Node-RED runs them; what was seen there is written down as a test of the stack,
//! and `routec test`, whose worlds are run by the reference interpreter, judges it.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { execFile } = require('node:child_process');
const { NodeRed, skip } = require('./nodered');
const { tab, fn, teller } = require('./flows');
const { routec } = require('../tools');

/** Another seed makes other stacks; a failure names its own. */
const SEED = Number(process.env.ROUTE_E2E_SEED ?? 1);
const STACKS = 15;
const MESSAGES = 20;
/** Nodes by id, with their names. */
const SINKS = { a: 'A', b: 'B', c: 'C', d: 'D' };
const TAKERS = { ...SINKS, mark: 'Mark' };
/** All that a message of these tests can have besides its `_msgid`; payloads are compared whole. */
const FIELDS = ['payload', 'topic', 'n', 'mark'];

const entry = (id, name, wires) => [
  { id: `${id}-in`, type: 'http in', name: '', url: `/${id}`, method: 'post', upload: false, swaggerDoc: '', z: 't', x: 100, y: 100, wires: [[id, `${id}-ok`]] },
  // What comes behind the messages goes a longer way than any of them, on wires that no stack touches.
  fn('t', id, name, 'for (const one of msg.payload.msgs) node.send([one, null]); node.send([null, { fence: msg.payload.fence }]);', [wires, ['fence0']]),
  { id: `${id}-ok`, type: 'http response', name: '', statusCode: '204', headers: {}, z: 't', x: 100, y: 100, wires: [] },
];
const HOPS = 12;
const fence = [...Array(HOPS).keys()].map((at) => fn('t', `fence${at}`, `Fence ${at}`,
  at === HOPS - 1 ? "global.get('tell')({ at: 'fence', fence: msg.fence });" : 'return msg;', [at === HOPS - 1 ? [] : [`fence${at + 1}`]]));

/** One and Two fan out; Mark gives what it takes a number of its own, so that what it sends is told apart. */
const flows = [
  tab('t', 'Main'), tab('u', 'Other'),
  ...entry('one', 'One', ['a', 'b', 'mark', 'out']),
  ...entry('two', 'Two', ['b', 'mark', 'out']),
  fn('t', 'mark', 'Mark', `global.get('tell')({ at: 'mark', msg });
    const count = (context.get('count') ?? 0) + 1;
    context.set('count', count);
    msg.n = 100000 + count;
    if (Array.isArray(msg.payload)) msg.payload.push('marked'); else msg.topic = 'bed/9';
    global.get('tell')({ sent: 'mark', msg });
    return msg;`, [['a', 'd']]),
  teller('t', 'a', 'A'), teller('t', 'b', 'B'), teller('t', 'd', 'D'),
  { id: 'out', type: 'link out', name: '', mode: 'link', links: ['lin'], z: 't', x: 100, y: 100, wires: [] },
  { id: 'lin', type: 'link in', name: '', links: ['out'], z: 'u', x: 100, y: 100, wires: [['c']] },
  teller('u', 'c', 'C'),
  ...fence,
];

/** A small generator of numbers (mulberry32), with what is chosen by them. */
function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end) => Math.floor(next() * end);
  return { below, chance: (part) => next() < part, pick: (all) => all[below(all.length)] };
}

const payload = ({ below, pick }) => pick([
  () => below(9) - 2, () => below(9) - 2, () => below(9) - 2, () => below(40) / 4, () => pick(['', 'a', 'abc', 'open', 'Open', '7']), () => pick([true, false, null]),
  () => [1, 'a'].slice(0, below(3)), () => ({ temp: below(9) - 2, unit: pick(['C', 'F']) }), () => ({ temp: pick(['hot', null, 3]) }),
])();

function message(d, n) {
  const msg = { n };
  if (d.chance(0.9)) msg.payload = payload(d);
  if (d.chance(0.8)) msg.topic = d.pick(['bed/1', 'bed/2', 'bed/9', 'door', '', 'bed/10', 4]);
  return msg;
}

/** Few numbers, as in the messages: bounds are met. */
const number = (d) => d.below(9) - 2;
const ATOMS = [
  (d) => `msg.payload ${d.pick(['<', '<=', '>', '>=', '==', '!='])} ${number(d)}`,
  (d) => `msg.payload ${d.pick(['==', '!='])} ${d.pick(['"open"', '"7"', 'true', 'null', '[1, "a"]'])}`,
  (d) => `msg.payload in ${d.below(4) - 2}${d.pick(['..', '..<'])}${d.below(4) + 2}`,
  (d) => `msg.payload in [${number(d)}, "abc", true]`,
  (d) => `msg.topic in ["bed/1", "door"${d.pick(['', ', 4'])}]`,
  (d) => `msg.topic ${d.pick(['starts with "bed/"', 'starts with "bed/1"', 'ends with "1"', 'contains "/"'])}`,
  (d) => `msg.topic matches ${d.pick(['/^bed\\/[12]$/', '/o+r$/', '/[0-9]/', '/^$/'])}`,
  (d) => `msg.payload is ${d.pick(['number', 'string', 'bool', 'object', 'list', 'null'])}`,
  (d) => `has msg.${d.pick(['payload', 'topic', 'payload.temp', 'payload.unit'])}`,
  (d) => `msg.payload.temp ${d.pick(['>', '<=', '=='])} ${number(d)}`,
  (d) => `msg.payload.unit ${d.pick(['==', '!='])} "C"`,
];
function condition(d, depth = 2) {
  if (depth === 0 || d.chance(0.35)) return d.pick(ATOMS)(d);
  if (d.chance(0.25)) return `not (${condition(d, depth - 1)})`;
  return `(${condition(d, depth - 1)}) ${d.pick(['and', 'or'])} (${condition(d, depth - 1)})`;
}

/** All that a node sends, but for the second output of the sources, which leads to the fence. */
const ALL = '(* except "Fence 0")';
const wires = (d) => d.pick([
  `"One" -> ${ALL}`, `"Two" -> ${ALL}`, `"Mark" -> ${ALL}`, `("One" or "Two" or "Mark") -> ${ALL}`,
  '"One" -> "A"', '"One" -> "Mark"', '"Mark" -> "D"', '* -> "C"', '("One" or "Two") -> "B"',
]);
const CHANGES = [
  'msg.mark = "seen"', 'msg.mark = msg.topic', 'msg.payload = [msg.n, msg.payload]', 'delete msg.topic',
  'msg.payload.temp = 8\n  delete msg.payload.unit', 'msg.topic = "bed/1"',
];
const ROUTERS = {
  filter: (d) => `${d.pick(['keep', 'drop'])} when ${condition(d)}`,
  halt: (d) => `when ${condition(d)}\n  reason "no"`,
  set: (d) => `when ${condition(d)}\n  ${d.pick(CHANGES)}`,
  redirect: (d) => `when ${condition(d)}\n  to node "${d.pick(Object.values(SINKS))}"`,
  tap: (d) => `when ${condition(d)}\n  to stream`,
  limit: (d) => `when ${condition(d)}\n  distinct by ${d.pick(['msg.topic', 'msg.payload', '[msg.topic, msg.payload]'])} within 1h`,
};

/** Every kind of router, each more than once over all stacks. */
function stack(d, at) {
  const kinds = Object.keys(ROUTERS);
  const routers = [...Array(2 + d.below(4)).keys()].map((nth) => {
    const kind = nth === 0 ? kinds[at % kinds.length] : d.pick(kinds);
    // A name of its own: routers of the same name and kind keep counts and keys from stack to stack.
    const name = `${kind}${at}_${nth}`;
    return { name, kind, text: `${kind} ${name} on ${wires(d)} {\n  ${ROUTERS[kind](d)}\n}\n` };
  });
  return { routers, text: `stack s${at}\n\n${routers.map((router) => router.text).join('\n')}` };
}

/** The lines of the stream of copies, as they come. */
async function listen(nr) {
  const end = new AbortController();
  const { body, status } = await fetch(`${nr.root}/route/v1/tap`, { signal: end.signal });
  assert.equal(status, 200);
  const lines = [];
  let rest = '';
  const over = (async () => {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const whole = (rest + chunk).split('\n');
      rest = whole.pop();
      lines.push(...whole.filter((text) => text !== '').map((text) => JSON.parse(text)));
      nr.heard('');
    }
  })().catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });
  return { lines, close: () => { end.abort(); return over; } };
}

/** Without what Node-RED itself puts on: link nodes leave `_event`. */
const bare = ({ _msgid, _event, ...msg }) => msg;
/** The condition that a message is this one, and no more. */
const isThis = (msg) => {
  assert.deepEqual(Object.keys(msg).filter((key) => !FIELDS.includes(key)), []);
  return FIELDS.map((field) => (field in msg ? `msg.${field} == ${JSON.stringify(msg[field])}` : `not has msg.${field}`)).join(' and ');
};

/** `expect` lines for what came of a message: so many in all, and so many of each content. */
function expected(outcome, msgs) {
  if (msgs.length === 0) return [`expect no ${outcome}`];
  const alike = new Map();
  for (const same of msgs.map(isThis)) alike.set(same, (alike.get(same) ?? 0) + 1);
  return [`expect ${outcome} ${msgs.length} times`, ...[...alike].map(([same, count]) => `expect ${outcome} ${count} times where ${same}`)];
}

/** What Node-RED did, as tests of the stack: the fate of each message, and how often each router stopped one. */
function asTests({ routers, sent, came, copies, stopped }) {
  const sends = sent.map(({ from, msg }) => `send "${from}" -> ${ALL} ${JSON.stringify(msg)}`);
  const fates = sent.map(({ msg: { n } }, at) => [
    sends[at],
    ...Object.entries(TAKERS).flatMap(([id, name]) => expected(`delivered to "${name}"`, came.filter((one) => one.at === id && one.msg.n === n).map((one) => one.msg))),
    ...routers.filter(({ kind }) => kind === 'tap').flatMap(({ name }) => expected(`tap ${name}`, copies.filter((one) => one.router === name && one.msg.n === n).map((one) => one.msg))),
  ]);
  const counts = Object.entries(stopped).map(([name, count]) => (count === 0 ? `expect not stopped by ${name}` : `expect stopped by ${name} ${count} times`));
  const write = (title, lines) => `\ntest "${title}" {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  return write('fates', fates.flat()) + (counts.length > 0 ? write('counts', [...sends, ...counts]) : '');
}

let nr;
const seen = [];
before(async () => {
  if (!skip) nr = await NodeRed.start({ flows });
});
after(async () => nr?.remove());

/** Judged by the reference interpreter, without the optimiser that made the chains in Node-RED. */
function judge(name, text) {
  const file = path.join(nr.home, `${name}.route`);
  fs.writeFileSync(file, text);
  return new Promise((done) => {
    execFile(routec(), ['test', file, '--no-opt', '--flows', path.join(nr.home, 'flows.json'), '--color', 'never'], (error, stdout, stderr) => done({ status: error ? error.code : 0, said: stdout + stderr }));
  });
}

/** Runs messages through a stack in Node-RED, and tells all that came of it. */
async function observe(made, batches) {
  await nr.apply(made.text);
  const taps = made.routers.some(({ kind }) => kind === 'tap') ? await listen(nr) : undefined;
  const from = nr.told.length;
  const sent = [];
  for (const [id, name, msgs] of batches) {
    const mark = msgs[0].n;
    const begun = nr.told.length;
    assert.equal((await nr.ask('POST', `/${id}`, { msgs, fence: mark })).status, 204);
    await nr.tells((what) => what.at === 'fence' && what.fence === mark);
    const marked = nr.told.slice(begun).filter((what) => what.sent);
    sent.push(...msgs.map((msg) => ({ from: name, msg })), ...marked.map(({ msg }) => ({ from: 'Mark', msg: bare(msg) })));
  }
  const status = await nr.status('?wires=true');
  const counts = (name) => nr.router(status, name);
  if (taps) {
    const all = made.routers.filter(({ kind }) => kind === 'tap').reduce((sum, { name }) => sum + counts(name).passed, 0);
    await nr.wait(() => taps.lines.length >= all, `${all} copies`);
    await taps.close();
  }
  const came = nr.told.slice(from).filter(({ at }) => at in TAKERS).map(({ at, msg }) => ({ at, msg: bare(msg) }));
  const stops = made.routers.filter(({ kind }) => ['filter', 'halt', 'limit'].includes(kind));
  return {
    ...made, sent, came, copies: (taps?.lines ?? []).map(({ router, msg }) => ({ router, msg: bare(msg) })),
    stopped: Object.fromEntries(stops.map(({ name }) => [name, counts(name).stopped])),
    met: Object.fromEntries(made.routers.map(({ name }) => [name, counts(name).seen])),
  };
}

for (let at = 0; at < STACKS; at += 1) {
  test(`stack ${at} of seed ${SEED}`, { skip }, async () => {
    const d = dice(SEED * 1000 + at);
    const made = stack(d, at);
    const msgs = [...Array(MESSAGES).keys()].map((nth) => message(d, 1 + at * MESSAGES + nth));
    const half = MESSAGES / 2;
    const what = await observe(made, [['one', 'One', msgs.slice(0, half)], ['two', 'Two', msgs.slice(half)]]);
    seen.push(what);
    const { status, said } = await judge(`s${at}`, made.text + asTests(what));
    assert.equal(status, 0, `${said}\n${made.text}`);
  });
}

test('the stacks do something: every kind of router acts in Node-RED', { skip }, () => {
  const acted = (kind, did) => seen.reduce((sum, what) => sum + what.routers.filter((router) => router.kind === kind).reduce((all, { name }) => all + did(what, name), 0), 0);
  for (const kind of ['filter', 'halt', 'limit']) assert.ok(acted(kind, (what, name) => what.stopped[name]) > 0, `no ${kind} stopped anything`);
  for (const kind of ['set', 'redirect', 'tap']) assert.ok(acted(kind, (what, name) => what.met[name]) > 0, `no ${kind} had a message`);
});

test('a verdict that differs is found: lost, doubled, changed, uncopied, miscounted', { skip }, async () => {
  const what = seen.find((one) => one.copies.length > 0 && one.came.length > 0 && Object.keys(one.stopped).length > 0);
  assert.ok(what, 'no stack has a tap with copies and a router that stops');
  const [first, ...others] = what.came;
  const [copy, ...copies] = what.copies;
  const [name] = Object.keys(what.stopped);
  const otherwise = {
    lost: { came: others },
    doubled: { came: [first, ...what.came] },
    changed: { came: [{ ...first, msg: { ...first.msg, mark: 'other' } }, ...others] },
    elsewhere: { came: [{ ...first, at: first.at === 'a' ? 'b' : 'a' }, ...others] },
    uncopied: { copies },
    miscopied: { copies: [{ ...copy, msg: { ...copy.msg, payload: 'other' } }, ...copies] },
    miscounted: { stopped: { ...what.stopped, [name]: what.stopped[name] + 1 } },
  };
  for (const [how, wrong] of Object.entries(otherwise)) {
    const { status, said } = await judge(how, what.text + asTests({ ...what, ...wrong }));
    assert.equal(status, 1, `${how} was not found: ${said}`);
    assert.match(said, /R5001/, how);
  }
});

test('nothing arrived after its stack was judged', { skip }, () => {
  const late = seen.flatMap((what) => {
    const numbers = new Set(what.sent.map(({ msg }) => msg.n));
    const all = nr.told.filter(({ at, msg }) => at in TAKERS && numbers.has(msg.n)).length;
    return all === what.came.length ? [] : [what.text];
  });
  assert.deepEqual(late, []);
});
