// An editor to drive: code-server on a port of its own, and Chromium with its window.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SERVER = path.join(HERE, "node_modules/code-server/lib/vscode/out/server-main.js");
/** How long something may take that happens by itself, in milliseconds. */
export const PATIENCE = 30_000;

const settings = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "editor.minimap.enabled": false,
  "editor.accessibilitySupport": "off",
  "chat.commandCenter.enabled": false,
  // As text in the page, not as a picture.
  "terminal.integrated.gpuAcceleration": "off",
};

/** Runs a program to its end; throws what it said when it fails. */
async function finish(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${said}`);
}

/** Starts the server on a free port, with the extension installed and nothing remembered. */
async function serve(home, vsix) {
  const data = path.join(home, "data");
  const own = ["--server-data-dir", home, "--user-data-dir", data, "--extensions-dir", path.join(home, "extensions")];
  const env = { ...process.env, HOME: home, VSCODE_CLI: "" };
  await finish(process.execPath, [SERVER, ...own, "--install-extension", vsix], { env });
  const args = [SERVER, ...own, "--host", "127.0.0.1", "--port", "0", "--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const listening = new Promise((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said += `${line}\n`;
        const port = /Extension host agent listening on (\d+)/.exec(line)?.[1];
        if (port) found(Number(port));
      });
    }
    child.once("exit", (status) => failed(new Error(`the server ended with ${status}:\n${said}`)));
  });
  return { child, port: await listening };
}

/** The window of an editor. */
export class Editor {
  static async open({ home, vsix, folder, routec, shots }) {
    const editor = new Editor();
    mkdirSync(shots, { recursive: true });
    editor.shots = shots;
    editor.home = home;
    editor.settings({ "route.routec.path": routec });
    editor.server = await serve(home, vsix);
    const flags = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
    editor.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags.map((flag) => `--${flag}`) });
    const context = await editor.browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] });
    editor.page = await context.newPage();
    editor.page.setDefaultTimeout(PATIENCE);
    await editor.page.goto(`http://127.0.0.1:${editor.server.port}/?folder=${encodeURIComponent(folder)}`);
    await editor.page.locator(".monaco-workbench .part.sidebar").waitFor({ timeout: 60_000 });
    return editor;
  }

  /** Writes the user's settings, and those of the machine, where paths stand; the editor sees that files have changed. */
  settings(machine) {
    for (const [place, all] of [["User", settings], ["Machine", machine]]) {
      const folder = path.join(this.home, "data", place);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, "settings.json"), JSON.stringify(all, null, 2));
    }
  }

  async close() {
    await this.browser?.close();
    this.server?.child.kill();
  }

  /** Waits until something is true; says what it was last when it does not become so. */
  async until(what, look, fits) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const seen = await look();
      if (fits(seen)) return seen;
      if (Date.now() > end) throw new Error(`${what}: it stayed ${JSON.stringify(seen)}`);
      // A look at a page costs next to nothing, and tells nobody when to look again.
      await this.page.waitForTimeout(100);
    }
  }

  async shot(name) {
    await this.page.screenshot({ path: path.join(this.shots, `${name}.png`) });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text) {
    return this.page.keyboard.type(text, { delay: 15 });
  }

  /** Runs a command by its title. */
  async command(title) {
    await this.press("F1");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(`>${title}`);
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await row.waitFor();
    await row.click();
  }

  /** Chooses what is called exactly so from the list that is open. */
  choose(label) {
    const named = this.page.locator(".label-name").getByText(label, { exact: true });
    return this.page.locator(".quick-input-list .monaco-list-row").filter({ has: named }).first().click();
  }

  /** Opens a file of the folder. */
  async file(name) {
    await this.press("Control+P");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(name);
    await this.choose(path.basename(name));
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Puts the cursor at a line and column, both from 1. */
  async goto(line, column = 1) {
    await this.press("Control+G");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await this.press("Enter");
    await input.waitFor({ state: "hidden" });
  }

  /** Saves until nothing is left to be saved: an edit that was under way may arrive after a key. */
  save() {
    const dirty = async () => {
      const count = await this.page.locator(".tab.active.dirty").count();
      // A file without changes would be written all the same, while somebody reads it.
      if (count > 0) await this.press("Control+S");
      return count;
    };
    return this.until("the file is saved", dirty, (count) => count === 0);
  }

  /** Replaces the whole text of the file in front by pasting. */
  async paste(text) {
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await this.page.locator(".editor-instance .view-lines").first().click();
    await this.press("Control+A", "Control+V");
  }

  /** What lines stand in an element that changes, as texts. */
  texts(selector) {
    return this.page.locator(selector).allInnerTexts();
  }
}
