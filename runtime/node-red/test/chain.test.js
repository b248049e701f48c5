//! What chains do to messages, and what they count: the contract of `lib/chain/README.md`.
'use strict';

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { test } = require('node:test');
const { fromValue } = require('../lib/format');
const { copyOf, link } = require('../lib/chain');
const {
  DEEP, LENGTH, PAYLOAD, PROTO, SECOND, TOPIC, TO_STRING, URL, X, both, cmp, desk, frozen, halt, is, keep, lit, path, put, set, setOf,
} = require('./chain.tools');

const rate = (count, burst = 1) => ({ count, per_ms: 100, burst });
const limit = (more) => ({ op: { limit: { over: 'halt', max_keys: 10, ...more } } });
const tap = (more = {}) => ({ op: { tap: { sink: 'stdout', select: 'whole', every: 1, block: false, ...more } } });
const brk = (more = {}) => ({ op: { break: { hits: 1, max: 9, for_ms: 50, then_pass: true, ...more } } });

both('a message that nothing changes arrives as it is', (of) => {
  const { chain, send, linked } = of([keep(is(TOPIC, 'x'))]);
  assert.equal(send({ topic: 'x' }), null);
  const msg = { topic: 'y' };
  assert.deepEqual(send(msg), { kind: 'stop', router: 0, reason: undefined, asError: false, msg, changed: false });
  assert.equal(linked.chainOf('a', 1, 'b'), undefined);
  const { fast } = chain;
  assert.equal(fast({ topic: 'x' }, desk(), chain.wire), null);
});

both('a set makes a new message and leaves the old one as it was', (of) => {
  const msg = frozen({ topic: 't', payload: { x: 1, list: [1, 2], other: { y: 1 } } });
  const { send } = of([set(put(X, lit(2)), put(SECOND, path(X)), put(DEEP, lit(true)), { delete: TOPIC })]);
  const outcome = send(msg);
  assert.deepEqual(outcome, { kind: 'deliver', to: undefined, msg: { payload: { x: 2, list: [1, 2], other: { y: 1 } }, made: { deep: true } }, changed: true });
  assert.equal(outcome.msg.payload.other, msg.payload.other);
});

both('what is put in is a copy of its own', (of) => {
  const { send } = of([set(put(DEEP, lit({ a: [1] })), put(TOPIC, path(PAYLOAD)))]);
  const payload = { list: [Buffer.from('a')] };
  const [one, two] = [send({ payload }).msg, send({ payload }).msg];
  one.made.deep.a.push(2);
  one.topic.list[0][0] = 0;
  assert.deepEqual([two.made.deep, two.topic.list[0], payload.list[0]], [{ a: [1] }, Buffer.from('a'), Buffer.from('a')]);
});

both('a change that does not fit changes nothing', (of) => {
  const { send } = of([set(put(X, lit(1)), put(SECOND, lit(1)), { delete: X })]);
  for (const payload of ['text', null, 5, [], Buffer.from('b'), new Date(), new Map()]) {
    const msg = { payload };
    assert.equal(send(msg), null, String(payload));
  }
  assert.deepEqual(send({}).msg, { payload: {} });
  assert.deepEqual(of([set(put(SECOND, lit(9)))]).send({ payload: { list: [1] } }).msg, { payload: { list: [1, 9] } });
  assert.equal(of([set(put(SECOND, lit(9)))]).send({ payload: { list: [] } }), null);
});

both('live things survive, and paths lead through them', (of) => {
  class Request {
    get url() {
      return '/x';
    }
  }
  const [req, map, done] = [new Request(), new Map(), () => {}];
  const { send } = of([keep(is(URL, '/x')), set(put(X, lit(1)), put(DEEP, { list: [path(URL)] }))]);
  const { msg } = send({ req, payload: { map, done } });
  assert.deepEqual([msg.req === req, msg.payload.map === map, msg.payload.done === done, msg.made.deep], [true, true, true, ['/x']]);
  assert.equal(of([set(put(7, lit(1)))]).send({ req }), null);
});

both('objects of another realm are plain data', (of) => {
  const msg = vm.runInNewContext('({ topic: "t", payload: { x: 1, list: [1, 2], when: new Date(0) } })');
  const isObject = { and: [{ is: [path(PAYLOAD), 'object'] }, is(SECOND, 2), is(PAYLOAD, { x: 1, list: [1, 2], when: '' })] };
  assert.equal(of([halt({ is: [path(PAYLOAD), 'object'] })]).send(msg).kind, 'stop');
  assert.equal(of([halt(isObject)]).send(msg), null);
  assert.equal(of([set(put(X, lit(2)))]).send(msg).msg.payload.x, 2);
});

