//! The package as users get it, in a user directory that knows nothing of this repository.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { NodeRed, plugin, skip } = require('./nodered');
const { plain } = require('./flows');

test('packed, installed, started, removed', { skip }, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-pack-'));
  let nr;
  try {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: plugin, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    const names = packed.files.map((file) => file.path);
    assert.ok(names.includes('plugin.js') && names.includes('README.md') && names.includes('LICENSE-MIT') && !names.some((name) => name.includes('test')), names.join(' '));
    const home = path.join(folder, 'home');
    fs.mkdirSync(home);
    fs.writeFileSync(path.join(home, 'package.json'), '{"name":"home","version":"1.0.0","private":true}');
    fs.writeFileSync(path.join(home, 'flows.json'), JSON.stringify(plain()));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--offline', path.join(folder, packed.filename)], { cwd: home, stdio: 'ignore' });
    nr = await NodeRed.start({ userDir: home, settings: '{ externalModules: { palette: { allowInstall: true } } }' });
    const status = await nr.status();
    assert.deepEqual([status.runtime, status.version], ['node-red', packed.version]);
    await nr.apply('stack s\n\nhalt all on "Source" -> "A"\n');
    const send = async () => assert.equal((await nr.ask('POST', '/send', [{ payload: 1 }])).status, 204);
    await send();
    await nr.statusWhere((now) => nr.router(now, 'all').stopped === 1, 'that the message was stopped');
    assert.equal((await nr.ask('DELETE', '/nodes/node-red-route')).status, 204);
    assert.equal((await nr.ask('GET', '/route/v1/status')).status, 404);
    await send();
    await nr.tells((what) => what.at === 'a');
    assert.deepEqual(fs.readdirSync(home).filter((name) => !name.startsWith('.') && name !== 'stack.route').sort(),
      ['flows.json', 'lib', 'node_modules', 'package-lock.json', 'package.json', 'route', 'settings.js']);
  } finally {
    await nr?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
