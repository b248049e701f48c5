import assert from "node:assert/strict";
import { test } from "node:test";
import { anyOrder, firstWord, openText, restOfText } from "../src/place";

/** The text before and behind the cursor `|`. */
const open = (line: string) => {
  const [before = "", after = ""] = line.split("|");
  const start = openText(before);
  return start === undefined ? undefined : before.slice(start) + after.slice(0, restOfText(after));
};

test("the text around the cursor", () => {
  assert.equal(open('tap t on "Read se|" -> *'), "Read se");
  assert.equal(open('tap t on "Read| sensor" -> "B"'), "Read sensor");
  assert.equal(open('tap t on "A" -> "|'), "");
  assert.equal(open(String.raw`tap t on "a \"b| c\"" -> *`), String.raw`a \"b c\"`);
  assert.equal(open('tap t on "A" -> |*'), undefined);
  assert.equal(open('// a "b|"'), undefined);
  assert.equal(open('"http://x|"'), "http://x");
  // Without its end a text reaches to the cursor only.
  assert.equal(open('tap t on "Re| -> *'), "Re");
});

test("the first word of a line", () => {
  assert.equal(firstWord("  limit-d"), "limit-d");
  assert.equal(firstWord("  "), "");
  assert.equal(firstWord(""), "");
  assert.equal(firstWord("tap t"), undefined);
  assert.equal(firstWord('  "tap'), undefined);
  assert.equal(firstWord("// tap"), undefined);
});

test("words of a name are found in any order", () => {
  const has = (name: string, typed: string) => {
    let at = -1;
    const all = anyOrder(name).toLowerCase();
    return [...typed].every((c) => (at = all.indexOf(c, at + 1)) >= 0);
  };
  assert.ok(has("Text of the alarm", "alarm text"));
  assert.ok(!has("Text of the alarm", "alarm z"));
  assert.equal(anyOrder(""), "");
});
