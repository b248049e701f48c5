//! Breakpoints of the editor: what they are written as, who may change them, what a deploy does to them.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Breakpoints, fitted } = require('../lib/breakpoints');

const FLOWS = ['a', 'b', 'c'].map((id) => ({ id }));
const POINT = { from: 'a', port: 1, to: 'b' };

/** The part of the plugin that breakpoints need; what is compiled is what comes into place. */
function plugin({ root = '/s.route', routers = [], overlays = [], canCompile = true, compile = async () => {} } = {}) {
  const stacks = {
    ledger: { tag: 'tag', current: { set: { routers }, sources: { root, files: {}, params: [], overlays } } },
    now: () => 5,
    needFlows: () => ({ flows: FLOWS }),
    change({ sources, by, why, expected }) {
      assert.equal(expected, 'tag');
      stacks.ledger.current.sources = sources;
      return { by, why };
    },
    removeOverlay({ name }) {
      const { sources } = stacks.ledger.current;
      sources.overlays = sources.overlays.filter((overlay) => overlay.name !== name);
    },
  };
  const points = new Breakpoints({ stacks, canCompile, recompile: async (entry) => ({ set: entry.set, ...await compile(entry) }) });
  const text = () => points.overlay?.files[points.overlay.root];
  return { stacks, points, text };
}

const refuses = (promise, status, words) => assert.rejects(async () => promise(), (error) => {
  assert.equal(error.status, status, error.message);
  assert.match(error.message, words);
  return true;
});

test('a breakpoint is an overlay of its user, by ids, with a bound', async () => {
  const { points, text } = plugin();
  await points.add(POINT, 'anna');
  await points.add({ to: 'c' }, 'anna');
  assert.match(text(), /break debug1 on id "a"\.2 -> id "b" \{\n {2}hold at most 100 for 10m then pass\n\}/);
  assert.match(text(), /break debug2 on \* -> id "c" \{/);
  assert.deepEqual(points.status(), { compiler: true, owner: 'anna', ours: true, points: [{ name: 'debug1', ...POINT }, { name: 'debug2', to: 'c' }] });
  await points.remove('debug1', 'anna');
  await points.add({ from: 'c' }, 'anna');
  assert.deepEqual(points.status().points.map(({ name }) => name), ['debug2', 'debug1']);
  await points.remove('debug1', 'anna');
  await points.remove('debug2', 'anna');
  assert.equal(points.overlay, undefined);
});

test('changes at the same time come one after the other', async () => {
  const { points } = plugin({ compile: () => new Promise((done) => { setImmediate(done); }) });
  await Promise.all([points.add({ to: 'a' }, 'anna'), points.add({ to: 'b' }, 'anna'), points.add({ to: 'c' }, 'anna')]);
  assert.deepEqual(points.status().points.map(({ name, to }) => `${name} ${to}`), ['debug1 a', 'debug2 b', 'debug3 c']);
});

test('without a stack, one that does nothing lies below', async () => {
  const { points, stacks } = plugin({ root: '' });
  await points.add(POINT, 'anna');
  const { sources } = stacks.ledger.current;
  assert.equal(sources.files[sources.root], 'stack empty\n');
});

test('what cannot be done is refused', async () => {
  const { points } = plugin();
  await refuses(() => points.add({}, 'anna'), 422, /neither `from` nor `to`/);
  await refuses(() => points.add({ to: 'x' }, 'anna'), 422, /no node `x`: deploy first/);
  await refuses(() => points.add({ to: 'a" -> * {}' }, 'anna'), 422, /such an id/);
  await refuses(() => points.add({ to: 'a', port: 0 }, 'anna'), 422, /`port` is an output of `from`/);
  await refuses(() => points.add({ to: 'a', when: '1' }, 'anna'), 422, /unknown field `when`/);
  await refuses(() => points.remove('debug9', 'anna'), 404, /no breakpoint is called `debug9`/);
  await points.add(POINT, 'anna');
  await refuses(() => points.add(POINT, 'anna'), 409, /has a breakpoint/);
  await refuses(() => points.add({ to: 'c' }, 'bob'), 409, /belongs to anna/);
  await refuses(() => plugin({ canCompile: false }).points.add(POINT, 'anna'), 501, /no `routec` is on the PATH/);
  await refuses(() => plugin({ root: '', routers: [{}] }).points.add(POINT, 'anna'), 409, /came without its text/);
});

test('an overlay of the same name that somebody wrote is left alone', async () => {
  const { points } = plugin({ overlays: [{ name: 'debug', owner: 'anna', root: '/d.route', files: { '/d.route': 'halt x on * -> id "a"\n' }, params: [] }] });
  assert.deepEqual([points.status().ours, points.status().points], [false, []]);
  await refuses(() => points.add(POINT, 'anna'), 409, /was not made in the editor/);
});

test('a breakpoint whose node is gone goes too', async () => {
  const { points, stacks } = plugin();
  await points.add(POINT, 'anna');
  await points.add({ to: 'c' }, 'anna');
  const { sources } = stacks.ledger.current;
  assert.equal(fitted(sources, FLOWS), sources);
  stacks.ledger.current.sources = fitted(sources, [{ id: 'a' }, { id: 'c' }]);
  assert.deepEqual(points.status().points, [{ name: 'debug2', to: 'c' }]);
  assert.deepEqual(fitted(stacks.ledger.current.sources, []).overlays, []);
});
