//! A real Node-RED with the plugin, in a user directory of its own.
'use strict';

const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { routec } = require('../tools');

const red = process.env.ROUTE_E2E_RED;
const node = process.env.ROUTE_E2E_NODE ?? process.execPath;
const plugin = path.join(__dirname, '..', '..');
/** Longest wait for anything, milliseconds. */
const PATIENCE = 30000;

/** Why the tests of this folder cannot run here; false: they can. */
const skip = !red ? 'run `npm run e2e`' : !routec() ? 'no routec is built (name one: ROUTEC)' : false;

/** What functions of the flows say: `tell({…})` in a function node. */
const SETTINGS = `
const tell = (what) => process.stdout.write('TELL ' + JSON.stringify(what) + '\\n');
module.exports = {
  flowFile: 'flows.json', credentialSecret: false, uiHost: '127.0.0.1', editorTheme: { tours: false },
  telemetry: { enabled: false, updateNotification: false }, diagnostics: { enabled: false, ui: false }, externalModules: { palette: { allowInstall: false } },
  runtimeState: { enabled: true, ui: false }, contextStorage: { default: { module: 'memory' } },
  logging: { console: { level: 'info', metrics: false, audit: false } },
  functionGlobalContext: { tell },
  ...(EXTRA),
};
`;

class NodeRed {
  /**
   * Starts Node-RED and waits until it answers.
   * @param {object} options `flows`; `settings`: more of settings.js, as text of an object; `userDir`: of an earlier run
   */
  static async start({ flows = [], settings = '{}', userDir } = {}) {
    const home = userDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'route-e2e-'));
    const modules = path.join(home, 'node_modules');
    if (userDir === undefined) {
      fs.mkdirSync(modules, { recursive: true });
      fs.symlinkSync(plugin, path.join(modules, 'node-red-route'), 'dir');
      fs.writeFileSync(path.join(home, 'package.json'), JSON.stringify({ name: 'home', version: '1.0.0', dependencies: { 'node-red-route': '*' } }));
      fs.writeFileSync(path.join(home, 'flows.json'), JSON.stringify(flows));
    }
    fs.writeFileSync(path.join(home, 'settings.js'), SETTINGS.replace('EXTRA', () => settings));
    for (let tries = 0; ; tries += 1) {
      const one = new NodeRed(home, await freePort());
      try {
        await one.until((text) => /Started flows|Waiting for missing types|Flows stopped|stopped in/i.test(text), 'the start of the flows');
        return one;
      } catch (error) {
        await one.stop();
        if (tries >= 3 || !one.log.some((text) => text.includes('EADDRINUSE'))) throw new Error(`${error.message}\n${one.log.join('\n')}`);
      }
    }
  }

  constructor(home, port) {
    this.home = home;
    this.url = `http://127.0.0.1:${port}`;
    this.root = this.url;
    this.log = [];
    this.told = [];
    this.listeners = new Set();
    this.headers = {};
    this.child = spawn(node, [red, '--userDir', home, '--settings', path.join(home, 'settings.js'), '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'], cwd: home });
    this.ended = new Promise((done) => this.child.on('close', done));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (text) => this.heard(text));
    }
    this.ended.then(() => this.heard('ENDED'));
  }

  heard(text) {
    if (text.startsWith('TELL ')) this.told.push(JSON.parse(text.slice(5)));
    else this.log.push(text);
    for (const listener of [...this.listeners]) listener();
  }

  /** Waits until something is there; looks again whenever Node-RED says something. */
  wait(look, what) {
    return new Promise((done, failed) => {
      const check = () => {
        const found = look();
        if (found === undefined || found === false) {
          if (this.log.at(-1) === 'ENDED') end(() => failed(new Error(`Node-RED ended before ${what}`)));
          return;
        }
        end(() => done(found));
      };
      const timer = setTimeout(() => end(() => failed(new Error(`${what} did not come; told: ${JSON.stringify(this.told)}; log:\n${this.log.slice(-15).join('\n')}`))), PATIENCE);
      const end = (call) => {
        clearTimeout(timer);
        this.listeners.delete(check);
        call();
      };
      this.listeners.add(check);
      check();
    });
  }

  /** Waits for a line of the log. */
  until(isIt, what, from = 0) {
    return this.wait(() => this.log.slice(from).find(isIt), what);
  }

  /** Waits until flows told so many things that fit, and gives them. */
  tells(fits, count = 1) {
    return this.wait(() => {
      const found = this.told.filter(fits);
      return found.length >= count ? found : undefined;
    }, `${count} of what flows tell`);
  }

  async ask(method, where, json, headers = {}) {
    const body = json === undefined ? undefined : typeof json === 'string' ? json : JSON.stringify(json);
    const response = await fetch(`${this.root}${where}`, { method, body, headers: { 'Content-Type': 'application/json', ...this.headers, ...headers } });
    const text = await response.text();
    let read;
    try {
      read = JSON.parse(text);
    } catch {
      read = text;
    }
    return { status: response.status, body: read, headers: response.headers };
  }

  async status(query = '') {
    return (await this.ask('GET', `/route/v1/status${query}`)).body;
  }

  /** Asks for the status until it is as wanted. */
  async statusWhere(isIt, what) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const status = await this.status('?wires=true');
      if (isIt(status)) return status;
      if (Date.now() > end) throw new Error(`the status never said ${what}: ${JSON.stringify(status)}`);
    }
  }

  router(status, name) {
    return status.routers.find((router) => router.name === name)?.counts;
  }

  /** Deploys flows and waits until they have started. */
  async deploy(flows, type = 'full') {
    const from = this.log.length;
    const answer = await this.ask('POST', '/flows', flows, { 'Node-RED-Deployment-Type': type });
    if (answer.status !== 204 && answer.status !== 200) throw new Error(`deploy: ${answer.status} ${JSON.stringify(answer.body)}`);
    await this.until((text) => /Started (modified )?(flows|nodes)/.test(text), 'the start of the deployed flows', from);
  }

  /** A `routec` command against this Node-RED. */
  routec(args, { input, env = {} } = {}) {
    return new Promise((done) => {
      const child = execFile(routec(), [...args, '--target', this.root, '--color', 'never'], { cwd: this.home, env: { ...process.env, USER: 'anna', ...env } }, (error, stdout, stderr) => {
        done({ status: error ? error.code : 0, stdout, stderr });
      });
      child.stdin.end(input ?? '');
    });
  }

  /** Writes a stack and applies it; an error ends the test. */
  async apply(text, ...more) {
    const file = path.join(this.home, 'stack.route');
    fs.writeFileSync(file, text);
    const done = await this.routec(['apply', file, ...more]);
    if (done.status !== 0) throw new Error(`apply: ${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  /** Ends Node-RED; its user directory stays. */
  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends Node-RED and takes its user directory away. */
  async remove() {
    await this.stop();
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((done, failed) => {
    const server = net.createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

module.exports = { NodeRed, freePort, skip, plugin };