both('no key is found that a message has not for itself, and none does harm', (of) => {
  for (const at of [TO_STRING, PROTO, LENGTH]) {
    assert.equal(of([halt({ has: at })]).send({ payload: [1] }), null);
    assert.equal(of([halt({ has: at })]).send({ payload: 'text' }), null);
    assert.equal(of([halt({ has: at })]).send({ payload: Buffer.from('b') }), null);
  }
  const { msg } = of([set(put(PROTO, lit(1)), put(TO_STRING, lit('t')), put(DEEP, { object: [['__proto__', path(TOPIC)]] }))]).send({ topic: { y: 2 } });
  assert.deepEqual([Object.getPrototypeOf(msg), ({}).x, msg.toString], [Object.prototype, undefined, 't']);
  assert.deepEqual(Object.keys(msg), ['topic', '__proto__', 'toString', 'made']);
  assert.deepEqual([Object.hasOwn(msg.made.deep, '__proto__'), msg.made.deep.y], [true, undefined]);
  assert.equal(of([halt({ has: PROTO })]).send(msg).kind, 'stop');
  assert.deepEqual(Object.keys(of([set({ delete: PROTO })]).send(JSON.parse('{"__proto__":{"x":1,"y":2}}')).msg.__proto__), ['y']);
});

both('a message gets no deeper than 256 levels and no larger than 4,194,304 members', (of) => {
  const deeper = of([set(put(X, path(PAYLOAD)))]);
  let msg = { payload: {} };
  let times = 0;
  for (let outcome = deeper.send(msg); outcome !== null; outcome = deeper.send(msg)) {
    msg = outcome.msg;
    times += 1;
  }
  assert.equal(times, 254);
  const double = of([set(put(PAYLOAD, { list: [path(PAYLOAD), path(PAYLOAD)] }))]);
  let twice = [1];
  for (let i = 0; i < 22; i += 1) twice = [twice, twice];
  assert.equal(double.send({ payload: twice }), null);
  const around = { payload: {} };
  around.payload.around = around;
  assert.equal(of([set(put(DEEP, path(PAYLOAD)))]).send(around), null);
});

both('texts too long for JavaScript are absent', (of) => {
  const { send } = of([set(put(PAYLOAD, { arith: ['add', path(PAYLOAD), path(PAYLOAD)] }))]);
  assert.equal(send({ payload: 'x'.repeat(2 ** 28) + 'y'.repeat(2 ** 28 - 1000) }), null);
});

both('a redirect is remembered to the end and over a hold', (of) => {
  const { send, linked } = of([{ when: is(TOPIC, 'x'), op: { redirect: { to: 'c' } } }, brk(), set(put(TOPIC, lit('y')))]);
  const held = send({ topic: 'x' });
  assert.deepEqual([held.kind, held.why, held.until, held.max, held.pass, held.at], ['hold', 'break', 50, 9, true, { chain: 1, step: 2, redirect: 'c' }]);
  assert.equal(linked.counts(1).holds, 1);
  linked.released(1, false);
  assert.deepEqual(send(held.msg, held.at), { kind: 'deliver', to: 'c', msg: { topic: 'y' }, changed: true });
  const { seen, passed, holds, held: ever } = linked.counts(1);
  assert.deepEqual({ seen, passed, holds, ever }, { seen: 1, passed: 1, holds: 0, ever: 1 });
});

both('step by step', (of) => {
  const { chain, host, counts } = of([keep(is(TOPIC, 'x')), set(put(X, lit(1))), halt(is(X, 1), 'enough')]);
  const first = chain.step({ topic: 'x' }, host);
  assert.deepEqual([first.kind, first.at.step, first.changed], ['next', 1, false]);
  const second = chain.step(first.msg, host, first.at);
  assert.deepEqual([second.at.step, second.msg.payload.x, second.changed], [2, 1, true]);
  assert.equal(chain.step(second.msg, host, second.at).reason, 'enough');
  assert.equal(chain.step({ topic: 'z' }, host, second.at), null);
  assert.deepEqual([counts(0).seen, counts(0).passed, counts(2).stopped], [1, 1, 1]);
});

