/**
 * The language server and the connection to it.
 *
 * In: the settings and the workspace. Out: a running client, or a message that says what is missing and installs it. Nothing
 * is started in a workspace that is not trusted: what would run may be the workspace's own.
 */
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type Middleware, RevealOutputChannelOn } from "vscode-languageclient/node";

import { type Apwa, candidates, choose, installCommand } from "./environment";
import { chosenInterpreter } from "./interpreter";

export class Server {
  private client: LanguageClient | undefined;
  private chosen: Apwa | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly output: vscode.LogOutputChannel) {}

  /** How `apwa` is started; tells the user where there is none. */
  async apwa(): Promise<Apwa | undefined> {
    await this.turn.catch(() => undefined);
    return this.chosen ?? (await this.find());
  }

  /** Stop the server if it runs, look for `apwa` anew, and start it. Calls wait for each other. */
  restart(): Promise<void> {
    const next = this.turn.catch(() => undefined).then(() => this.startAnew());
    this.turn = next;
    return next;
  }

  /** Stop the server. */
  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch((error: unknown) => this.output.warn(String(error)));
  }

  private async startAnew(): Promise<void> {
    await this.stop();
    this.chosen = undefined;
    const apwa = await this.find();
    if (!apwa) {
      return;
    }
    const executable = { command: apwa.program, args: [...apwa.prefix, "lsp"] };
    const client = new LanguageClient("apwa", "APWA", executable, this.options());
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.output.error(String(error));
      this.output.show(true);
    }
  }

  private async find(): Promise<Apwa | undefined> {
    if (!vscode.workspace.isTrusted) {
      this.output.info("The workspace is not trusted: nothing is started.");
      return undefined;
    }
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    const found = await choose(
      candidates({
        setting: vscode.workspace.getConfiguration("apwa").get("path", ""),
        interpreter: await chosenInterpreter(folders[0]?.uri, () => void this.restart()),
        folders: folders.map((folder) => folder.uri.fsPath),
        platform: process.platform,
      }),
    );
    if (found.kind === "found") {
      this.chosen = found.apwa;
      this.output.info(`apwa: ${[found.apwa.program, ...found.apwa.prefix].join(" ")}`);
      return found.apwa;
    }
    const tried = found.kind === "absent" ? found.tried : [found.apwa];
    this.output.warn(`apwa cannot be started; tried ${tried.map((one) => one.program).join(", ")}`);
    void this.offerToInstall(found.kind, tried.find((one) => one.python)?.python);
    return undefined;
  }

  private async offerToInstall(kind: "lacks lsp" | "absent", python: string | undefined): Promise<void> {
    const text = kind === "absent"
      ? "APWA is not installed in this environment. Programs are highlighted, not checked."
      : "This environment has APWA without its language server. Programs are highlighted, not checked.";
    const answer = await vscode.window.showWarningMessage(text, "Install", "Choose Path", "Show Output");
    if (answer === "Install") {
      const terminal = vscode.window.createTerminal("Install APWA");
      terminal.show();
      terminal.sendText(installCommand(python, process.platform));
      const again = await vscode.window.showInformationMessage("When the installation is done, start the language server.", "Start");
      if (again) {
        await this.restart();
      }
    } else if (answer === "Choose Path") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "apwa.path");
    } else if (answer === "Show Output") {
      this.output.show();
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file", language: "apwa" }, { scheme: "untitled", language: "apwa" }],
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { clientCommands: true },
      middleware: middleware(),
      synchronize: {
        fileEvents: ["**/*.apwa", "**/apwa.toml", "**/*.py"].map((glob) => vscode.workspace.createFileSystemWatcher(glob)),
      },
    };
  }
}

/** What the settings switch off is asked of no server and shown to nobody. */
function middleware(): Middleware {
  const on = (name: string): boolean => vscode.workspace.getConfiguration("apwa").get(name, true);
  const shown = (items: vscode.Diagnostic[]): vscode.Diagnostic[] =>
    on("lint.enable") ? items : items.filter((item) => item.severity === vscode.DiagnosticSeverity.Error);
  return {
    handleDiagnostics: (uri, items, next) => next(uri, shown(items)),
    provideDiagnostics: async (document, previous, token, next) => {
      const report = await next(document, previous, token);
      return report && "items" in report ? { ...report, items: shown(report.items) } : report;
    },
    provideDocumentFormattingEdits: (document, options, token, next) =>
      on("format.enable") ? next(document, options, token) : [],
    provideCodeLenses: (document, token, next) => (on("codeLens.enable") ? next(document, token) : []),
  };
}
