//! The sidebar in the editor of a running Node-RED, as a user has it before them.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, beforeEach, test } = require('node:test');
const { routec } = require('../tools');
const { Editor, noEditor: skip } = require('./editor');
const { NodeRed } = require('./nodered');
const { tab, fn, teller } = require('./flows');

/** A name that would be an element if anybody read it as HTML. */
const TRAP = '<img src=x onerror="window.trapped=1">';

const at = (node, x, y) => ({ ...node, x, y });
const greenhouse = (more = []) => [
  tab('t', 'Greenhouse'),
  at({ id: 'in', type: 'http in', name: 'post', url: '/send', method: 'post', upload: false, swaggerDoc: '', z: 't', wires: [['src', 'ok']] }, 80, 100),
  at({ id: 'ok', type: 'http response', name: 'answer', statusCode: '204', headers: {}, z: 't', wires: [] }, 260, 60),
  at(fn('t', 'src', 'Read sensor', 'for (const one of msg.payload) node.send(one);', [['a', 'b']]), 260, 140),
  at(teller('t', 'a', 'Raise alarm', [['s']]), 480, 100),
  at(teller('t', 'b', TRAP), 480, 240),
  at({ id: 's', type: 'subflow:sub', name: 'Mail', z: 't', wires: [['end']] }, 660, 100),
  at(teller('t', 'end', 'Sent'), 760, 180),
  { id: 'sub', type: 'subflow', name: 'Mailer', info: '', category: '', env: [], meta: {}, color: '#DDAA99', in: [{ x: 60, y: 80, wires: [{ id: 'w' }] }], out: [{ x: 420, y: 80, wires: [{ id: 'w', port: 0 }] }] },
  at(fn('sub', 'w', 'Write mail', 'return msg;', [[]]), 220, 80),
  ...more,
];

const STACK = `stack greenhouse

/// Broken sensors say 999.
filter plausible on "Read sensor" -> * {
  keep when msg.payload in -40..85
}

layer night {
  set site on "Read sensor" -> "Raise alarm" {
    msg.site = "north"
  }

  break hot on "Read sensor" -> "Raise alarm" {
    when msg.payload > 30
    hold at most 10 for 10m then drop
  }

  set seen on "Read sensor" -> "Raise alarm" {
    msg.seen = true
  }
}

tap mails on node "Write mail" in subflow "Mailer" -> "Sent" {
  to counter "mails"
}

set last on "Read sensor" -> "Raise alarm" {
  msg.last = true
}
`;

let nr;
let editor;
let run = 0;
const version = process.env.ROUTE_E2E_RED?.match(/\.versions\/(\d)/)?.[1] ?? '';
const send = async (...payloads) => {
  assert.equal((await nr.ask('POST', '/send', payloads.map((payload) => ({ payload, run })))).status, 204);
};
const reached = (node, payload) => nr.tells((what) => what.at === node && what.msg.run === run && what.msg.payload === payload);
const held = () => editor.part('held').locator('.route-held > li');
const point = () => editor.part('breakpoints').locator('.route-list > li');
const breakHere = () => editor.page.getByRole('button', { name: 'Break here' });

before(async () => {
  if (skip) return;
  nr = await NodeRed.start({ flows: greenhouse(), settings: `{ route: { routec: ${JSON.stringify(routec())} } }` });
  editor = await Editor.open(nr);
});
after(async () => {
  await editor?.close();
  await nr?.remove();
});
beforeEach(() => {
  run += 1;
});

test('nothing is in place', { skip }, async () => {
  await editor.says('.route-head', 'No stack is in place.');
  await editor.says('.route-none', 'No message is held.');
  assert.equal(await editor.page.locator('.route-mark').count(), 0);
});

test('layers with their owner, and counts that grow', { skip }, async () => {
  await nr.apply(STACK);
  await editor.says('.route-head', /greenhouse, number \d+ by anna/);
  await editor.says('[data-part="layers"] li', /night3 routers, of anna/);
  await send(20, 999);
  await reached('a', 20);
  await editor.counted('plausible', [4, 2, 2]);
  await editor.counted('site', [1, 1, 0]);
  await editor.counted('mails', [1, 1, 0]);
  await send(21);
  await editor.counted('plausible', [6, 4, 2]);
});

