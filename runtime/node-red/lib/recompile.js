//! Compiles the sources of a stack again, against other flows, with a `routec` on this machine.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { fromJson } = require('./format');

/** Longest time that a compilation may take, milliseconds. */
const PATIENCE = 60000;
/** Most text that is read from the compiler, bytes. */
const MOST = 64 << 20;

/** What the compiler found. `diagnostics`: `{code, severity, message, place, help}`, the place as `file:line:column`. */
class CompileError extends Error {
  constructor(diagnostics) {
    super(diagnostics.map(lineOf).join('\n'));
    this.name = 'CompileError';
    this.diagnostics = diagnostics;
  }
}

const lineOf = ({ place, severity, code, message }) => `${place}: ${severity}[${code}]: ${message}`;

/** The JSON of `routec --output-format json`; `undefined`: it wrote something else. */
function diagnosticsOf(text) {
  try {
    return JSON.parse(text).map(({ code, severity, message, location, help, fixes }) => ({
      code, severity, message, help: [...help, ...fixes.map((fix) => fix.message)],
      place: location.start ? `${location.file}:${location.start.line}:${location.start.column}` : String(location.file),
    }));
  } catch {
    return undefined;
  }
}

/**
 * Where `routec` is.
 * @param {string|false|undefined} given a path; `false`: none is to be used; `undefined`: the one on PATH
 */
function findRoutec(given) {
  if (given === false) return undefined;
  if (given !== undefined) return given;
  const name = process.platform === 'win32' ? 'routec.exe' : 'routec';
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/**
 * @param {string|undefined} routec
 * @param {{sources: object, set: object}} entry
 * @param {object[]} flows
 * @returns {Promise<{set: object}>}
 * @throws {CompileError} the stack does not fit these flows
 * @throws {Error} for people: what else hinders it
 */
async function recompile(routec, { sources, set }, flows) {
  if (sources.root === '') throw new Error('it came without its text; apply it again');
  if (routec === undefined) throw new Error('no `routec` is on the PATH (settings.js: `route: { routec: "/path/to/routec" }`); apply it again');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'route-'));
  try {
    const file = (name, value) => {
      const at = path.join(folder, name);
      fs.writeFileSync(at, JSON.stringify(value), { mode: 0o600 });
      return at;
    };
    const args = ['build', '--sources', file('sources.json', sources), '--flows', file('flows.json', flows), '--color', 'never', '--output-format', 'json'];
    if (set.fleet?.me) args.push('--as', set.fleet.me);
    const { status, out, err } = await run(routec, args);
    const errors = status === 1 ? diagnosticsOf(err)?.filter(({ severity }) => severity === 'error') : undefined;
    if (errors?.length > 0) throw new CompileError(errors);
    if (status !== 0) throw new Error(err.trim() || `\`${routec}\` ended with status ${status}`);
    return { set: fromJson(out) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function run(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let why;
    const end = (reason) => {
      why ??= reason;
      child.kill();
    };
    const patience = setTimeout(() => end(`took more than ${PATIENCE / 1000} s`), PATIENCE);
    const texts = { out: [], err: [] };
    let size = 0;
    const collect = (to) => (chunk) => {
      size += chunk.length;
      if (size > MOST) end(`wrote more than ${MOST >> 20} MiB`);
      else to.push(chunk);
    };
    child.stdout.on('data', collect(texts.out));
    child.stderr.on('data', collect(texts.err));
    child.on('error', (error) => failed(new Error(`cannot run \`${command}\`: ${error.message}`)));
    child.on('close', (status, signal) => {
      clearTimeout(patience);
      if (why) failed(new Error(`\`${command}\` ${why} and was stopped`));
      else done({ status: status ?? signal, out: Buffer.concat(texts.out).toString('utf8'), err: Buffer.concat(texts.err).toString('utf8') });
    });
  });
}

module.exports = { CompileError, findRoutec, recompile };
