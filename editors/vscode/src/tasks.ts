// Tasks that run routec, with its findings in the Problems view.

import * as path from "node:path";
import * as vscode from "vscode";
import { folderOf, routec } from "./routec";
import { MATCHERS, argumentsOf, type Command } from "./arguments";

const TYPE = "route";
/** Stacks that the list of tasks names. */
const MOST = 100;

interface Definition extends vscode.TaskDefinition {
  command: Command;
  stack: string;
  args?: string[];
}

/** Offers `check` and `test` of every `.route` file of the workspace. */
export const provider: vscode.TaskProvider = {
  async provideTasks(): Promise<vscode.Task[]> {
    if (!("path" in routec())) return [];
    const files = await vscode.workspace.findFiles("**/*.route", "**/node_modules/**", MOST);
    return files.sort((a, b) => a.fsPath.localeCompare(b.fsPath)).flatMap((file) => [taskOf("check", file), taskOf("test", file)]);
  },

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { command, stack, args } = task.definition as Partial<Definition>;
    if ((command !== "check" && command !== "test") || typeof stack !== "string") return undefined;
    const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
    const more = Array.isArray(args) ? args.filter((arg) => typeof arg === "string") : [];
    const cwd = folder?.uri.fsPath ?? path.dirname(path.resolve(stack));
    // The editor knows the task again by its definition, so it goes back as it came.
    return build(task.definition as Definition, folder ?? vscode.TaskScope.Workspace, cwd, command, stack, more);
  },
};

/** A task for a file. */
export function taskOf(command: Command, file: vscode.Uri, args: string[] = []): vscode.Task {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const cwd = folderOf(file);
  // Within its workspace folder a file is called by its path from there, as a user would in `tasks.json`.
  const stack = folder === undefined ? file.fsPath : path.relative(cwd, file.fsPath);
  const definition: Definition = { type: TYPE, command, stack, ...(args.length > 0 ? { args } : {}) };
  return build(definition, folder ?? vscode.TaskScope.Workspace, cwd, command, stack, args);
}

function build(
  definition: Definition,
  scope: vscode.WorkspaceFolder | vscode.TaskScope.Workspace,
  cwd: string,
  command: Command,
  stack: string,
  args: string[],
): vscode.Task {
  const found = routec();
  const program = "path" in found ? found.path : "routec";
  const execution = new vscode.ProcessExecution(program, argumentsOf(command, stack, args), { cwd });
  const task = new vscode.Task(definition, scope, [command, stack, ...args].join(" "), TYPE, execution, MATCHERS[command]);
  if (command === "test") task.group = vscode.TaskGroup.Test;
  task.presentationOptions = { clear: true, showReuseMessage: false };
  return task;
}
