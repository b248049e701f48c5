//! Regular expressions of the `regex` crate: what they match, how long it takes, and what is refused.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { fromValue } = require('../lib/format');
const { link } = require('../lib/chain');
const { matcher } = require('../lib/chain/regex');
const { halt, path, setOf } = require('./chain.tools');

const matching = (regex, ...texts) => texts.filter(matcher(regex));

test('classes, boundaries and case are those of Unicode', () => {
  assert.deepEqual(matching(String.raw`^\d$`, '1', '٣', 'a'), ['1', '٣']);
  assert.deepEqual(matching(String.raw`\bé\b`, 'é', 'é!', 'éa', 'aé'), ['é', 'é!']);
  assert.deepEqual(matching('(?i)^straße$', 'STRAßE', 'strasse', 'STRAẞE'), ['STRAßE', 'STRAẞE']);
  assert.deepEqual(matching('(?i)^k$', 'K', '\u212a', 'x'), ['K', '\u212a']);
  assert.deepEqual(matching(String.raw`^\p{Greek}$`, 'α', 'a'), ['α']);
  assert.deepEqual(matching('^[a-z&&[^b]--c]$', 'a', 'b', 'c', 'd'), ['a', 'd']);
  assert.deepEqual(matching('^.$', '😀', '\n', 'ab'), ['😀']);
});

test('lines and the ends of the text', () => {
  assert.deepEqual(matching('^a$', 'a', 'a\n', 'b\na'), ['a']);
  assert.deepEqual(matching('(?m)^a$', 'a', 'a\n', 'b\na', 'ba'), ['a', 'a\n', 'b\na']);
  assert.deepEqual(matching(String.raw`(?m)\Aa\z`, 'a', 'b\na'), ['a']);
  assert.deepEqual(matching('(?s)a.b', 'a\nb'), ['a\nb']);
});

test('the time grows with the text alone', () => {
  const text = 'a'.repeat(200000);
  const from = process.hrtime.bigint();
  for (const regex of ['(a+)+$', '(a|a)*b', 'a.*a.*a.*b', '(a?){30}a{30}c', '[^/]+/x', 'a+b', '^a*a*a*b', String.raw`(\w+\s?)+:`]) assert.deepEqual(matching(regex, `${text}!`), [], regex);
  // A backtracking engine would not come back within a lifetime; a linear one takes some hundred milliseconds.
  assert.ok(process.hrtime.bigint() - from < 30_000_000_000n);
});

test('many states are forgotten and made again', () => {
  const test = matcher('(a|b)*a(a|b){12}c');
  let text = '';
  for (let i = 0; i < 20000; i += 1) text += (i * i + (i >> 3)) % 7 < 3 ? 'a' : 'b';
  assert.deepEqual([test(text), test(`${text}a${'b'.repeat(12)}c`), test(`${text}b${'b'.repeat(12)}c`)], [false, true, false]);
});

test('simple ones are left to the engine of JavaScript', () => {
  for (const regex of ['^plant/line[0-9]+/temp$', 'a|b', '^a', '(?i)error', 'line[0-9]+', '^[^/]+/x$', 'x.*']) assert.ok(matcher(regex).native, regex);
  for (const regex of ['a+b', '(a+)+', String.raw`\bx`, '(?i)[a-z]x', '^[ab]*[bc]x', '(?m)^a']) assert.equal(matcher(regex).native, undefined, regex);
});

test('what is refused, and why', () => {
  const reasons = {
    '(?=a)': /look-around/, '(?<!a)b': /look-around/, [String.raw`(a)\1`]: /references to groups/, '(?-u)a': /flag `-u`/, '(?R)^a': /flag `R`/,
    [String.raw`\p{Age=6.0}`]: /Unicode property `Age=6.0`/, '(a': /not closed/, 'a{2': /counted/, 'a{3,2}': /ends before/, '*': /nothing to repeat/,
    '[b-a]': /range/, [String.raw`\q`]: /no escape/, '((a{1000}){1000}){1000}': /too large/, [`${'('.repeat(300)}${')'.repeat(300)}`]: /nested too deeply/,
  };
  for (const [regex, reason] of Object.entries(reasons)) assert.throws(() => matcher(regex), reason, regex);
  const set = setOf([halt({ matches: [path(0), 0] })], { regexes: ['(?=a)'] });
  assert.throws(() => link(fromValue(set)), { name: 'FormatError', kind: 'invalid', message: /the expression `\(\?=a\)`: look-around is not supported/ });
});
