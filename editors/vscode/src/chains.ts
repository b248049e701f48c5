// `Show the Chain of a Wire`: asks which wire, and shows its chain beside the stack for as long as it is open.

import * as path from "node:path";
import * as vscode from "vscode";
import { type Chain, type Wire, hasRouter, pageOf, readChains, routersOf, wireArgument } from "./chain";
import { folderOf, routecOrTell } from "./routec";
import { run } from "./run";
import { saveStacks } from "./save";

const SCHEME = "route-chain";

interface Choice extends vscode.QuickPickItem {
  wire?: Wire;
}

/** The page of a wire's chain; it is written anew whenever a stack or the flows are saved. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly rest: vscode.Disposable[];

  constructor() {
    const watcher = vscode.workspace.createFileSystemWatcher("**/{*.route,route.toml,*flows*.json}");
    this.rest = [
      watcher,
      watcher.onDidChange(() => this.again()),
      vscode.workspace.onDidSaveTextDocument((d) => d.languageId === "route" && this.again()),
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    ];
  }

  async provideTextDocumentContent(page: vscode.Uri): Promise<string> {
    const { stack, line } = JSON.parse(page.query) as { stack: string; line: string };
    const program = await routecOrTell();
    if (program === undefined) return "routec was not found.\n";
    // The line as it is printed reads as one wire again.
    const wanted = readChains(line)[0]?.wires[0];
    const wire = wanted && wireArgument(wanted);
    const args = ["explain", "--color", "never", ...(wire === undefined ? [] : [`--wire=${wire}`]), "--", stack];
    const ran = await run(program, args, folderOf(vscode.Uri.file(stack)));
    if (ran.status !== 0) return `The stack has faults:\n\n${(ran.stdout + ran.stderr).trim()}\n`;
    const chain = readChains(ran.stdout).find((one) => one.wires.some((w) => w.line === line));
    const found = chain?.wires.find((w) => w.line === line);
    return chain === undefined || found === undefined ? `${line}\n\nNo router sits on this wire any more.\n` : pageOf(chain, found);
  }

  dispose(): void {
    this.changed.dispose();
    this.rest.forEach((one) => one.dispose());
  }

  private again(): void {
    vscode.workspace.textDocuments.filter((d) => d.uri.scheme === SCHEME).forEach((d) => this.changed.fire(d.uri));
  }
}

/** Asks which wire of the stack in front, and shows its chain. */
export async function showChain(output: vscode.OutputChannel): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const document = editor?.document;
  if (document?.languageId !== "route" || document.uri.scheme !== "file") {
    void vscode.window.showInformationMessage("Open a .route file first.");
    return;
  }
  const program = await routecOrTell();
  if (program === undefined || !(await saveStacks())) return;
  const stack = document.uri.fsPath;
  const ran = await run(program, ["explain", "--color", "never", "--", stack], folderOf(document.uri));
  if (ran.status !== 0) {
    output.appendLine((ran.stdout + ran.stderr).trim());
    const chosen = await vscode.window.showErrorMessage("The stack has faults: until they are mended no chain is made of it.", "Show Problems", "Show Output");
    if (chosen === "Show Problems") await vscode.commands.executeCommand("workbench.actions.view.problems");
    if (chosen === "Show Output") output.show();
    return;
  }
  const name = await routerAt(document.uri, editor?.selection.active);
  const chosen = await vscode.window.showQuickPick(choices(readChains(ran.stdout), name), {
    title: "The chain of which wire?",
    placeHolder: "A node at either end, or a router",
    matchOnDetail: true,
  });
  if (chosen?.wire === undefined) return;
  const { from, to, line } = chosen.wire;
  const title = `${from} → ${to}`.replaceAll(/[/\\]/g, "∕");
  const page = vscode.Uri.from({ scheme: SCHEME, path: `/${path.basename(stack)}: ${title}`, query: JSON.stringify({ stack, line }) });
  const opened = await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(page), "route-chain");
  await vscode.window.showTextDocument(opened, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
}

/** The router that the cursor stands in. */
async function routerAt(stack: vscode.Uri, at: vscode.Position | undefined): Promise<string | undefined> {
  if (at === undefined) return undefined;
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>("vscode.executeDocumentSymbolProvider", stack);
  const within = (all: vscode.DocumentSymbol[]): string | undefined => {
    const here = all.find((symbol) => symbol.range.contains(at));
    return here?.detail === "router" ? here.name : here && within(here.children);
  };
  return within(symbols ?? []);
}

/** Wires to choose from, those of the router at the cursor first. */
function choices(chains: Chain[], name: string | undefined): Choice[] {
  const of = (chain: Chain) =>
    chain.wires.map((wire): Choice => ({
      label: `${wire.from} → ${wire.to}`,
      description: wire.output > 1 ? `output ${wire.output}` : "",
      detail: routersOf(chain).join(", "),
      wire,
    }));
  const mine = name === undefined ? [] : chains.filter((chain) => hasRouter(chain, name));
  if (mine.length === 0) return chains.flatMap(of);
  const rest = chains.filter((chain) => !mine.includes(chain));
  const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const others = rest.length > 0 ? [separator("others"), ...rest.flatMap(of)] : [];
  return [separator(`with ${name}`), ...mine.flatMap(of), ...others];
}
