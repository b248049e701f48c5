//! Replays cases that the reference interpreter wrote (`cargo test -p route-compiler --test node_red`): one JSON value a line. Ends with
//! status 1 and the first differences when this engine says something else.
'use strict';

const { readFileSync } = require('node:fs');
const { FormatError, fromJson, fromValue } = require('../lib/format');
const { link } = require('../lib/chain');
const addresses = require('../lib/chain/address');
const { matcher } = require('../lib/chain/regex');
const { Automaton } = require('../lib/chain/regex/automaton');
const { parse } = require('../lib/chain/regex/parse');

class ServerResponse {}

/** A value that Rust packed as JSON that says what it is. */
function unpacked({ is, of }) {
  switch (is) {
    case 'undefined': return undefined;
    case 'number': return Number(of);
    case 'date': return new Date(Number(of));
    case 'bytes': return Buffer.from(of);
    case 'live': return new ServerResponse();
    case 'list': return of.map(unpacked);
    case 'object': return objectOf(of.map(([key, value]) => [key, unpacked(value)]));
    default: return of;
  }
}

/** Also where a key is `__proto__`. */
const objectOf = (entries) => Object.fromEntries(entries);

/** A value as text, also where JSON has no word for it; keys in their order. */
function text(value) {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof ServerResponse) return '[ServerResponse]';
  if (value instanceof Date) return `Date(${text(value.getTime())})`;
  if (Buffer.isBuffer(value)) return `Buffer([${[...value].join(', ')}])`;
  if (Array.isArray(value)) return `[${Array.from(value, text).join(',')}]`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}:${text(v)}`).join(',')}}`;
  return String(value);
}

function told(outcome, sent) {
  if (outcome === null) return `deliver ${text(sent)}`;
  const { kind, router, at, msg } = outcome;
  if (outcome.changed !== (msg !== sent)) return `says that it is ${outcome.changed ? '' : 'not '}changed`;
  const quoted = (said) => (said === undefined ? 'undefined' : JSON.stringify(said));
  const place = at && `${at.chain} ${at.step} ${quoted(at.redirect)}`;
  switch (kind) {
    case 'deliver': return outcome.to === undefined ? `deliver ${text(msg)}` : `redirect ${outcome.to} ${text(msg)}`;
    case 'stop': return `stop ${router} ${quoted(outcome.reason)} ${outcome.asError} ${text(msg)}`;
    case 'remote': return `remote ${router} ${place} ${text(outcome.key)} ${text(msg)}`;
    default: {
      const why = outcome.why === 'break' ? `break ${outcome.pass}` : outcome.why;
      return `hold ${router} ${place} ${why} ${text(outcome.until)} ${text(msg)}`;
    }
  }
}

/** A host that writes down what chains ask of it. */
class Desk {
  constructor() {
    Object.assign(this, { time: 0, dice: 0, full: false, written: [] });
  }

  now() {
    return this.time;
  }

  random() {
    return this.dice;
  }

  tap(router, tap, wire, show) {
    if (this.full) return tap.block ? 'full' : 'dropped';
    this.written.push(`tap ${router} ${text(show())}`);
    return 'taken';
  }

  log(router, line) {
    this.written.push(`log ${router} ${line}`);
  }

  call(router, { plugin }, wire, msg) {
    if (plugin === 'stop') return { kind: 'stop', msg, reason: 'said no' };
    if (plugin === 'fault') return { kind: 'fault', msg, text: 'broke' };
    return { kind: 'pass', msg: { ...msg, called: true } };
  }
}

