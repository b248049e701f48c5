// routec as this window's settings name it.

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { findRoutec, type Found } from "./find";

/** Finds routec; an untrusted folder's own setting counts for nothing, which the editor sees to. */
export function routec(): Found {
  const setting = vscode.workspace.getConfiguration("route").get<string>("routec.path", "");
  return findRoutec(setting, {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    folders: (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === "file").map((f) => f.uri.fsPath),
    runs,
  });
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** routec, or a message to the user and nothing. */
export async function routecOrTell(): Promise<string | undefined> {
  const found = routec();
  if ("path" in found) return found.path;
  await tellMissing(found.missing);
  return undefined;
}

/** Says that routec was not found, and what to do. */
export async function tellMissing(why: string): Promise<void> {
  const settings = "Open Settings";
  const again = "Try Again";
  const todo = "Build it with “cargo install --locked --path routec” in a checkout of Route, or set route.routec.path. Colours and snippets work without it.";
  const chosen = await vscode.window.showErrorMessage(`${why} ${todo}`, again, settings);
  if (chosen === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "route.routec.path");
  if (chosen === again) await vscode.commands.executeCommand("route.restartServer");
}

/** The folder that routec is to run in for a file: its workspace folder, or the folder that it lies in. */
export function folderOf(file: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath ?? path.dirname(file.fsPath);
}
