'use strict';

const fs = require('node:fs');
const path = require('node:path');

const top = path.join(__dirname, '..', '..', '..');

/** The `routec` to test with: `ROUTEC`, or one that is built in the workspace; `undefined`: there is none. */
function routec() {
  const built = ['debug', 'release'].map((profile) => path.join(top, 'target', profile, 'routec'));
  return [process.env.ROUTEC, ...built].find((file) => file && fs.existsSync(file));
}

/** Flow files of `ROUTE_CORPUS`, a folder of real flows; none without it. */
function corpus() {
  const folder = process.env.ROUTE_CORPUS ?? path.join(top, 'corpus');
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)).filter((file) => file.endsWith('.json'));
}

module.exports = { routec, corpus, top };
