// The session: what a user does with a stack, and what they then see. Ends with 1 when they see something else.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { capabilitiesOf } from "./capabilities.mjs";
import { Editor } from "./editor.mjs";

const [vsix, root] = process.argv.slice(2);
const routec = process.env.ROUTEC;
const home = mkdtempSync(path.join(tmpdir(), "route-session-"));
const folder = path.join(home, "greenhouse");
// Without the state of a runtime that ran there: the extension would look for the runtime that it names.
cpSync(path.join(root, "examples/greenhouse"), folder, { recursive: true, filter: (from) => path.basename(from) !== ".route" });
const stack = path.join(folder, "greenhouse.route");
const shots = path.join(path.dirname(fileURLToPath(import.meta.url)), "shots");
rmSync(shots, { recursive: true, force: true });

const capabilities = await capabilitiesOf(routec);
const editor = await Editor.open({ home, vsix, folder, routec, shots });
const { page } = editor;
let at = 0;

/** One thing that a user does; the first that fails ends the session. */
async function step(title, does) {
  at += 1;
  const shot = `${String(at).padStart(2, "0")}-${title.replaceAll(/[^\p{L}]+/gu, "-")}`;
  try {
    await does();
    await editor.shot(shot);
    console.log(`ok    ${title}`);
  } catch (error) {
    await editor.shot(`${shot}-FAILED`);
    console.log(`FAIL  ${title}`);
    throw error;
  }
}

const saved = async () => {
  await editor.save();
  return readFileSync(stack, "utf8");
};
const textNow = () => readFileSync(stack, "utf8").split("\n");
const lineOf = (part) => textNow().findIndex((line) => line.includes(part)) + 1;
/** Puts the cursor before, or with `end` behind, a part of the saved text. */
const to = (part, end = false) => {
  const line = lineOf(part);
  assert.ok(line > 0, `no line has ${part}`);
  return editor.goto(line, (textNow()[line - 1] ?? "").indexOf(part) + 1 + (end ? part.length : 0));
};
const problems = () => editor.texts(".markers-panel .monaco-list-row");
const has = (part) => (all) => all.some((one) => one.replaceAll("\u00a0", " ").includes(part));
const suggestions = () => editor.texts(".suggest-widget.visible .monaco-list-row .label-name");
/** What stands in the terminal; it may be one that comes only now. */
const terminal = () => editor.texts(".terminal-wrapper.active .xterm-rows").then((all) => all.join("\n").replaceAll("\u00a0", " "));
const example = readFileSync(stack, "utf8");

