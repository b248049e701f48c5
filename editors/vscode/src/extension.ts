// The extension: a client of `routec lsp`, commands, tasks and pages of chains.

import * as vscode from "vscode";
import { Pages } from "./chains";
import { register } from "./commands";
import { starts } from "./complete";
import { Server } from "./server";
import { provider } from "./tasks";

let server: Server | undefined;

/** Called by the editor when a `.route` file is opened, or a command of ours is used. */
export function activate(context: vscode.ExtensionContext): void {
  const ours = new Server();
  server = ours;
  context.subscriptions.push(
    ours,
    ...register(ours),
    new Pages(),
    vscode.languages.registerCompletionItemProvider({ language: "route" }, starts),
    vscode.tasks.registerTaskProvider("route", provider),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("route.routec")) void ours.restart();
    }),
    // A folder that is trusted now may set the path.
    vscode.workspace.onDidGrantWorkspaceTrust(() => void ours.restart()),
  );
  // Not awaited: commands work, and say what is missing, while no server runs.
  void ours.restart();
}

/** Called by the editor when it ends. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}
