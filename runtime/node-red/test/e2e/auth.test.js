//! The admin API behind Node-RED's authentication, and below an admin root.
'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const path = require('node:path');
const { NodeRed, skip } = require('./nodered');
const { plain } = require('./flows');

let nr;
before(async () => {
  if (skip) return;
  const bcrypt = require(path.join(process.env.ROUTE_E2E_RED, '..', '..', 'bcryptjs'));
  const hash = bcrypt.hashSync('secret', 4);
  nr = await NodeRed.start({
    flows: plain(),
    settings: `{
      httpAdminRoot: '/admin',
      adminAuth: {
        type: 'credentials',
        users: [{ username: 'anna', password: '${hash}', permissions: '*' }, { username: 'bob', password: '${hash}', permissions: 'read' }],
        tokens: (token) => Promise.resolve({ fixed: { username: 'ci', permissions: ['route.read', 'route.write'] }, looks: { username: 'wall', permissions: 'read' }, other: { username: 'palette', permissions: 'nodes.read' } }[token] ?? null),
      },
    }`,
  });
  nr.root = `${nr.url}/admin`;
});
after(async () => nr?.remove());

test('without a token nothing answers', { skip }, async () => {
  for (const [method, where] of [['GET', 'status'], ['GET', 'flows'], ['GET', 'stack'], ['PUT', 'stack'], ['DELETE', 'overlays/x'], ['GET', 'history'],
    ['POST', 'rollback'], ['GET', 'held'], ['PUT', 'held/1'], ['POST', 'held/1/drop'], ['GET', 'tap'], ['POST', 'tap']]) {
    const answer = await nr.ask(method, `/route/v1/${where}`, method === 'GET' ? undefined : {});
    assert.equal(answer.status, 401, `${method} ${where}`);
  }
  const told = await nr.routec(['status']);
  assert.equal(told.status, 2);
  assert.match(told.stderr, /asks who you are[\s\S]*--user NAME/);
});

test('a token that Node-RED knows', { skip }, async () => {
  assert.match((await nr.routec(['status', '--token', 'fixed'])).stdout, /stack \(none\)/);
  assert.match((await nr.routec(['status'], { env: { ROUTE_TOKEN: 'fixed' } })).stdout, /stack \(none\)/);
  assert.match((await nr.routec(['status', '--token', 'wrong'])).stderr, /does not take this token/);
  assert.match((await nr.routec(['rollback', '--token', 'looks'])).stderr, /who has this token may look, but not change anything/);
  assert.match((await nr.routec(['status', '--token', 'other'])).stderr, /who has this token may not look at .*: that needs the permission `route.read`/);
});

test('a name and a password', { skip }, async () => {
  assert.match((await nr.routec(['status', '--user', 'anna'], { input: 'secret\n' })).stdout, /stack \(none\)/);
  assert.match((await nr.routec(['status', '--user', 'anna'], { env: { ROUTE_PASSWORD: 'secret' } })).stdout, /stack \(none\)/);
  assert.match((await nr.routec(['status', '--user', 'anna'], { input: 'wrong\n' })).stderr, /does not take this name and password/);
});

test('who may only read sees, and changes nothing', { skip }, async () => {
  const bob = { env: { ROUTE_PASSWORD: 'secret' } };
  const fs = require('node:fs');
  const file = path.join(nr.home, 'x.route');
  fs.writeFileSync(file, 'halt all on "Source" -> "A"\n');
  assert.match((await nr.routec(['plan', file, '--user', 'bob'], bob)).stdout, /halt all|all/);
  const refused = await nr.routec(['apply', file, '--user', 'bob'], bob);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /`bob` may look, but not change anything at .*: that needs the permission `route.write`/);
  assert.equal((await nr.routec(['apply', file, '--user', 'anna'], bob)).status, 0);
});