both('a rate by key, of which the one used longest ago is forgotten', (of) => {
  const { send, host } = of([limit({ rate: rate(1, 2), per: path(TOPIC), max_keys: 2 })]);
  const passes = (time, topic) => {
    host.time = time;
    return send({ topic }) === null;
  };
  assert.deepEqual(['a', 'a', 'a', 'b'].map((topic) => passes(0, topic)), [true, true, false, true]);
  assert.deepEqual([passes(100, 'a'), passes(100, 'a'), passes(150, 'a')], [true, false, false]);
  assert.deepEqual([passes(150, 'c'), passes(150, 'b'), passes(150, 'b')], [true, true, true]);
});

both('those over a rate are held in order, as many as there is room', (of) => {
  const { send } = of([limit({ rate: rate(1), over: { hold: { max: 2 } } })]);
  const said = [1, 2, 3, 4].map(() => send({}));
  assert.deepEqual(said.map((o) => o && [o.kind, o.why, o.until, o.max]), [
    null, ['hold', 'limit', 100, 2], ['hold', 'limit', 200, 2], ['stop', undefined, undefined, undefined],
  ]);
});

both('duplicates: types are told apart, and so are long texts', (of) => {
  const { send } = of([limit({ distinct: { by: path(TOPIC), within_ms: 50 }, max_keys: 99 })]);
  const keys = [1, '1', null, undefined, true, 'null', [1], { a: 1, b: 2 }, 'x'.repeat(500), `${'x'.repeat(499)}y`, 'absent', 'json null', Infinity];
  // Infinity has the JSON text of `null`.
  assert.deepEqual(keys.map((topic) => send({ topic }) === null), keys.map((topic) => topic !== Infinity));
  assert.deepEqual([...keys, 1.0, { b: 2, a: 1, c: undefined }].map((topic) => send({ topic }) === null), new Array(keys.length + 2).fill(false));
});

both('a tap shows the part that it wants, and leaves the copying to who keeps it', (of) => {
  const whole = of([tap()]);
  const sent = { payload: 1 };
  assert.equal(whole.send(sent), null);
  assert.equal(whole.host.taken[0], sent);
  const unread = of([tap({ select: { omit: [0] } })], { host: desk({ tap: () => 'taken' }) });
  assert.equal(unread.send({ get topic() { throw new Error('read'); } }), null);

  const msg = frozen({ topic: 't', payload: { x: 1, list: [{ y: 1 }, 2, 3] } });
  const paths = [['topic'], ['payload', 'x'], ['payload', 'list', 0], ['payload', 'list', 1], ['payload', 'list', 9], ['nothing'], ['topic', 'x']];
  const part = (select) => {
    const { send, host } = of([tap({ select })], { paths });
    send(msg);
    return host.taken[0];
  };
  assert.deepEqual(part({ omit: [0, 2, 3, 5] }), { payload: { x: 1, list: [3] } });
  assert.deepEqual(part({ omit: [4, 5, 6] }), msg);
  assert.deepEqual(part({ only: [3, 2, 5, 6] }), { payload: { list: [{ y: 1 }, 2] } });
  assert.deepEqual(part({ only: [5] }), {});
});

both('a full sink drops the copy, or makes the message wait at the same step', (of) => {
  let full = 'dropped';
  const { send, counts } = of([tap({ every: 2, block: true })], { host: desk({ tap: () => full }) });
  assert.deepEqual([send({}), send({}), counts().dropped_copies], [null, null, 1]);
  full = 'full';
  assert.equal(send({}), null);
  const held = send({ topic: 't' });
  assert.deepEqual([held.why, held.until, held.at.step, counts().held, counts().seen], ['sink', Infinity, 0, 0, 3]);
  full = 'taken';
  assert.equal(send(held.msg, held.at), null);
  assert.deepEqual([counts().seen, counts().passed], [4, 4]);
});

both('a breakpoint may report instead', (of) => {
  const { send, host } = of([brk({ hits: 2, log: [{ text: 'x is ' }, { value: path(X) }, { text: ', ' }, { value: path(TOPIC) }] })]);
  [0, 1, 2].forEach(() => assert.equal(send({ payload: { x: [1, 'a'] } }), null));
  assert.deepEqual(host.said, ['x is [1,"a"], absent', 'x is [1,"a"], absent']);
});

