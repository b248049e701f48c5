// The commands of the extension.

import * as vscode from "vscode";
import type { Location as ProtocolLocation, Position as ProtocolPosition } from "vscode-languageclient/node";
import { oneTest, type Command } from "./arguments";
import { showChain } from "./chains";
import { routecOrTell } from "./routec";
import { saveStacks } from "./save";
import type { Server } from "./server";
import { taskOf } from "./tasks";

/** Registers every command. */
export function register(server: Server): vscode.Disposable[] {
  const on = (name: string, does: (...args: never[]) => unknown) => vscode.commands.registerCommand(name, does);
  return [
    on("route.check", (uri?: vscode.Uri) => runOn("check", uri)),
    on("route.runTests", (uri?: vscode.Uri) => runOn("test", uri)),
    on("route.runTest", (uri?: string, name?: string) => runTest(uri, name)),
    on("route.showChain", () => showChain(server.output)),
    on("route.showWires", (uri: string, at: ProtocolPosition, places: ProtocolLocation[]) => showWires(server, uri, at, places)),
    on("route.restartServer", () => server.restart()),
    on("route.showOutput", () => server.output.show()),
  ];
}

/** The stack that a command is about: the one given, or that of the editor in front. */
function stackOf(uri: vscode.Uri | undefined): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  const found = uri ?? (document?.languageId === "route" ? document.uri : undefined);
  if (found === undefined) {
    void vscode.window.showInformationMessage("Open a .route file first.");
  } else if (found.scheme !== "file") {
    void vscode.window.showInformationMessage("Save the stack first: routec reads it from the disk.");
  } else {
    return found;
  }
  return undefined;
}

async function runOn(command: Command, uri: vscode.Uri | undefined, args: string[] = []): Promise<void> {
  const stack = stackOf(uri);
  if (stack === undefined || (await routecOrTell()) === undefined) return;
  if (!(await saveStacks())) return;
  await vscode.tasks.executeTask(taskOf(command, stack, args));
}

/** Runs one test: the one that a lens names, or the one that the cursor stands in. */
async function runTest(uri: string | undefined, name: string | undefined): Promise<void> {
  if (typeof uri === "string" && typeof name === "string") return runOn("test", vscode.Uri.parse(uri), oneTest(name));
  const editor = vscode.window.activeTextEditor;
  const stack = stackOf(undefined);
  if (editor === undefined || stack === undefined) return;
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>("vscode.executeDocumentSymbolProvider", stack);
  const here = testAt(symbols ?? [], editor.selection.active);
  if (here === undefined) {
    void vscode.window.showInformationMessage("The cursor stands in no test.");
    return;
  }
  await runOn("test", stack, oneTest(here));
}

function testAt(symbols: vscode.DocumentSymbol[], at: vscode.Position): string | undefined {
  for (const symbol of symbols) {
    if (!symbol.range.contains(at)) continue;
    return symbol.detail === "test" ? symbol.name : testAt(symbol.children, at);
  }
  return undefined;
}

/** Shows the places of wires that a lens counts, in a peek. */
async function showWires(server: Server, uri: string, at: ProtocolPosition, places: ProtocolLocation[]): Promise<void> {
  const convert = server.running?.protocol2CodeConverter;
  if (convert === undefined) return;
  if (places.length === 0) {
    void vscode.window.showInformationMessage("It sits on no wire.");
    return;
  }
  const locations = places.map((place) => convert.asLocation(place));
  await vscode.commands.executeCommand("editor.action.showReferences", convert.asUri(uri), convert.asPosition(at), locations);
}
