// The session: what a user does with a stack, and what they then see. Ends with 1 when they see something else.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Editor } from "./editor.mjs";

const [vsix, root] = process.argv.slice(2);
const home = mkdtempSync(path.join(tmpdir(), "route-session-"));
const folder = path.join(home, "greenhouse");
cpSync(path.join(root, "examples/greenhouse"), folder, { recursive: true });
const stack = path.join(folder, "greenhouse.route");
const shots = path.join(path.dirname(fileURLToPath(import.meta.url)), "shots");

const read = () => readFileSync(stack, "utf8");
const lineOf = (text) => read().split("\n").findIndex((line) => line.includes(text)) + 1;

const editor = await Editor.open({ home, vsix, folder, routec: process.env.ROUTEC, shots });
const { page } = editor;
let failed = false;
let at = 0;

async function step(title, does) {
  at += 1;
  try {
    await does();
    await editor.shot(`${String(at).padStart(2, "0")}-${title.replaceAll(/[^a-z]+/gi, "-")}`);
    console.log(`ok    ${title}`);
  } catch (error) {
    failed = true;
    await editor.shot(`${String(at).padStart(2, "0")}-FAILED`);
    console.log(`FAIL  ${title}\n${error.stack}`);
    throw error;
  }
}

const problems = () => editor.texts(".markers-panel .monaco-list-row");
const has = (part) => (all) => all.some((one) => one.includes(part));

try {
  await step("an example opens in colours, without findings", async () => {
    await editor.file("greenhouse.route");
    await editor.command("Problems: Focus on Problems View");
    await page.locator(".markers-panel").waitFor();
    // Words have classes of their own colour once the grammar has seen them.
    const colours = await editor.until(
      "colours of tokens",
      () => page.locator(".editor-instance .view-line span[class^=mtk]").evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).color))]),
      (all) => all.length >= 5,
    );
    assert.ok(colours.length >= 5);
  });
} catch {
  // Said above.
} finally {
  await editor.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed ? 1 : 0;
void writeFileSync, lineOf;