test('an overlay shows the time that is left, and goes by click', { skip }, async () => {
  const file = path.join(nr.home, 'late.route');
  fs.writeFileSync(file, 'halt late on "Read sensor" -> "Raise alarm" {\n  when msg.payload == "late"\n}\n');
  assert.equal((await nr.routec(['apply', '--overlay', file, '--for', '10m'])).status, 0);
  await editor.says('[data-part="layers"] li', /late1 router, of anna, overlay, 9m \d+s left/);
  await editor.page.getByRole('button', { name: 'Take the overlay late away' }).click();
  await editor.page.waitForFunction(() => ![...document.querySelectorAll('[data-part="layers"] li')].some((row) => row.textContent.includes('late')));
  // It was anna's stack before, and is now.
  await editor.says('[data-part="layers"] li', /night3 routers, of anna/);
  assert.equal((await nr.status()).stack.overlays.length, 0);
});

test('wires with routers are marked, in a subflow and out of it too', { skip }, async () => {
  await editor.marked('src', 'a', '5');
  await editor.marked('src', 'b', '1');
  await editor.marked('a', 's', '');
  await editor.marked('s', 'end', '1');
  const { lines, kind } = await editor.mark('src', 'a');
  assert.equal(lines[0], 'Read sensor → Raise alarm');
  assert.deepEqual(lines.slice(1), ['1. filter plausible (main)', '2. set site (night)', '3. break hot (night)', '4. set seen (night)', '5. set last (main)']);
  assert.match(kind, /route-mark-break/);
  await editor.page.evaluate(() => RED.workspaces.show('sub'));
  await editor.page.waitForFunction(() => document.querySelectorAll('.route-mark').length === 1);
  await editor.page.evaluate(() => RED.workspaces.show('t'));
  await editor.marked('src', 'a', '5');
});

test('marks follow their wires', { skip }, async () => {
  const place = () => editor.page.evaluate(() => [...document.querySelectorAll('.red-ui-flow-link')].find((group) => group.__data__.target.id === 'b').querySelector('.route-mark').getAttribute('transform'));
  const old = await place();
  const move = (by) => editor.page.evaluate((down) => {
    const node = RED.nodes.node('b');
    node.y += down;
    node.dirty = true;
    RED.view.redraw(true);
  }, by);
  await move(60);
  await editor.page.waitForFunction((before) => [...document.querySelectorAll('.red-ui-flow-link')].find((group) => group.__data__.target.id === 'b').querySelector('.route-mark').getAttribute('transform') !== before, old);
  await move(-60);
  const box = editor.page.getByLabel('marks on wires');
  await box.uncheck();
  await editor.marked('src', 'a', '');
  await box.check();
  await editor.marked('src', 'a', '5');
});

test('a router shows its wires, and a mark its routers', { skip }, async () => {
  const shown = () => editor.page.evaluate(() => [...document.querySelectorAll('.red-ui-flow-link.route-shown')].map(({ __data__: link }) => link.target.id).sort());
  const face = editor.part('routers').getByRole('button', { name: /plausible/ });
  await face.focus();
  await editor.page.keyboard.press('Enter');
  await editor.page.waitForFunction(() => document.querySelectorAll('.route-shown').length === 2);
  assert.deepEqual(await shown(), ['a', 'b']);
  assert.equal(await face.getAttribute('aria-pressed'), 'true');
  await editor.picture(`wires-${version}`);
  await face.click();
  await editor.page.waitForFunction(() => document.querySelectorAll('.route-shown').length === 0);
  const { x, y } = await editor.wire('src', 'b', 0.5);
  await editor.page.mouse.click(x, y);
  await editor.page.waitForFunction(() => document.querySelectorAll('.route-marked').length === 1);
  assert.equal(await editor.page.locator('.route-marked .route-name').textContent(), 'plausible');
  await editor.page.keyboard.press('Escape');
});

test('texts of flows stay texts', { skip }, async () => {
  assert.equal((await editor.mark('src', 'b')).lines[0], `Read sensor → ${TRAP}`);
  assert.equal(await editor.page.evaluate(() => window.trapped), undefined);
});

