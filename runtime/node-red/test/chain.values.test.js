//! What conditions and functions mean on values, by generated code and by closures.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { PAYLOAD, TOPIC, X, cmp, holds, is, lit, path, stack } = require('./chain.tools');

/** Both ways to run say this of a condition and a payload. */
function says(expected, cond, payload, options) {
  for (const interpret of [false, true]) {
    assert.equal(holds(cond, { payload }, { interpret, ...options }), expected, `${JSON.stringify(cond)} of ${String(payload)}, interpret: ${interpret}`);
  }
}

/** The value of a function of the payload, as `set` writes it; `undefined`: absent. */
function value(operand, payload) {
  const [one, other] = [false, true].map((interpret) => stack([{ op: { set: [{ assign: [TOPIC, operand] }] } }], { interpret }).send({ payload })?.msg.topic);
  assert.deepEqual(one, other);
  return one;
}
const of = (func, payload) => value({ call: [func, [path(PAYLOAD)]] }, payload);

test('an absent operand makes a comparison false and its negation true', () => {
  for (const cond of [is(X, 1), cmp('lt', path(X), lit(1)), { starts_with: [path(X), lit('')] }, { in_list: [path(X), [1, null]] }, { truth: path(X) }]) {
    says(false, cond, undefined);
    says(true, { not: cond }, { x: undefined });
  }
  says(true, { has: X }, { x: null });
  says(false, { has: X }, { x: undefined });
});

test('equality is by type and value', () => {
  says(true, is(PAYLOAD, 0), -0);
  says(false, cmp('eq', path(PAYLOAD), path(PAYLOAD)), NaN);
  says(false, is(PAYLOAD, 1), '1');
  says(true, is(PAYLOAD, { a: 1, b: [null] }), { u: undefined, b: [null], a: 1 });
  says(false, is(PAYLOAD, { a: 1 }), { a: 1, b: null });
  says(false, is(PAYLOAD, { a: 1 }), new (class { constructor() { this.a = 1; } })());
  says(false, is(PAYLOAD, [[]]), [[NaN]]);
  const thing = new Map();
  says(true, cmp('eq', path(PAYLOAD), path(PAYLOAD)), thing);
  assert.ok(holds(cmp('eq', path(PAYLOAD), path(TOPIC)), { payload: new Date(5), topic: new Date(5) }));
  assert.ok(!holds(cmp('eq', path(PAYLOAD), path(TOPIC)), { payload: new Date(NaN), topic: new Date(NaN) }));
  assert.ok(holds(cmp('eq', path(PAYLOAD), path(TOPIC)), { payload: Buffer.from('a'), topic: Buffer.from('a') }));
});

test('equality ends on values that contain themselves or share what they hold', () => {
  const [a, b] = [{}, {}];
  a.a = a;
  b.a = b;
  assert.ok(!holds(cmp('eq', path(PAYLOAD), path(TOPIC)), { payload: a, topic: b }));
  let [x, y] = [[NaN], [NaN]];
  for (let i = 0; i < 200; i += 1) [x, y] = [[x, x], [y, y]];
  assert.ok(!holds(cmp('eq', path(PAYLOAD), path(TOPIC)), { payload: x, topic: y }));
});

test('texts are ordered by code point', () => {
  const [below, above] = ['\uff5e', '\u{1f600}'];
  says(true, cmp('lt', path(PAYLOAD), lit(above)), below);
  says(true, cmp('gt', path(PAYLOAD), lit(below)), above);
  says(true, cmp('ge', path(PAYLOAD), lit('a')), 'a\u{10ffff}');
  says(true, { in_range: [path(PAYLOAD), lit('b'), lit('c'), false] }, 'bz');
  says(false, cmp('lt', path(PAYLOAD), lit(2)), '1');
  says(false, cmp('le', path(PAYLOAD), lit(null)), null);
});

test('types', () => {
  const types = (payload) => ['number', 'string', 'bool', 'object', 'list', 'null', 'bytes'].filter((type) => holds({ is: [path(PAYLOAD), type] }, { payload }));
  assert.deepEqual([NaN, '', false, {}, [], null, Buffer.alloc(1)].flatMap(types), ['number', 'string', 'bool', 'object', 'list', 'null', 'bytes']);
  assert.deepEqual([new Date(), new Map(), new Uint8Array(1), /x/, () => {}, 1n, Symbol('s'), undefined, new Error('e')].flatMap(types), []);
  assert.deepEqual(types(Object.create(null)), ['object']);
});

