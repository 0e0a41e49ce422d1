/** The extension: what is registered when an `.apwa` file is opened, and when the workspace becomes trusted. */
import * as vscode from "vscode";

import { Server } from "./client";
import { registerCommands } from "./commands";
import { registerGraph } from "./graph";
import { registerTasks } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("APWA", { log: true });
  server = new Server(output);
  context.subscriptions.push(output, registerTasks(server), ...registerCommands(server), ...registerGraph(server));
  context.subscriptions.push(
    vscode.commands.registerCommand("apwa.restart", () => server?.restart()),
    vscode.commands.registerCommand("apwa.showOutput", () => output.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server?.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (["apwa.path", "apwa.lint", "apwa.codeLens"].some((name) => event.affectsConfiguration(name))) {
        void server?.restart();
      }
    }),
  );
  await server.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