/** What becomes of the messages of a case. */
function run(linked, sent) {
  const desk = new Desk();
  const verdicts = [];
  const changed = [];
  let resumed = false;
  const wire = linked.set.wires[0];
  const chain = wire && linked.chainOf(wire.from, wire.port, wire.to);
  for (const { after, full, dice, stops, msg: packed } of sent) {
    Object.assign(desk, { time: desk.time + after, full, dice });
    let msg = unpacked({ is: 'object', of: packed.of });
    const before = text(msg);
    const first = msg;
    let at;
    for (;;) {
      const outcome = chain === undefined ? null : chain.run(msg, desk, at);
      verdicts.push(told(outcome, msg));
      if (outcome === null || outcome.at === undefined || outcome.why === 'sink') break;
      resumed = true;
      if (outcome.kind === 'hold') linked.released(outcome.router, stops);
      else linked.notSent(outcome.router, stops);
      if (stops) break;
      ({ msg, at } = outcome);
    }
    if (text(first) !== before) changed.push(`${before} became ${text(first)}`);
  }
  return { verdicts, written: desk.written, counts: linked.set.routers.map((_, i) => linked.counts(i)), changed, resumed };
}

function differences(wanted, found, withAbsent) {
  const all = [...found.changed];
  for (const what of ['verdicts', 'written']) {
    for (let i = 0; i < Math.max(wanted[what].length, found[what].length); i += 1) {
      if (wanted[what][i] !== found[what][i]) all.push(`${what} ${i}:\n  wanted ${wanted[what][i]}\n  found  ${found[what][i]}`);
    }
  }
  wanted.counts.forEach((counts, router) => {
    const shown = (of) => JSON.stringify(of, (key, value) => (key === 'absent' && !withAbsent ? undefined : value));
    if (shown(counts) !== shown(found.counts[router])) all.push(`router ${router}:\n  wanted ${shown(counts)}\n  found  ${shown(found.counts[router])}`);
  });
  return all;
}

function chainCase({ set, sent, ...wanted }) {
  const tables = set.chains.some((chain) => (chain.tables ?? []).length > 0);
  return [true, false].flatMap((interpret) => {
    const linked = link(fromValue(set), { interpret });
    const found = run(linked, sent);
    // Absent values are counted by table: the interpreter knows none, and what goes on with a message is the interpreter.
    const all = differences(wanted, found, !tables || (!interpret && !found.resumed));
    return all.map((difference) => `${interpret ? 'interpreted' : 'generated'}: ${difference}`);
  });
}

function expressionCase({ expression, texts, matches }) {
  let test;
  try {
    test = matcher(expression);
  } catch (error) {
    return matches === null ? [] : [`refuses ${JSON.stringify(expression)}: ${error.message}`];
  }
  if (matches === null) return [`takes ${JSON.stringify(expression)}`];
  const automaton = new Automaton(parse(expression));
  return texts.flatMap((of, i) => [test(of), automaton.matches(of)].flatMap((found, way) => (found === matches[i]
    ? [] : [`${JSON.stringify(expression)} on ${JSON.stringify(of)}: ${found} (${way === 0 ? test.native ?? 'automaton' : 'automaton'})`])));
}

function fileCase({ file, refused }) {
  try {
    link(fromJson(file));
    return refused === null ? [] : [`lets in what is refused: ${refused}`];
  } catch (error) {
    if (!(error instanceof FormatError)) return [String(error.stack)];
    return refused === null ? [`refuses: ${error.message}`] : [];
  }
}

function addressCase({ address, shown, network, within }) {
  const [ip, net] = [addresses.ip(address) ?? null, addresses.network(network)];
  const isIn = net === undefined ? null : addresses.isIn(net, address);
  return [
    ...(ip === shown ? [] : [`${address} is ${ip}, not ${shown}`]),
    ...(isIn === within ? [] : [`${address} in ${network} is ${isIn}, not ${within}`]),
  ];
}

function replay(of) {
  if (of.address !== undefined) return addressCase(of);
  if (of.set !== undefined) return chainCase(of);
  return of.file === undefined ? expressionCase(of) : fileCase(of);
}

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line !== '');
let wrong = 0;
lines.forEach((line, number) => {
  let all;
  try {
    all = replay(JSON.parse(line));
  } catch (error) {
    all = [String(error.stack)];
  }
  if (all.length === 0) return;
  wrong += 1;
  if (wrong <= 5) console.log(`case ${number + 1}:\n${all.slice(0, 3).join('\n')}`);
});
console.log(wrong === 0 ? `${lines.length} cases agree` : `${wrong} of ${lines.length} cases differ`);
process.exitCode = wrong === 0 ? 0 : 1;
