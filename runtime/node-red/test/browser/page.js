//! Node-RED's editor in a headless Chromium.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { chromium } = require('playwright-core');

const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => fs.existsSync(file));
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Why no browser can be had; false: one is here. */
const noBrowser = CHROMIUM ? false : 'no Chromium is installed, and apt could not install one (name one: CHROMIUM)';

class Editor {
  /**
   * Opens the editor of a Node-RED and shows the sidebar of the plugin.
   * @param {object} nr a `NodeRed`
   * @param {object} [options] `user`, `password`: logs in; `colorScheme`; `settings`: of the user, as the editor keeps them
   */
  static async open(nr, { user, password, colorScheme = 'light', width = 1400, height = 860 } = {}) {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, headless: true });
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    const editor = new Editor(browser, page);
    page.setDefaultTimeout(60000);
    page.on('pageerror', (error) => editor.errors.push(error.stack ?? String(error)));
    if (user) {
      await page.goto(nr.root.endsWith('/') ? nr.root : `${nr.root}/`);
      await page.fill('#node-dialog-login-username', user);
      await page.fill('#node-dialog-login-password', password);
      await page.click('#node-dialog-login-submit');
    } else await page.goto(`${nr.root}/`);
    await page.waitForFunction(() => window.RED?.sidebar && document.querySelector('.route-sidebar') && RED.nodes.getWorkspaceOrder?.().length > 0);
    await page.waitForFunction(() => !document.querySelector('#red-ui-loading-progress') || getComputedStyle(document.querySelector('#red-ui-loading-progress')).display === 'none');
    await page.evaluate(() => RED.sidebar.show('route'));
    await page.waitForSelector('.route-sidebar', { state: 'visible' });
    return editor;
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.errors = [];
  }

  part(name) {
    return this.page.locator(`.route-section[data-part="${name}"]`);
  }

  /** Waits until a part of the sidebar says something. */
  async says(selector, pattern) {
    await this.page.waitForFunction(([where, source]) => [...document.querySelectorAll(where)].some((one) => one.offsetParent !== null && new RegExp(source).test(one.textContent)), [selector, pattern.source]);
  }

  async close() {
    await this.browser.close();
  }
}

module.exports = { Editor, noBrowser };
