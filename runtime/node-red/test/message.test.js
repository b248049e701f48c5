'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const vm = require('node:vm');
const { edited, line, ownCopy, shown } = require('../lib/message');

class Handle {}

test('a message is shown as JSON, whatever is in it', () => {
  const msg = {
    n: NaN, big: 10n, when: new Date(0), never: new Date(NaN), bytes: Buffer.from([1, 2]), req: new Handle(), call: () => {}, list: [undefined, 1],
    map: new Map(), error: new TypeError('no'), gone: undefined, other: vm.runInNewContext('({ date: new Date(0), list: [1] })'),
  };
  msg.self = msg;
  Object.defineProperty(msg, 'bad', { enumerable: true, get() { throw new Error('no'); } });
  const told = shown(msg);
  assert.deepEqual(told, {
    n: null, big: '10', when: '1970-01-01T00:00:00.000Z', never: null, bytes: { type: 'Buffer', data: [1, 2] }, req: '[Handle]', list: [null, 1],
    map: '[Map]', error: { name: 'TypeError', message: 'no' }, other: { date: '1970-01-01T00:00:00.000Z', list: [1] }, self: '[circular]', bad: '[unreadable]',
  });
  assert.equal(JSON.parse(line(12.7, null, { from: 'a', port: 1, to: 'b' }, { payload: 1 })).at, 12);
  let deep = {};
  for (let at = 0; at < 100000; at += 1) deep = { deep };
  assert.doesNotThrow(() => JSON.stringify(shown({ deep })));
});

test('an edit keeps what it does not change', () => {
  const old = { when: new Date(0), req: new Handle(), gone: undefined, bytes: Buffer.from([1]), list: [new Date(1), 2], n: 1, away: 1 };
  const { away, ...json } = shown(old);
  const next = edited(old, { ...json, n: 2, fresh: { type: 'Buffer', data: [7] } });
  assert.ok(next.when === old.when && next.req === old.req && next.bytes === old.bytes && next.list[0] === old.list[0]);
  assert.ok('gone' in next && !('away' in next));
  assert.equal(next.n, 2);
  assert.deepEqual(next.fresh, Buffer.from([7]));
});

test('what is too large is cut, also where it is small and reached again and again', () => {
  let twice = { n: 1 };
  for (let at = 0; at < 100; at += 1) twice = { one: twice, other: twice };
  const text = JSON.stringify(shown({ twice }));
  assert.match(text, /"\[too large\]"/);
  assert.ok(text.length < 100e6);
});

test('an edit keeps what could not be shown', () => {
  const old = { n: 1, list: [] };
  old.list.push(old);
  const next = edited(old, { ...shown(old), n: 2 });
  assert.deepEqual([next.n, next.list[0] === old], [2, true]);
  assert.equal(edited(old, { n: 1, list: '[circular]' }).list, old.list);
  assert.equal(edited({ n: 1 }, { n: '[circular]' }).n, '[circular]');
});

test('a name that means something to JavaScript is a name like any other', () => {
  const next = edited({}, JSON.parse('{"__proto__": {"x": 1}}'));
  assert.equal(next.x, undefined);
  assert.ok(Object.hasOwn(next, '__proto__'));
});

test('an own copy shares no memory', () => {
  const share = (msg) => ({ ...msg, payload: { bytes: msg.payload.bytes.subarray(), words: msg.payload.words.subarray() } });
  const msg = { payload: { bytes: Buffer.from('abc'), words: new Uint16Array([1]) } };
  const copy = ownCopy(share, msg);
  msg.payload.bytes[0] = 0;
  msg.payload.words[0] = 0;
  assert.equal(copy.payload.bytes.toString(), 'abc');
  assert.equal(copy.payload.words[0], 1);
});