async function session() {
  await step("an example opens in colours and has no findings", async () => {
    await editor.file("greenhouse.route");
    await editor.command("Problems: Focus on Problems View");
    const colours = () =>
      page.locator(".editor-instance .view-line span[class^=mtk]").evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).color))]);
    await editor.until("colours of tokens", colours, (all) => all.length >= 5);
    await page.locator(".markers-panel", { hasText: "No problems" }).waitFor();
    await editor.until("hints of wires", () => editor.texts(".editor-instance .view-line"), has("2 wires"));
  });

  await step("a router is typed, and its fault is found while it is", async () => {
    await editor.goto(example.split("\n").length);
    await editor.type('\nhalt old on "Read sensr" -> * {\nreason "retired');
    await editor.until("findings", problems, has("no node is named `Read sensr`"));
    const text = await saved();
    // Brackets and quotes were closed, and the line was indented, by the editor.
    assert.match(text, /\nhalt old on "Read sensr" -> \* \{\n {2}reason "retired"\n\}\n?$/);
  });

  await step("a fix is put in from the light bulb", async () => {
    await to("Read sensr");
    await editor.press("Control+.");
    const action = page.locator(".action-widget .monaco-list-row", { hasText: "Read sensor" }).first();
    await action.waitFor();
    await editor.shot("03a-light-bulb");
    await editor.press("Enter");
    await editor.until("findings", problems, (all) => !has("Read sensr")(all));
    assert.match(await saved(), /halt old on "Read sensor" -> \* \{/);
  });

  await step("a node is completed by any of its words", async () => {
    await editor.paste(example);
    await editor.goto(example.split("\n").length);
    await editor.type('\nhalt old on "text al');
    await editor.until("suggestions", suggestions, has("Alarm text"));
    await editor.shot("04a-suggestions");
    await editor.press("Enter", "End");
    await editor.type(" -> *");
    assert.match(await saved(), /\nhalt old on "Alarm text" -> \*$/);
  });

  await step("a snippet is put in, and its places are gone through", async () => {
    await editor.paste(example);
    await saved();
    await editor.goto(example.split("\n").length);
    await editor.type("\nlimit-d");
    await editor.until("suggestions", suggestions, has("limit: distinct"));
    await editor.press("Enter");
    await editor.type("twice");
    await editor.press("Tab");
    await editor.type('"Label"');
    assert.match(await saved(), /\nlimit twice on "Label" -> \* \{\n {2}distinct by msg.payload within 10s\n\}/);
    // The quote that ends a text asks for no list, from which Enter would take a word.
    assert.deepEqual(await suggestions(), []);
  });

  await step("a documentation comment goes on over lines", async () => {
    await editor.paste(example);
    await editor.goto(10);
    // Before the line has its colours the editor knows of no comment there.
    await page.locator(".view-line", { hasText: "Broken" }).locator("span[class^=mtk]:not(.mtk1)").first().waitFor();
    await editor.press("End", "Enter");
    await editor.type("And some say nothing.");
    const lines = (await saved()).split("\n");
    assert.deepEqual(lines.slice(9, 12), ["/// Broken sensors say 999.", "/// And some say nothing.", 'filter plausible on "Read sensor" -> * {']);
  });

  await step("a parameter is renamed wherever it stands", async () => {
    await editor.paste(example);
    await saved();
    await to("hot: number");
    await editor.press("F2");
    const input = page.locator(".rename-box input");
    await input.waitFor();
    await input.fill("warm");
    await editor.press("Enter");
    await input.waitFor({ state: "hidden" });
    await editor.until("the text", saved, (text) => text.includes("param warm"));
    assert.match(await saved(), /predicate too_hot = msg\.payload\.temperature > warm and/);
  });

  await step("a text is formatted", async () => {
    await editor.paste(example.replace("set site on", "set   site   on").replace('  msg.site = "north"', 'msg.site="north"'));
    await editor.command("Format Document");
    await editor.until("the text", saved, (text) => text === example);
  });

  await step("hover shows the wires of a router", async () => {
    await to("filter plausible");
    await page.locator(".view-line span[class^=mtk]", { hasText: /^plausible$/ }).first().hover();
    await editor.until("hover", () => editor.texts(".monaco-hover:not(.hidden)"), has("sits on 2 wires"));
  });

  await step("a definition leads to the node in the flows", async () => {
    await to("Read sensor");
    await editor.press("F12");
    await page.locator('.tab.active[data-resource-name="flows.json"]').waitFor();
    await editor.until("the cursor's line", () => editor.texts(".editor-instance .view-line"), has("Read sensor"));
    await editor.file("greenhouse.route");
  });

  await step("the chain of a wire is shown beside the stack", async () => {
    await to("filter plausible");
    await editor.command("Route: Show the Chain of a Wire");
    const row = page.locator(".quick-input-list .monaco-list-row", { hasText: "Read sensor → Label" });
    await row.waitFor();
    await editor.shot("11a-which-wire");
    await row.click();
    await editor.until("the page", () => editor.texts(".editor-instance .view-line"), has("1.  filter plausible: keep when"));
  });

  await step("the chain is written anew when the stack is saved", async () => {
    await to("msg.site =");
    await editor.goto(lineOf("msg.site ="), 1);
    await editor.press("End", "Enter");
    await editor.type("msg.row = 2");
    await saved();
    await editor.until("the page", () => editor.texts(".editor-instance .view-line"), has("set site: msg.site = \"north\"; msg.row = 2"));
  });

  await step("the tests of a file run, and pass", async () => {
    await editor.command("View: Close All Editors");
    writeFileSync(stack, example);
    await editor.file("greenhouse.route");
    await editor.command("Route: Run the Tests of This File");
    await editor.until("the terminal", terminal, (text) => text.includes("4 passed, 0 failed"));
  });

  await step("a test that fails is a problem at its place", async () => {
    await to('expect delivered to "Raise alarm"');
    await editor.press("End", "Enter");
    await editor.type('expect stopped by retired');
    await saved();
    await editor.command("Route: Run the Test at the Cursor");
    await editor.until("the terminal", terminal, (text) => text.includes("0 passed, 1 failed, 3 left out"));
    await editor.command("Problems: Focus on Problems View");
    await editor.until("problems", problems, (all) => has("expected stopped by `retired`")(all) && has("R5001")(all));
  });

  await step("a task finds what is wrong with a file that is not open", async () => {
    await editor.paste(example);
    await saved();
    const night = path.join(folder, "night/night.route");
    writeFileSync(path.join(folder, "route.toml"), '[check]\nflows = "flows.json"\n');
    writeFileSync(night, readFileSync(night, "utf8").replace('"Read sensor"', '"Read sensr"'));
    await editor.command("Tasks: Run Task");
    await editor.choose("route");
    await editor.choose("route: check night/night.route");
    await editor.until("the terminal", terminal, (text) => text.includes("R1001"));
    await editor.command("Problems: Focus on Problems View");
    await editor.until("problems", problems, (all) => has("night.route")(all) && has("no node is named `Read sensr`")(all));
  });

  await step("a routec that is not there is told of, with what to do", async () => {
    await editor.file("greenhouse.route");
    editor.settings({ "route.routec.path": "/nowhere/routec" });
    const note = page.locator(".notification-toast", { hasText: "The setting route.routec.path is “/nowhere/routec”" });
    await note.waitFor();
    await editor.shot("16a-missing");
    assert.match(await note.innerText(), /cargo install/);
    await note.getByRole("button", { name: "Open Settings" }).waitFor();
  });

  await step("the right setting brings the server back", async () => {
    editor.settings({ "route.routec.path": routec });
    await page.locator(".notification-toast").first().hover();
    await editor.command("Notifications: Clear All Notifications");
    await editor.file("greenhouse.route");
    await editor.goto(11);
    await editor.until("hints of wires", () => editor.texts(".editor-instance .view-line"), has("2 wires"));
  });

  await step("the server restarts by command", async () => {
    await editor.command("Route: Restart the Language Server");
    await editor.goto(3);
    await editor.type("\nhalt z on tab \"Nowhere\" -> *");
    await editor.command("Problems: Focus on Problems View");
    await editor.until("findings", problems, has("no tab is named `Nowhere`"));
  });

  await step("a deploy that renames a node is seen at once", async () => {
    await editor.paste(example);
    await saved();
    const flows = path.join(folder, "flows.json");
    const before = readFileSync(flows, "utf8");
    writeFileSync(flows, before.replaceAll('"Alarm text"', '"Text of the alarm"'));
    await editor.until("findings", problems, has("no node is named `Alarm text`"));
    writeFileSync(flows, before);
    await editor.until("findings", problems, (all) => !has("no node is named `Alarm text`")(all));
  });

  await step("levels that route.toml sets are seen at once", async () => {
    await editor.goto(3);
    await editor.type("\nconst spare = 1\n");
    await editor.until("findings", problems, has("const `spare` is never used"));
    writeFileSync(path.join(folder, "route.toml"), '[check]\nflows = "flows.json"\n[levels]\nunused = "allow"\n');
    await editor.until("findings", problems, (all) => !has("never used")(all));
  });

  await lenses();
}

/** Lenses, when the server has them. */
async function lenses() {
  if (!capabilities.codeLensProvider) {
    console.log("skipped: this routec has no lenses");
    return;
  }
  const lens = (text) => page.locator(".codelens-decoration a:visible", { hasText: text });
  await step("a lens shows the wires of a router", async () => {
    await editor.paste(example);
    await saved();
    await editor.goto(11);
    await lens(/wires?$/).first().click();
    await page.locator(".peekview-widget").waitFor();
    await editor.until("the peek", () => editor.texts(".peekview-widget .ref-tree .monaco-list-row"), (all) => all.length > 0);
  });
  await step("a lens runs its test", async () => {
    await editor.press("Escape");
    await to("bed 2 raises no alarm");
    await lens("Run test").last().click();
    await editor.until("the terminal", terminal, (text) => text.includes("1 passed, 0 failed, 3 left out"));
  });
}

try {
  await session();
} catch (error) {
  console.log(error.stack);
  process.exitCode = 1;
  cpSync(path.join(home, "data/logs"), path.join(shots, "logs"), { recursive: true });
} finally {
  await editor.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