test('functions are those of the reference interpreter', () => {
  assert.deepEqual(['a😀', [1, 2], { a: 1, b: undefined }, Buffer.alloc(3), 5].map((v) => of('len', v)), [2, 2, 1, 3, undefined]);
  assert.deepEqual([-2.5, 2.5, 0.49999999999999994, -0.2, '1'].map((v) => of('round', v)), [-2, 3, 0, 0, undefined]);
  assert.ok(Object.is(of('round', -0.2), 0));
  assert.deepEqual([of('trim', '\ufeff x\n\u0085'), of('lower', 'ΑΣ'), of('upper', 'ß')], ['x\n\u0085', 'ας', 'SS']);
  assert.deepEqual(['::FFFF:10.0.0.1', '1:0:0:2:0:0:0:3', '01.2.3.4', 'fe80::1%eth0', '1:2:3:4:5:6:7::', '::1.2.3.4'].map((v) => of('ip', v)), [
    '10.0.0.1', '1:0:0:2::3', undefined, undefined, '1:2:3:4:5:6:7:0', '::102:304',
  ]);
  const zeros = { arith: ['div', lit(1), { call: ['min', [lit(0), lit(-0)]] }] };
  assert.equal(value(zeros, 0), Infinity);
  assert.deepEqual([value({ call: ['max', []] }, 0), value({ call: ['max', [lit(1), lit('x')]] }, 0), value({ call: ['max', [lit(1), lit(3), lit(2)]] }, 0)], [undefined, undefined, 3]);
  assert.deepEqual([value({ arith: ['add', lit('a'), lit('b')] }, 0), value({ arith: ['add', lit('a'), lit(1)] }, 0), value({ arith: ['rem', lit(-7), lit(3)] }, 0)], ['ab', undefined, -1]);
});

test('size and hash are of the JSON text', () => {
  const values = ['ä"\n', [undefined, NaN, -0, 1e21], { b: undefined, a: [new Date(0)] }, Buffer.from([1, 255]), null, 'x'.repeat(3 << 20)];
  for (const payload of values) assert.equal(of('size', payload), Buffer.byteLength(JSON.stringify(payload)), String(payload));
  assert.equal(of('size', new Map()), Buffer.byteLength('"[Map]"'));
  // FNV-1a of `"a"`, with its quotes.
  assert.equal(of('hash', 'a'), [...'"a"'].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0);
  assert.equal(of('hash', { a: 1, b: { d: 1, c: 2 } }), of('hash', { b: { c: 2, d: 1 }, a: 1 }));
  const around = {};
  around.around = around;
  assert.equal(of('size', around), undefined);
  assert.equal(of('hash', around), undefined);
});

test('samples: at random by the dice, by key always the same', () => {
  const { send, host } = stack([{ when: { sample: 0.4 }, op: { halt: { as_error: false } } }]);
  const stops = (dice) => {
    host.dice = dice;
    return send({}) !== null;
  };
  assert.deepEqual([stops(0.3), stops(0.4)], [true, false]);
  const below = Array.from({ length: 1000 }, (_, i) => holds({ sample_by: [0.2, path(PAYLOAD)] }, { payload: `bed/${i}` })).filter(Boolean).length;
  assert.ok(below > 120 && below < 280, String(below));
  assert.equal(holds({ sample_by: [0.5, path(X)] }, {}), holds({ sample_by: [0.5, lit(null)] }, {}));
});

test('networks', () => {
  const within = (net, address) => holds({ in_cidr: [path(PAYLOAD), net] }, { payload: address });
  assert.deepEqual(['10.255.0.1', '::ffff:10.0.0.1', '11.0.0.1', 'x', 10].map((address) => within('10.0.0.0/8', address)), [true, true, false, false, false]);
  assert.deepEqual([within('0.0.0.0/0', '1.2.3.4'), within('::/0', 'fe80::1'), within('::/0', '1.2.3.4'), within('fe80::/10', 'febf::1'), within('10.0.0.0/9', '10.128.0.0')], [true, true, false, true, false]);
});

test('lists and texts contain', () => {
  says(true, { contains: [path(PAYLOAD), lit('b')] }, 'abc');
  says(true, { contains: [path(PAYLOAD), lit({ a: 1 })] }, [{ a: 1 }]);
  says(false, { contains: [path(PAYLOAD), lit(1)] }, '1');
  says(true, { in_list: [path(PAYLOAD), [1, 'a', null, true, 'b', 'c']] }, null);
  says(false, { in_list: [path(PAYLOAD), [1, 'a', null, true, 'b', 'c']] }, '1');
});