test('a held message is shown, changed, stepped, dropped', { skip }, async () => {
  await send(40, 41, 42, 43);
  await editor.says('.route-held > li', /held by break hot for \d+s, dropped in 9m \d+s; 2 routers ahead: set seen, set last/);
  assert.equal(await held().count(), 4);
  assert.match((await editor.mark('src', 'a')).kind, /route-mark-held/);
  const first = held().first();
  await first.locator('.route-face').click();
  await editor.says('.route-message', /payload: 40/);
  assert.equal(await first.locator('.route-face').getAttribute('aria-expanded'), 'true');
  await editor.picture(`held-${version}`);

  await first.getByRole('button', { name: /^Change message/ }).click();
  await editor.writeJson('[1]');
  await editor.says('.red-ui-notification', /no JSON object/);
  await editor.writeJson(JSON.stringify({ payload: 400, run }));
  await editor.says('.route-message', /payload: 400/);

  await first.getByRole('button', { name: /one router further/ }).click();
  await editor.says('.route-held > li', /stepped past seen/);
  await editor.says('.route-message', /seen: true/);

  await held().nth(1).getByRole('button', { name: /^Drop/ }).click();
  await editor.page.waitForFunction(() => document.querySelectorAll('.route-held > li').length === 3);
  await editor.page.getByRole('button', { name: 'Resume all' }).click();
  await editor.says('.route-none', 'No message is held.');
  await reached('a', 43);
  const [changed] = await reached('a', 400);
  assert.deepEqual([changed.msg.seen, changed.msg.last], [true, true]);
  const [whole] = await reached('a', 42);
  assert.equal(whole.msg.site, 'north');
  assert.ok(!nr.told.some((what) => what.at === 'a' && what.msg.payload === 41));
  await editor.counted('hot', [4, 3, 1]);
});

test('a breakpoint is set by click on a wire, holds, and goes by click', { skip }, async () => {
  assert.ok(await breakHere().isDisabled());
  await editor.says('#route-selected', 'Select a wire or a node first');
  await editor.clickWire('src', 'b');
  await editor.says('#route-selected', `Read sensor → ${TRAP}`);
  await breakHere().click();
  await editor.says('[data-part="breakpoints"] li', `debug1Read sensor → ${TRAP}`);
  await editor.says('[data-part="layers"] li', /debug1 router, of editor, overlay/);
  await send(10);
  await editor.says('.route-held > li', /held by break debug1/);
  await reached('a', 10);
  assert.ok(!nr.told.some((what) => what.at === 'b' && what.msg.run === run));

  await editor.page.evaluate(() => RED.view.select({ nodes: [RED.nodes.node('end')] }));
  await editor.says('#route-selected', 'everything to Sent');
  await breakHere().click();
  await editor.says('[data-part="breakpoints"] li', /debug2any node → Sent/);
  assert.equal(await point().count(), 2);
  await editor.page.evaluate(() => RED.view.select({ nodes: [RED.nodes.node('end')] }));
  await breakHere().click();
  await editor.says('.red-ui-notification', /has a breakpoint/);
  await editor.picture(`breakpoints-${version}`);

  await editor.page.getByRole('button', { name: 'Remove breakpoint debug1' }).click();
  await editor.page.waitForFunction(() => document.querySelectorAll('[data-part="breakpoints"] li').length === 1);
  await reached('b', 10);
  await editor.page.getByRole('button', { name: 'Remove breakpoint debug2' }).click();
  await editor.page.waitForFunction(() => document.querySelectorAll('[data-part="breakpoints"] li').length === 0);
  assert.deepEqual((await nr.status()).stack.overlays, []);
});

test('a stack that is refused is told', { skip }, async () => {
  const file = path.join(nr.home, 'bad.route');
  fs.writeFileSync(file, 'stack bad\n\ncall x on "Read sensor" -> * {\n  nothing {}\n}\n');
  assert.equal((await nr.routec(['apply', file])).status, 2);
  await editor.says('.route-error', /Applying a stack \(anna\) failed \d+s ago\. Call `x`: no router module is called `nothing`/);
  assert.equal(await editor.page.locator('.route-trouble').getAttribute('role'), 'status');
  await nr.apply(STACK);
  await editor.page.waitForFunction(() => document.querySelector('.route-error').hidden);
});

test('flows that the stack does not fit: how many wires run on, and what the compiler found', { skip }, async () => {
  await editor.clickWire('src', 'b');
  await breakHere().click();
  await editor.says('[data-part="breakpoints"] li', /debug1/);
  await nr.deploy(greenhouse().filter(({ id }) => id !== 'b').map((node) => (node.id === 'a' ? { ...node, name: 'Ring' } : node)));
  await editor.says('.route-alert', /The flows have changed since this stack was compiled\. \d of its \d wires run on\./);
  await editor.says('.route-error .route-code', /^R1\d+/);
  await editor.says('.route-error .route-place', /stack\.route:\d+:\d+/);
  await editor.picture(`stale-${version}`);
  // A breakpoint whose node is gone is not what keeps the stack from being compiled.
  assert.doesNotMatch(await editor.page.locator('.route-error').textContent(), /debug\.route/);
  await nr.deploy(greenhouse());
  await editor.page.waitForFunction(() => [...document.querySelectorAll('.route-alert')].every((one) => one.hidden));
  await editor.page.getByRole('button', { name: 'Take the overlay debug away' }).click();
  await editor.page.waitForFunction(() => document.querySelectorAll('[data-part="breakpoints"] li').length === 0);
});

