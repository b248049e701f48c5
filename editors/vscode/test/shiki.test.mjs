import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { createHighlighter } from "shiki";
import { grammar, highlighter, scopes } from "./colours.mjs";

const example = readFileSync("../../examples/greenhouse/greenhouse.route", "utf8");

/** The innermost scope of the first token with this text. */
function scopeOf(lines, text) {
  const found = lines.flat().find(([part]) => part.trim() === text);
  assert.ok(found, `no token \`${text}\``);
  return found[1].at(-1);
}

test("shiki gives an example's tokens their scopes", async () => {
  const lines = scopes(await highlighter(), example);
  const wanted = {
    "/// What may move between the greenhouse's nodes.": "comment.line.documentation.route",
    stack: "storage.type.item.route",
    greenhouse: "entity.name.namespace.route",
    hot: "variable.other.constant.route",
    number: "support.type.route",
    35: "constant.numeric.route",
    node: "storage.modifier.selector.route",
    "Alarm text": "string.quoted.double.route",
    too_hot: "entity.name.function.predicate.route",
    and: "keyword.operator.wordlike.route",
    filter: "keyword.control.router.route",
    plausible: "entity.name.function.route",
    "->": "keyword.operator.arrow.route",
    "*": "constant.language.wildcard.route",
    msg: "variable.language.route",
    temperature: "variable.other.property.route",
    "/s": "keyword.other.unit.route",
    stdout: "support.type.sink.route",
    expect: "keyword.control.test.route",
  };
  for (const [text, scope] of Object.entries(wanted)) assert.equal(scopeOf(lines, text), scope, text);
});

test("shiki writes an example as HTML, in more than four colours", async () => {
  const html = (await highlighter()).codeToHtml(example, { lang: "route", theme: "dark-plus" });
  assert.match(html, /<pre class="shiki dark-plus"/);
  assert.ok(new Set(html.match(/color:#[0-9A-F]{6}/gi)).size > 4);
});

test("in a browser, with JavaScript's expressions, shiki says the same of every example", async () => {
  const langs = [{ ...grammar, name: "route" }];
  const script = await createHighlighter({ themes: ["dark-plus"], langs, engine: createJavaScriptRegexEngine() });
  const shiki = await highlighter();
  // A folder `.route` holds the state of a runtime.
  const stacks = readdirSync("../../examples", { recursive: true }).filter((file) => /[^/\\]\.route$/.test(file));
  for (const file of stacks) {
    const text = readFileSync(`../../examples/${file}`, "utf8");
    assert.deepEqual(scopes(script, text), scopes(shiki, text), file);
  }
});

/** Every regular expression of the grammar. */
function* expressions(part) {
  for (const [key, value] of Object.entries(part)) {
    if (["match", "begin", "end", "while"].includes(key) && typeof value === "string") yield value;
    else if (value && typeof value === "object") yield* expressions(value);
  }
}

// GitHub reads grammars with PCRE, which takes less than Oniguruma: a look-behind has a length that is known, for one.
const pcre = spawnSync("grep", ["-P", "a"], { input: "a\n" }).status === 0;
test("GitHub can read the grammar: every expression is one of PCRE", { skip: pcre ? false : "this grep has no PCRE (-P)" }, () => {
  const all = [...new Set(expressions(grammar))];
  assert.ok(all.length > 50);
  const refused = spawnSync("grep", ["-P", "-e", "(?<=a*)b"], { input: "b\n" });
  assert.equal(refused.status, 2, "this grep takes what GitHub would not");
  for (const one of all) {
    const ran = spawnSync("grep", ["-P", "-e", one], { input: "\n", encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
    assert.ok(ran.status !== 2, `${one}\n${ran.stderr}`);
  }
});

test("GitHub can read the grammar: it has what linguist asks of one", () => {
  assert.equal(grammar.scopeName, "source.route");
  assert.deepEqual(grammar.fileTypes, ["route"]);
  const names = new Set(Object.keys(grammar.repository).map((name) => `#${name}`));
  const included = JSON.stringify(grammar).matchAll(/"include":"([^"]+)"/g);
  for (const [, name] of included) assert.ok(names.has(name), name);
});
