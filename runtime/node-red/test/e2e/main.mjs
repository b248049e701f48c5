//! `npm run e2e`: installs the versions of Node-RED that the plugin is for, and runs the end-to-end tests in each.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const versions = path.join(here, '.versions');
/** Current and previous, each with the oldest Node.js that runs it. */
const wanted = [{ name: '4', version: '4.1.15', node: [18, 5] }, { name: '5', version: '5.0.7', node: [22, 9] }];

function install(folder, packages) {
  const done = path.join(folder, 'installed');
  const wish = packages.join(' ');
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === wish) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], { cwd: folder, stdio: 'inherit' });
  fs.writeFileSync(done, wish);
}

/** This Node.js where it is new enough, else one from the registry. */
function nodeFor([major, minor]) {
  const [ours, oursMinor] = process.versions.node.split('.').map(Number);
  if (ours > major || (ours === major && oursMinor >= minor)) return process.execPath;
  const folder = path.join(versions, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  install(folder, [`${name}@${major}`]);
  return path.join(folder, 'node_modules', name, 'bin', 'node');
}

const only = process.argv.slice(2);
let failed = false;
for (const { name, version, node } of wanted) {
  const folder = path.join(versions, name);
  install(folder, [`node-red@${version}`]);
  const red = path.join(folder, 'node_modules', 'node-red', 'red.js');
  console.log(`\n# Node-RED ${version}`);
  const files = fs.readdirSync(here).filter((file) => file.endsWith('.test.js') && (only.length === 0 || only.some((part) => file.includes(part))));
  const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files.map((file) => path.join(here, file))], {
    stdio: 'inherit', env: { ...process.env, ROUTE_E2E_RED: red, ROUTE_E2E_NODE: nodeFor(node) },
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
