//! Every kind of router in a running Node-RED, applied by `routec`.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, beforeEach, test } = require('node:test');
const { NodeRed, skip } = require('./nodered');
const { plain } = require('./flows');

/** Numbers messages; halts those that say so. */
const STAMP = `class {
  open(runtime) { this.key = runtime.options.key; this.count = 0; }
  send(source, destination, msg, next, halt) {
    this.count += 1;
    if (msg.payload === 'halt') return halt('told to');
    msg[this.key] = this.count;
    next(msg);
  }
}`;

let nr;
/** Which test: what an earlier one sent may still be on its way. */
let run = 0;
const send = async (...msgs) => {
  const answer = await nr.ask('POST', '/send', msgs.map((msg) => ({ ...msg, run })));
  assert.equal(answer.status, 204, JSON.stringify(answer.body));
};
const isAt = (...nodes) => (what) => nodes.includes(what.at) && what.msg.run === run;
const payloads = (at) => nr.told.filter(isAt(at)).map((what) => what.msg.payload);
/** Waits for the last message that reaches a node, and gives all of its payloads. */
const reached = async (at, last) => {
  await nr.tells((what) => isAt(at)(what) && what.msg.payload === last);
  return payloads(at);
};

const writeStack = (text, name = 'wish.route') => {
  const file = path.join(nr.home, name);
  fs.writeFileSync(file, text);
  return file;
};