test('nobody asks while nobody looks', { skip }, async () => {
  let asked = 0;
  editor.page.on('request', (request) => { if (request.url().includes('/route/v1/editor')) asked += 1; });
  const answer = () => editor.page.waitForResponse((response) => response.url().includes('/route/v1/editor'));
  await answer();
  const pause = async (away, back) => {
    await away();
    await editor.page.waitForFunction(() => document.querySelector('.route-toolbar .route-about').textContent === 'paused');
    const before = asked;
    // As long as three pauses between two questions: the absence of something has no event.
    await editor.page.evaluate(() => new Promise((done) => { setTimeout(done, 3200); }));
    assert.ok(asked <= before + 1, `asked ${asked - before} times`);
    const next = answer();
    await back();
    await next;
  };
  await pause(() => editor.page.evaluate(() => RED.sidebar.show('info')), () => editor.page.evaluate(() => RED.sidebar.show('route')));
  const turn = (state) => editor.page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await pause(() => turn('hidden'), () => turn('visible'));
});

test('a picture of it all, light and dark', { skip: skip || (!process.env.ROUTE_PICTURES && 'ROUTE_PICTURES names no folder') }, async () => {
  const named = greenhouse().map((node) => (node.id === 'b' ? { ...node, name: 'Write log' } : node));
  await nr.deploy(named);
  fs.writeFileSync(path.join(nr.home, 'greenhouse.route'), STACK);
  assert.equal((await nr.routec(['apply', 'greenhouse.route'])).status, 0);
  await editor.page.reload();
  await editor.ready();
  // Version 5 has another panel below.
  if (version !== '4') await editor.page.evaluate(() => document.querySelector('button[data-tab-id="debug"]').click());
  await editor.marked('src', 'a', '5');
  await send(20, 999, 40, 41);
  await editor.says('.route-held > li', /held by break hot/);
  await editor.clickWire('src', 'b');
  await held().first().locator('.route-face').click();
  await editor.says('.route-message', /payload/);
  await editor.picture(`light-${version}`);
  if (version !== '4') {
    await editor.page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'));
    await editor.picture(`dark-${version}`);
  }
});

test('the page had no error of its own', { skip }, () => {
  assert.deepEqual(editor.errors.filter((text) => text.includes('node-red-route')), []);
});

test('who may only read sees everything and can change nothing', { skip }, async () => {
  const bcrypt = require(path.join(process.env.ROUTE_E2E_RED, '..', '..', 'bcryptjs'));
  const hash = bcrypt.hashSync('secret', 4);
  const users = ['anna', 'bob'].map((username) => ({ username, password: hash, permissions: username === 'anna' ? '*' : 'read' }));
  const guarded = await NodeRed.start({ flows: greenhouse(), settings: `{ httpAdminRoot: '/admin', adminAuth: { type: 'credentials', users: ${JSON.stringify(users)} }, route: { routec: false } }` });
  guarded.root = `${guarded.url}/admin`;
  let one;
  try {
    const file = path.join(guarded.home, 'stack.route');
    fs.writeFileSync(file, STACK);
    const env = { ROUTE_PASSWORD: 'secret' };
    assert.equal((await guarded.routec(['apply', file, '--user', 'anna'], { env })).status, 0);
    await fetch(`${guarded.url}/send`, { method: 'POST', body: JSON.stringify([{ payload: 40 }]), headers: { 'Content-Type': 'application/json' } });
    one = await Editor.open(guarded, { user: 'bob', password: 'secret' });
    await one.says('.route-held > li', /held by break hot/);
    await one.part('held').locator('.route-face').click();
    await one.says('.route-message', /payload: 40/);
    const buttons = one.page.locator('.route-sidebar .red-ui-button');
    assert.ok(await buttons.count() >= 6);
    for (const button of await buttons.all()) {
      assert.ok(await button.isDisabled());
      assert.equal(await button.getAttribute('title'), 'This needs the permission route.write');
    }
    await one.picture(`read-only-${version}`);
    await one.close();

    one = await Editor.open(guarded, { user: 'anna', password: 'secret' });
    await one.says('.route-held > li', /held by break hot/);
    await one.clickWire('src', 'b');
    await one.says('#route-selected', /Breakpoints need the compiler: Node-RED finds no routec/);
    assert.ok(await one.page.getByRole('button', { name: 'Break here' }).isDisabled());
    await one.page.getByRole('button', { name: /^Drop message/ }).click();
    await one.says('.route-none', 'No message is held.');
  } finally {
    await one?.close();
    await guarded.remove();
  }
});