both('a module says what becomes of the message', (of) => {
  const says = (on_fault, answer) => of([{ op: { call: { plugin: 'p', options: { a: 1 }, on_fault } } }], { host: desk({ call: answer }) }).send({ topic: 't' });
  assert.equal(says('halt', () => undefined), null);
  assert.deepEqual(says('halt', (r, call, wire, msg) => ({ kind: 'pass', msg: { ...msg, from: wire.from, a: call.options.a } })).msg, { topic: 't', from: 'a', a: 1 });
  assert.deepEqual([says('halt', (r, c, w, msg) => ({ kind: 'stop', msg, reason: 'no' }))].map((o) => [o.kind, o.reason, o.asError])[0], ['stop', 'no', false]);
  const fault = () => { throw new Error('broke'); };
  assert.equal(says('pass', fault), null);
  assert.deepEqual([says('halt', fault).asError, says('error', fault).asError, says('error', fault).reason], [false, true, 'broke']);
});

both('a remote route tells where the message would go on', (of) => {
  const { send, linked } = of([{ op: { remote: { to: ['r'], choose: { hash: path(TOPIC) }, unreachable: 'pass', ack: 'stored' } } }, set(put(X, lit(1)))]);
  const outcome = send({});
  assert.deepEqual([outcome.kind, outcome.key, outcome.remote.to, outcome.at.step], ['remote', null, ['r'], 1]);
  assert.equal(linked.counts(0).remote, 1);
  linked.notSent(0, false);
  assert.deepEqual(send(outcome.msg, outcome.at).msg, { payload: { x: 1 } });
  assert.deepEqual([linked.counts(0).remote, linked.counts(0).passed], [0, 1]);
});

both('absent paths are counted by what compares them, and not by `has`', (of) => {
  const { send, counts } = of([halt({ or: [{ has: X }, is(X, 1), cmp('lt', path(X), path(TOPIC))] })]);
  send({});
  assert.deepEqual(counts().absent, { 'msg.payload.x': 2, 'msg.topic': 1 });
});

test('routers go on with what they have in the next stack, also while both are in use', () => {
  const steps = [limit({ rate: rate(1), per: path(TOPIC) }), keep({ has: TOPIC })];
  const host = desk();
  const first = link(fromValue(setOf(steps)));
  const run = (linked) => linked.chainOf('a', 0, 'b').run({ topic: 't' }, host);
  assert.equal(run(first), null);
  const second = link(fromValue(setOf(steps, { names: (i) => ['r0', 'other'][i] })), { previous: first });
  assert.equal(run(second).router, 0);
  assert.deepEqual([first.counts(0).seen, second.counts(0).seen, second.counts(1).seen], [2, 2, 0]);
  assert.deepEqual([first.slot(0) === second.slot(0), first.slot(1) === second.slot(1)], [true, false]);
  first.retire();
  assert.equal(run(second).router, 0);
  const third = link(fromValue(setOf(steps)), { previous: second });
  assert.deepEqual([third.counts(0).seen, third.counts(1).seen], [3, 0]);
});

test('a table changes how fast a message passes and nothing else', () => {
  const many = 200;
  const steps = Array.from({ length: many }, (_, i) => (i % 3 === 0
    ? { when: is(TOPIC, `t/${i}`), op: { set: [put(X, { arith: ['add', path(X), lit(1)] }), put(DEEP, lit(i))] } }
    : halt({ and: [is(TOPIC, `t/${i}`), cmp('gt', path(X), lit(3))] }, `rule ${i}`)));
  const tables = [{
    from: 0, to: many, path: TOPIC, equal: Array.from({ length: many }, (_, i) => [`t/${i}`, [i]]), prefix: [['u/', []]], other: [],
  }];
  const plain = link(fromValue(setOf(steps)));
  const fast = link(fromValue(setOf(steps, { tables })));
  for (const topic of ['t/0', 't/1', 't/3', 't/199', 'u/1', 'x', 7, undefined, null, '__proto__']) {
    for (const x of [1, 9]) {
      const run = (linked) => linked.chainOf('a', 0, 'b').run({ topic, payload: { x } }, desk());
      assert.deepEqual(run(fast), run(plain), String(topic));
    }
  }
  assert.deepEqual(Array.from({ length: many }, (_, i) => fast.counts(i)), Array.from({ length: many }, (_, i) => plain.counts(i)));
});

test('a copy shares nothing but live things, whatever its depth', () => {
  let deep = [];
  for (let i = 0; i < 100000; i += 1) deep = [deep];
  assert.notEqual(copyOf(deep), deep);
  const [date, thing] = [new Date(5), new (class Thing {})()];
  const copy = copyOf({ date, thing, bytes: Buffer.from('a'), nothing: undefined });
  assert.deepEqual([copy.date === date, copy.date.getTime(), copy.thing === thing, 'nothing' in copy], [false, 5, true, true]);
});
