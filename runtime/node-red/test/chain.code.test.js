//! Generated code takes no text of a chain file for code.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');
const { fromValue } = require('../lib/format');
const { link } = require('../lib/chain');
const { cmp, desk, halt, lit, path, put, setOf } = require('./chain.tools');

const HOSTILE = [
  '"]); globalThis.broken = 1; ([("', "'; globalThis.broken = 1; '", '`${globalThis.broken = 1}`', '\\", globalThis.broken = 1, "\\', '*/ globalThis.broken = 1 /*',
  '\u2028globalThis.broken = 1\u2029', '\n}; globalThis.broken = 1; {', '</script>', '__proto__', 'constructor', 'm', 'v0', '', '\0', '$&', '0', '-1', 'length', '\u{1f600}',
];

test('texts are data wherever a chain file has them', () => {
  const steps = HOSTILE.flatMap((text, i) => [
    halt({ cmp: ['eq', path(i), lit(text)] }, text),
    halt({ or: [{ in_list: [path(i), [...HOSTILE.slice(0, 6), 1].map((t) => `${t}!`)] }, { starts_with: [path(i), lit(`${text}?`)] }, { ends_with: [path(i), lit(`${text}.`)] }] }),
    halt({ or: [{ contains: [path(i), lit(`${text};`)] }, { cmp: ['lt', path(i), lit(text)] }, { cmp: ['eq', { call: ['lower', [path(i)]] }, lit(text)] }] }, `less than ${text}`),
    { when: { has: i }, op: { set: [put(HOSTILE.length + i, { object: [[text, path(i)]] })] } },
    { when: { cmp: ['eq', path(HOSTILE.length + i), lit(text.repeat(200))] }, op: { redirect: { to: text } } },
    { when: { cmp: ['eq', path(i), lit('redirect')] }, op: { redirect: { to: text } } },
  ]);
  const paths = [...HOSTILE.map((text) => [text]), ...HOSTILE.map((text) => [`${text}${text}`, text])];
  const set = setOf(steps, { paths, names: (i) => HOSTILE[i % HOSTILE.length] + i });
  set.stack = HOSTILE[0];
  const json = JSON.stringify(set);
  const [fast, slow] = [false, true].map((interpret) => link(fromValue(JSON.parse(json)), { interpret }).chainOf('a', 0, 'b'));
  assert.ok(fast.linked.generated);
  for (const text of HOSTILE) {
    for (const value of [text, `${text}!`, `${text}?`, `x${text}.`, `a${text};`, 'redirect', '\u{10ffff}']) {
      const msg = Object.fromEntries([[text, value]]);
      const before = JSON.stringify(msg);
      assert.deepEqual(fast.run(msg, desk()), slow.run(msg, desk()), before);
      assert.equal(JSON.stringify(msg), before);
    }
    assert.equal(fast.run(Object.fromEntries([[text, text]]), desk()).reason, text);
  }
  assert.equal(globalThis.broken, undefined);
});

test('numbers of every kind stand in code as they are', () => {
  for (const n of [0, -0, 1e21, -1e-7, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53]) {
    const set = setOf([halt({ cmp: ['eq', path(0), lit(n)] }), halt({ cmp: ['lt', path(0), { neg: lit(n) }] }), halt({ in_range: [path(0), lit(n), lit(n), true] })]);
    const [fast, slow] = [false, true].map((interpret) => link(fromValue(set), { interpret }).chainOf('a', 0, 'b'));
    for (const topic of [n, -n, n + 1, n - 1]) assert.deepEqual(fast.run({ topic }, desk()), slow.run({ topic }, desk()));
  }
});

test('deep and large conditions', () => {
  let row = { has: 0 };
  for (let i = 0; i < 190; i += 1) row = { not: row };
  const many = { or: Array.from({ length: 5000 }, (_, i) => ({ cmp: ['eq', path(0), lit(`t${i}`)] })) };
  let range = path(0);
  for (let i = 0; i < 45; i += 1) range = { call: ['len', [{ list: [{ cond: { in_range: [range, lit(0), lit(1), true] } }] }]] };
  for (const cond of [row, many, cmp('eq', range, lit(1))]) {
    const set = setOf([halt(cond)]);
    const [fast, slow] = [false, true].map((interpret) => link(fromValue(set), { interpret }).chainOf('a', 0, 'b'));
    assert.deepEqual(fast.run({}, desk()), slow.run({}, desk()));
    assert.deepEqual(fast.run({ topic: 't4999' }, desk()), slow.run({ topic: 't4999' }, desk()));
  }
});

test('a chain too long to be worth code is interpreted', () => {
  const { generated } = link(fromValue(setOf(Array.from({ length: 20001 }, () => halt({ has: 0 })))));
  assert.equal(generated, false);
});

test('`eval` may be forbidden', () => {
  const script = `
    const { fromValue } = require('./lib/format');
    const linked = require('./lib/chain').link(fromValue(${JSON.stringify(setOf([halt({ has: 0 })]))}));
    console.log(linked.generated, linked.chainOf('a', 0, 'b').run({ topic: 1 }, {}).kind);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', '-e', script], { cwd: `${__dirname}/..`, encoding: 'utf8' });
  assert.match(stdout, /^true stop\n$/, stderr);
});
