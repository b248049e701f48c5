//! Node-RED's editor in a headless Chromium.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { skip } = require('./nodered');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser of this machine; where there is none and apt may install one, that one. */
function chromium() {
  const find = () => [process.env.CHROMIUM, ...PLACES].find((file) => file && fs.existsSync(file));
  const found = find();
  if (found || process.getuid?.() !== 0) return found;
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  return find();
}

/** The package that drives it, and what is in the way of that. */
function driver() {
  try {
    return require('playwright-core').chromium;
  } catch {
    return undefined;
  }
}

const drive = driver();
const browserFile = skip ? undefined : chromium();

/** Why tests of the editor cannot run here; false: they can. */
const noEditor = skip || (!drive && 'run `npm install` in runtime/node-red') || (!browserFile && 'no Chromium is installed, and apt cannot install one (name one: CHROMIUM)');

class Editor {
  /**
   * Opens the editor of a Node-RED and shows the sidebar of the plugin.
   * @param {object} nr a `NodeRed`
   * @param {object} [options] `user`, `password`: logs in; `width`, `height` of the window
   */
  static async open(nr, { user, password, width = 1400, height = 860 } = {}) {
    const browser = await drive.launch({ executablePath: browserFile, args: ARGS, headless: true });
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();
    const editor = new Editor(browser, page);
    page.setDefaultTimeout(60000);
    page.on('pageerror', (error) => editor.errors.push(error.stack ?? String(error)));
    if (user) {
      await page.goto(`${nr.root}/`);
      await page.fill('#node-dialog-login-username', user);
      await page.fill('#node-dialog-login-password', password);
      await page.click('#node-dialog-login-submit');
    } else await page.goto(`${nr.root}/`);
    await editor.ready();
    return editor;
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.errors = [];
  }

  /** Waits until the flows are drawn, and shows the sidebar. */
  async ready() {
    const { page } = this;
    await page.waitForFunction(() => window.RED?.sidebar && document.querySelector('.route-sidebar') && RED.nodes.getWorkspaceOrder?.().length > 0);
    await page.waitForFunction(() => !document.querySelector('#red-ui-loading-progress') || getComputedStyle(document.querySelector('#red-ui-loading-progress')).display === 'none');
    await page.evaluate(() => RED.sidebar.show('route'));
    await page.waitForSelector('.route-sidebar', { state: 'visible' });
  }

  part(name) {
    return this.page.locator(`.route-section[data-part="${name}"]`);
  }

  /** Waits until something that is seen says what is wanted. */
  async says(selector, wanted) {
    const pattern = wanted instanceof RegExp ? wanted.source : wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    await this.page.waitForFunction(([where, source]) => [...document.querySelectorAll(where)].some((one) => one.getClientRects().length > 0
      && new RegExp(source).test(one.textContent)), [selector, pattern]);
  }

  /** The counts of a router as the list has them: seen, passed, stopped. */
  async counts(name) {
    const row = this.part('routers').locator('tbody tr', { hasText: name });
    return (await row.locator('.route-number').allTextContents()).map(Number);
  }

  /** Waits for these counts. */
  async counted(name, counts) {
    await this.page.waitForFunction(([one, wanted]) => [...document.querySelectorAll('.route-table tbody tr')].some((row) => row.querySelector('.route-name').textContent === one
      && [...row.querySelectorAll('td')].map((cell) => cell.textContent).join() === wanted), [name, counts.join()]);
  }

  /** Where a wire is on the screen, a share of its length from its source. */
  wire(from, to, share) {
    return this.page.evaluate(([source, target, part]) => {
      const group = [...document.querySelectorAll('.red-ui-flow-link')].find(({ __data__: link }) => link.source.id === source && link.target.id === target);
      const line = group.querySelector('.red-ui-flow-link-line');
      const { x, y } = line.getPointAtLength(line.getTotalLength() * part).matrixTransform(line.getScreenCTM());
      return { x, y };
    }, [from, to, share]);
  }

  async clickWire(from, to) {
    const { x, y } = await this.wire(from, to, 0.2);
    await this.page.mouse.click(x, y);
  }

  /** What the mark of a wire says; `undefined`: it has none. */
  mark(from, to) {
    return this.page.evaluate(([source, target]) => {
      const group = [...document.querySelectorAll('.red-ui-flow-link')].find(({ __data__: link }) => link.source.id === source && link.target.id === target);
      const mark = group?.querySelector('.route-mark');
      return mark ? { count: mark.querySelector('text').textContent, lines: mark.querySelector('title').textContent.split('\n'), kind: mark.getAttribute('class') } : undefined;
    }, [from, to]);
  }

  /** Waits for a mark as wanted. */
  async marked(from, to, count) {
    await this.page.waitForFunction(([source, target, wanted]) => [...document.querySelectorAll('.red-ui-flow-link')].some((group) => group.__data__.source.id === source
      && group.__data__.target.id === target && (group.querySelector('.route-mark text')?.textContent ?? '') === wanted), [from, to, count]);
  }

  /** Puts a text into Node-RED's JSON editor, and says done. */
  async writeJson(text) {
    await this.page.click('.red-ui-tray .monaco-editor .view-lines');
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Delete');
    await this.page.keyboard.insertText(text);
    await this.page.click('#node-dialog-ok:not(.disabled)');
    await this.page.waitForSelector('.red-ui-tray', { state: 'detached' });
  }

  /** A picture, where ROUTE_PICTURES names a folder for them. */
  async picture(name) {
    const folder = process.env.ROUTE_PICTURES;
    if (!folder) return;
    fs.mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  async close() {
    await this.browser.close();
  }
}

module.exports = { Editor, noEditor };
