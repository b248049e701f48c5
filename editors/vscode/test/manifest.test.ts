import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import snippets from "../snippets/route.json";
import { ROOT, routec, skip } from "./routec";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const configuration = JSON.parse(readFileSync("language-configuration.json", "utf8"));
const all = Object.entries(snippets as Record<string, { prefix: string | string[]; body: string[] }>);

/** Words of the table in a category. */
function words(...categories: string[]): string[] {
  const table = readFileSync(`${ROOT}/grammar/src/keywords.rs`, "utf8");
  return [...table.matchAll(/^ {4}[wck]\("(\w+)", Category::(\w+)/gm)].filter((m) => categories.includes(m[2] ?? "")).map((m) => m[1] ?? "");
}

/** A snippet as it stands when nothing is typed into it. */
function expand(body: string[]): string {
  return body
    .join("\n")
    .replace(/\$\{\d+\|([^,|]*)[^|]*\|\}/g, "$1")
    .replace(/\$\{\d+:((?:[^{}]|\{[^{}]*\})*)\}/g, "$1")
    .replace(/\$\d+/g, "");
}

test("what the manifest names is there", () => {
  const { contributes, main, icon } = manifest;
  const files = [icon, contributes.languages[0].configuration, contributes.grammars[0].path, contributes.snippets[0].path, ...Object.values(contributes.languages[0].icon)];
  for (const file of files as string[]) assert.ok(existsSync(file), file);
  assert.equal(main, "./dist/extension.js");
  assert.ok(existsSync(main));
});

test("every command is declared and registered", () => {
  const declared = (manifest.contributes.commands as { command: string }[]).map((one) => one.command).sort();
  const registered = [...readFileSync("src/commands.ts", "utf8").matchAll(/\bon\("(route\.\w+)"/g)].map((m) => m[1]).sort();
  assert.deepEqual(registered, declared);
});

test("every setting that is read is declared", () => {
  const declared = Object.keys(manifest.contributes.configuration.properties);
  assert.deepEqual(declared.sort(), ["route.routec.path", "route.trace.server"]);
  assert.match(readFileSync("src/routec.ts", "utf8"), /getConfiguration\("route"\)\.get<string>\("routec\.path"/);
});

test("every item and router has a snippet", () => {
  const wanted = words("Item", "Router");
  assert.ok(wanted.length > 20);
  const has = all.map(([, { body }]) => body[0]?.split(/[ (]/)[0]);
  assert.deepEqual(wanted.filter((word) => !has.includes(word)), []);
});

test("no two snippets share a prefix", () => {
  const prefixes = all.flatMap(([, { prefix }]) => prefix);
  assert.equal(new Set(prefixes).size, prefixes.length);
});

test("a snippet is text that the parser reads, in the formatter's style", { skip }, () => {
  for (const [name, { body }] of all) {
    // A step stands in a test, and what silences a rule before an item.
    const own = expand(body).trimEnd();
    const text = name === "expect" ? `test "t" {\n  ${own}\n}\n` : name === "allow" ? `${own}\nhalt x on * -> *\n` : `${own}\n`;
    const ran = routec(["fmt", "-"], { input: text });
    assert.equal(ran.status, 0, `${name}: ${ran.stdout}${ran.stderr}\n${text}`);
    assert.equal(ran.stdout, text, name);
  }
});

test("words are those of the language", () => {
  const word = new RegExp(configuration.wordPattern.pattern, configuration.wordPattern.flags + "g");
  assert.deepEqual('größe_1 on "A b".2 10MiB 5% msg.x'.match(word), ["größe_1", "on", "A", "b", "2", "10MiB", "5%", "msg", "x"]);
});

test("lines after an opening bracket are indented, those in texts and comments are not", () => {
  const { increaseIndentPattern: more, decreaseIndentPattern: less } = configuration.indentationRules;
  const opens = (line: string) => new RegExp(more).test(line);
  for (const line of ["tap t on * -> * {", "  when f(", "let x = [ // a", '  to file "a{" {']) assert.ok(opens(line), line);
  for (const line of ['  reason "a {', "// {", "set s on * -> * { msg.x = 1 }", '  log "{msg.x}"', "/// see {"]) assert.ok(!opens(line), line);
  assert.ok(new RegExp(less).test("  }"));
});

test("documentation goes on at the next line, until a line of it is empty", () => {
  const next = (line: string): string | undefined => {
    const rules = configuration.onEnterRules as { beforeText: string; afterText?: string; action: { appendText?: string } }[];
    return rules.find((rule) => new RegExp(rule.beforeText).test(line) && rule.afterText === undefined)?.action.appendText;
  };
  assert.equal(next("  /// one"), "/// ");
  assert.equal(next("  /// "), undefined);
  assert.equal(next("// one"), undefined);
  assert.equal(next("//// one"), undefined);
});
