// The innermost scope of every token of texts, as shiki has it with the grammar: a list of texts comes as JSON on standard
// input, and for each a list of `[length, scope]` goes out, lengths in UTF-16 units, line ends left out.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createHighlighter } from "shiki";

export const grammar = JSON.parse(readFileSync(new URL("../syntaxes/route.tmLanguage.json", import.meta.url), "utf8"));

/** A highlighter that knows Route, as a documentation site makes one. */
export function highlighter() {
  return createHighlighter({ themes: ["dark-plus"], langs: [{ ...grammar, name: "route" }] });
}

/** Lines of `[text, scopes]`, the outermost scope first. */
export function scopes(shiki, text) {
  const { tokens } = shiki.codeToTokens(text, { lang: "route", theme: "dark-plus", includeExplanation: "scopeName" });
  return tokens.map((line) => line.flatMap((token) => token.explanation.map((part) => [part.content, part.scopes.map((s) => s.scopeName)])));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const shiki = await highlighter();
  const texts = JSON.parse(readFileSync(0, "utf8"));
  const inner = (text) => scopes(shiki, text).map((line) => line.map(([part, all]) => [part.length, all.at(-1)]));
  process.stdout.write(JSON.stringify(texts.map(inner)));
}
