// The language server: started, started anew, and told about in the corner of the window.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions, State } from "vscode-languageclient/node";
import { names } from "./complete";
import { routec, tellMissing } from "./routec";

const SELECTOR = [{ scheme: "file", language: "route" }];

/** One server for the window. Starts and stops follow one another, in the order in which they were asked for. */
export class Server implements vscode.Disposable {
  /** What the server says on standard error, and what the client says of it. */
  readonly output = vscode.window.createOutputChannel("Route");
  private readonly trace = vscode.window.createOutputChannel("Route trace");
  private readonly status = vscode.languages.createLanguageStatusItem("route.server", { language: "route" });
  private readonly stacks = vscode.workspace.createFileSystemWatcher("**/*.route");
  private readonly flows = vscode.workspace.createFileSystemWatcher("**/*flows*.json");
  private readonly projects = vscode.workspace.createFileSystemWatcher("**/route.toml");
  /** Files that the server is told of when they change; no client disposes of these. */
  private readonly watchers = [this.stacks, this.flows, this.projects];
  private client: LanguageClient | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor() {
    this.status.name = "Route";
    this.status.command = { command: "route.restartServer", title: "Restart" };
    this.say("not started");
    this.flows.onDidChange(() => this.lookAgain());
    this.flows.onDidCreate(() => this.lookAgain());
    // Parameters and levels are read when a stack is compiled, which nothing but its own text brings about.
    const anew = () => void (this.running && this.restart());
    for (const event of [this.projects.onDidChange, this.projects.onDidCreate, this.projects.onDidDelete]) event(anew);
  }

  /** The client while a server runs. */
  get running(): LanguageClient | undefined {
    return this.client?.isRunning() ? this.client : undefined;
  }

  /** Stops the server, if one runs, and starts one with the settings as they are now. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.halt();
      await this.begin();
    });
  }

  /** Stops the server for good. */
  stop(): Promise<void> {
    return this.inTurn(() => this.halt());
  }

  dispose(): void {
    this.watchers.forEach((watcher) => watcher.dispose());
    this.status.dispose();
    this.output.dispose();
    this.trace.dispose();
  }

  /** Has the server check what is open once more: a deploy writes flows while no stack changes. */
  private lookAgain(): void {
    const stacks = vscode.workspace.textDocuments.filter((d) => vscode.languages.match(SELECTOR, d) > 0);
    for (const stack of stacks) {
      void this.running?.sendNotification("textDocument/didSave", { textDocument: { uri: stack.uri.toString() } });
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.last.then(work);
    // A failed turn does not keep later ones from theirs.
    this.last = run.catch(() => undefined);
    return run;
  }

  private async begin(): Promise<void> {
    const found = routec();
    if ("missing" in found) {
      this.say("routec was not found", vscode.LanguageStatusSeverity.Error, found.missing);
      this.output.appendLine(found.missing);
      // Not awaited: the message may stand for as long as the user likes.
      void tellMissing(found.missing);
      return;
    }
    this.say("starting", vscode.LanguageStatusSeverity.Information, found.path);
    this.output.appendLine(`starting ${found.path} lsp`);
    const client = this.make(found.path);
    this.client = client;
    client.onDidChangeState(({ newState }) => this.follow(client, newState, found.path));
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      const why = error instanceof Error ? error.message : String(error);
      this.say("failed to start", vscode.LanguageStatusSeverity.Error, why);
      this.output.appendLine(`${found.path} lsp: ${why}`);
      void this.tellFailed(found.path, why);
    }
  }

  private make(program: string): LanguageClient {
    // Without a `transport` the client adds no argument of its own: `routec lsp` takes none.
    const server: ServerOptions = { command: program, args: ["lsp"] };
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      diagnosticCollectionName: "routec",
      outputChannel: this.output,
      traceOutputChannel: this.trace,
      synchronize: { fileEvents: this.watchers },
      middleware: { provideCompletionItem: names },
    };
    return new LanguageClient("route", "Route", server, options);
  }

  private async halt(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) return;
    this.say("stopped");
    try {
      await client.dispose(2000);
    } catch (error) {
      // It ended by itself, or did not end in time; then the client has killed it.
      this.output.appendLine(`stopping: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private follow(client: LanguageClient, state: State, program: string): void {
    if (client !== this.client) return;
    if (state === State.Running) {
      const about = client.initializeResult?.serverInfo;
      this.say(about?.version === undefined ? "running" : `routec ${about.version}`, vscode.LanguageStatusSeverity.Information, program);
    } else if (state === State.Stopped) {
      this.say("stopped", vscode.LanguageStatusSeverity.Warning, program);
    } else {
      this.say("starting", vscode.LanguageStatusSeverity.Information, program);
    }
  }

  private say(text: string, severity = vscode.LanguageStatusSeverity.Information, detail?: string): void {
    this.status.text = text;
    this.status.severity = severity;
    this.status.detail = detail;
    this.status.busy = text === "starting";
  }

  private async tellFailed(program: string, why: string): Promise<void> {
    const [output, settings] = ["Show Output", "Open Settings"];
    const text = `“${program} lsp” did not start: ${why} It may be older than its language server, or another program: “${program} --help” tells.`;
    const chosen = await vscode.window.showErrorMessage(text, output, settings);
    if (chosen === output) this.output.show();
    if (chosen === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "route.routec.path");
  }
}
