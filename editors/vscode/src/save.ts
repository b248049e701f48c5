// Saving before routec reads the disk.

import * as vscode from "vscode";

/** Saves what is open of stacks, because routec reads the disk; false when one could not be saved. */
export async function saveStacks(): Promise<boolean> {
  const changed = vscode.workspace.textDocuments.filter((d) => d.isDirty && d.languageId === "route" && d.uri.scheme === "file");
  for (const document of changed) {
    if (!(await document.save())) {
      void vscode.window.showErrorMessage(`${document.fileName} could not be saved, so nothing was run.`);
      return false;
    }
  }
  return true;
}
