// Completion: names in quotes are replaced whole, and snippets come where an item or a step can begin.

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import snippets from "../snippets/route.json";
import { anyOrder, firstWord, openText, restOfText } from "./place";

/**
 * Names of nodes have blanks in them, which to the editor are ends of words. An item that does not say what it replaces
 * replaces the text between the quotes; and as a name may be found by any of its words, the editor's own filter is told so.
 */
export const names: Middleware["provideCompletionItem"] = async (document, position, context, token, next) => {
  const line = document.lineAt(position).text;
  const start = openText(line.slice(0, position.character));
  // A quote that ends a text asks for nothing: with a list open there, the next Enter would put a word in.
  if (start === undefined && context.triggerCharacter === '"') return [];
  const answer = await next(document, position, context, token);
  if (!answer || start === undefined) return answer;
  const inserting = new vscode.Range(position.with({ character: start }), position);
  const replacing = inserting.with({ end: position.translate(0, restOfText(line.slice(position.character))) });
  const items = Array.isArray(answer) ? answer : answer.items;
  for (const item of items) {
    // The server says what its items replace, quotes included, and what they are found by.
    if (item.range !== undefined) continue;
    item.range = { inserting, replacing };
    item.filterText = anyOrder(typeof item.label === "string" ? item.label : item.label.label);
  }
  return new vscode.CompletionList(items, true);
};

interface Snippet {
  prefix: string | string[];
  description: string;
  body: string[];
}

/** The snippets, where the line has nothing else yet. The editor itself would offer them within texts and comments too. */
export const starts: vscode.CompletionItemProvider = {
  provideCompletionItems(document, position) {
    const word = firstWord(document.lineAt(position).text.slice(0, position.character));
    if (word === undefined) return [];
    const range = new vscode.Range(position.translate(0, -word.length), position);
    return Object.entries(snippets as Record<string, Snippet>).map(([name, snippet]) => {
      // Not as a snippet: those are switched off for this language, for the reason above.
      const item = new vscode.CompletionItem({ label: name, description: snippet.description }, vscode.CompletionItemKind.Struct);
      item.insertText = new vscode.SnippetString(snippet.body.join("\n"));
      item.filterText = [snippet.prefix].flat()[0] ?? name;
      item.range = range;
      // Before the bare word of the same spelling.
      item.sortText = ` ${item.filterText}`;
      return item;
    });
  },
};