before(async () => {
  if (!skip) nr = await NodeRed.start({ flows: plain(), settings: `{ route: { modules: { stamp: ${STAMP} } } }` });
});
after(async () => nr?.remove());
beforeEach(() => {
  run += 1;
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

test('halt as error comes to the catch node, with its message', { skip }, async () => {
  await nr.apply('stack s\n\nhalt no on "Source" -> "A" {\n  when msg.payload > 10\n  reason "too large"\n  as error\n}\n');
  await send({ payload: 20 }, { payload: 2 });
  assert.deepEqual(await reached('a', 2), [2]);
  const [caught] = await nr.tells(isAt('catch'));
  assert.equal(caught.msg.payload, 20);
  assert.equal(caught.msg.error.message, 'too large');
  assert.equal(caught.msg.error.source.id, 'src');
});

test('a set changes one wire; siblings and the others of a send see nothing of it', { skip }, async () => {
  await nr.apply('stack s\n\nset mark on "Source" -> "A" {\n  msg.payload.mark = "seen"\n  delete msg.payload.secret\n}\n');
  await send({ payload: { n: 1, secret: 'x' } });
  await nr.tells(isAt('a', 'b'), 2);
  assert.deepEqual(payloads('a'), [{ n: 1, mark: 'seen' }]);
  assert.deepEqual(payloads('b'), [{ n: 1, secret: 'x' }]);
});

test('a redirect leads to a node on another tab', { skip }, async () => {
  await nr.apply('stack s\n\nredirect away on "Source" -> "A" {\n  when msg.payload == 1\n  to node "C"\n}\n');
  await send({ payload: 1 }, { payload: 2 });
  await reached('c', 2);
  assert.deepEqual(await reached('a', 2), [2]);
  assert.equal(payloads('c').filter((payload) => payload === 1).length, 2);
});

test('taps: a file that rolls over, a node, a counter, a stream, standard output', { skip }, async () => {
  await nr.apply(`stack s

tap filed on "Source" -> "A" {
  when msg.payload > 0
  only msg.payload
  to file "taps/audit.ndjson" { rotate 1KiB keep 2 }
}
tap sent on "Source" -> "A" { to node "C" every 2 }
tap counted on "Source" -> * { to counter "all" }
tap streamed on "Source" -> "A" { to stream }
tap shown on "Source" -> "A" { when msg.payload == 1 to stdout }
`);
  const stream = await fetch(`${nr.root}/route/v1/tap?router=streamed`);
  const count = 40;
  await send(...Array.from({ length: count }, (_, at) => ({ payload: at, bytes: 'x'.repeat(20) })));
  await reached('a', count - 1);
  assert.equal(stream.status, 200);
  const lines = [];
  let rest = '';
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    const whole = rest.split('\n');
    rest = whole.pop();
    lines.push(...whole.map((text) => JSON.parse(text)));
    if (lines.length === count) break;
  }
  assert.deepEqual(lines.map((one) => [one.router, one.from, one.port, one.to, one.msg.payload]), Array.from({ length: count }, (_, at) => ['streamed', 'src', 0, 'a', at]));
  await nr.until((text) => text.includes('"router":"shown"'), 'the line of the tap to stdout');
  const { taps } = await nr.statusWhere((status) => status.taps.sinks.every((sink) => sink.waiting === 0), 'empty sinks');
  assert.equal(taps.counters.all, 2 * count);
  const folder = path.join(nr.home, 'taps');
  assert.deepEqual(fs.readdirSync(folder).sort(), ['audit.ndjson', 'audit.ndjson.1', 'audit.ndjson.2']);
  const newest = fs.readFileSync(path.join(folder, 'audit.ndjson'), 'utf8').trim().split('\n').map((text) => JSON.parse(text));
  assert.deepEqual(newest.at(-1).msg, { payload: count - 1 });
  await nr.tells(isAt('c'), count + count / 2);
});

test('a breakpoint holds; the debugger lists, shows, changes, steps, drops and resumes', { skip }, async () => {
  await nr.apply('stack s\n\nbreak here on "Source" -> "A" {\n  when msg.payload > 0\n  hold at most 5 for 10m then drop\n}\n\nset then on "Source" -> "A" {\n  msg.stepped = true\n}\n\nset last on "Source" -> "A" {\n  msg.done = true\n}\n');
  await send({ payload: 1 }, { payload: 2 }, { payload: 3 }, { payload: 0 });
  assert.deepEqual(await reached('a', 0), [0]);
  assert.match((await nr.routec(['debug', 'list'])).stdout, /1 {2}held by break here {2}"Source"\.1 -> "A"/);
  assert.match((await nr.routec(['debug', 'show', '1'])).stdout, /ahead {2}set then, set last/);
  assert.equal((await nr.routec(['debug', 'step', '1'])).status, 0);
  assert.match((await nr.routec(['debug', 'show', '1'])).stdout, /stepped past set then|stepped past/);
  assert.equal((await nr.routec(['debug', 'drop', '2'])).stdout, 'dropped 2\n');
  assert.equal((await nr.routec(['debug', 'edit', '3', '--set', 'payload=33'])).status, 0);
  assert.deepEqual(await reached('a', 33), [0, 33]);
  assert.equal((await nr.routec(['debug', 'resume'])).stdout, 'resumed 1\n');
  assert.deepEqual(await reached('a', 1), [0, 33, 1]);
  assert.match((await nr.routec(['debug', 'resume', '9'])).stderr, /no message 9 is held/);
  const { stopped, passed, holds } = nr.router(await nr.status(), 'here');
  assert.deepEqual([stopped, passed, holds], [1, 2, 0]);
});

test('a limit holds what is over, and lets it go in order', { skip }, async () => {
  await nr.apply('stack s\n\nlimit slow on "Source" -> "A" {\n  at most 50/s\n  over hold 100\n}\n');
  const all = Array.from({ length: 20 }, (_, at) => at);
  await send(...all.map((payload) => ({ payload })));
  assert.deepEqual(await reached('b', 19), all);
  assert.deepEqual(await reached('a', 19), all);
});

test('routec tap shows the messages of a wire that no router touches', { skip }, async () => {
  await nr.routec(['rollback']);
  const tap = nr.routec(['tap', 'Source -> B', '--when', 'msg.payload > 5', '-n', '2']);
  await nr.statusWhere(() => true, 'anything');
  // The subscriber comes when it comes; until then messages are sent again.
  let done = false;
  tap.then(() => { done = true; });
  while (!done) await send({ payload: 1 }, { payload: 6 });
  const { stdout, status } = await tap;
  assert.equal(status, 0);
  const lines = stdout.trim().split('\n').map((text) => JSON.parse(text));
  assert.deepEqual(lines.map((one) => [one.router, one.to, one.msg.payload]), [[null, 'b', 6], [null, 'b', 6]]);
});

test('a router module of the user is called', { skip }, async () => {
  const refused = await nr.routec(['apply', writeStack('stack s\n\ncall x on "Source" -> "A" {\n  nothing {}\n}\n')]);
  assert.match(refused.stderr, /no router module is called `nothing`; there are `stamp`/);
  await nr.apply('stack s\n\ncall x on "Source" -> "A" {\n  stamp { key: "number" }\n}\n');
  await send({ payload: 'one' }, { payload: 'halt' }, { payload: 'two' });
  await reached('a', 'two');
  assert.deepEqual(nr.told.filter(isAt('a')).map((what) => what.msg.number), [1, 3]);
  const [sibling] = await nr.tells((what) => isAt('b')(what) && what.msg.payload === 'two');
  assert.ok(!('number' in sibling.msg));
});

test('plan, history and rollback', { skip }, async () => {
  const file = writeStack('stack other\n\nhalt all on "Source" -> "A"\n');
  assert.match((await nr.routec(['plan', file])).stdout, /in place: `s`/);
  assert.equal((await nr.routec(['plan', file, '--detailed-exitcode'])).status, 2);
  assert.equal((await nr.routec(['apply', file])).status, 0);
  assert.match((await nr.routec(['rollback', '--list'])).stdout, /> +\d+ {2}other/);
  assert.match((await nr.routec(['rollback'])).stdout, /rolled back to `s`/);
  await send({ payload: 'again' });
  await reached('a', 'again');
});

test('two who change the same stack: the slower one is refused', { skip }, async () => {
  const { body: standing, headers } = await nr.ask('GET', '/route/v1/stack');
  assert.equal(headers.get('etag'), `"${standing.tag}"`);
  const wish = { set: standing.set, sources: standing.sources, by: 'bob', why: 'mine' };
  assert.equal((await nr.ask('PUT', '/route/v1/stack', wish, { 'If-Match': `"${standing.tag}"` })).status, 200);
  const late = await nr.ask('PUT', '/route/v1/stack', wish, { 'If-Match': `"${standing.tag}"` });
  assert.equal(late.status, 412);
  assert.equal(late.body.by, 'bob');
});

test('what cannot be used is refused in words', { skip }, async () => {
  const put = (body) => nr.ask('PUT', '/route/v1/stack', body, { 'Content-Type': 'application/vnd.route+json' });
  assert.equal((await put({ set: { magic: 'x' } })).status, 422);
  assert.match((await put('{"set": ')).body.error, /this is no JSON/);
  assert.equal((await put({ set: 'x'.repeat(6 << 20) })).status, 422);
  const large = await put({ set: 'x'.repeat(65 << 20) });
  assert.deepEqual([large.status, large.body.error], [413, 'the stack is larger than 64 MiB, which is the limit']);
  const { body: standing } = await nr.ask('GET', '/route/v1/stack');
  const other = await put({ set: { ...standing.set, flows: 'other' } });
  assert.equal(other.status, 409);
  assert.match(other.body.error, /compiled against flows `other`/);
  assert.equal((await nr.ask('PUT', '/route/v1/held/77', {})).status, 404);
  assert.equal((await nr.ask('POST', '/route/v1/rollback?to=99')).status, 404);
});

test('an overlay lies on top for a while', { skip }, async () => {
  await nr.apply('stack s\n\nhalt never on "Source" -> "A" {\n  when msg.payload == "never"\n}\n');
  const file = writeStack('halt night on "Source" -> "A" {\n  when msg.payload == "night"\n}\n', 'night.route');
  assert.equal((await nr.routec(['apply', '--overlay', file, '--for', '10m'])).status, 0);
  assert.match((await nr.routec(['status'])).stdout, /overlay night of anna: 1 router, until/);
  await send({ payload: 'night' }, { payload: 'day' });
  assert.deepEqual(await reached('a', 'day'), ['day']);
  assert.equal((await nr.routec(['apply', '--overlay', file, '--for', '200ms'])).status, 0);
  const status = await nr.statusWhere(({ stack }) => stack.overlays.length === 0, 'no overlay');
  assert.match(status.stack.why, /the time of overlay `night` is over/);
  await send({ payload: 'night' });
  await reached('a', 'night');
});
