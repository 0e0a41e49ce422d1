/** The commands of the palette and of code lenses, which name a program by its URI, and a flow or a test by its name. */
import * as vscode from "vscode";

import type { Server } from "./client";
import type { Command } from "./invocation";
import { runInTerminal } from "./tasks";

export function registerCommands(server: Server): vscode.Disposable[] {
  const inTerminal = (command: Command): vscode.Disposable =>
    vscode.commands.registerCommand(`apwa.${command}`, async (uri?: unknown, name?: unknown) => {
      const program = programOf(uri);
      if (program) {
        await runInTerminal(server, command, program, typeof name === "string" ? name : undefined);
      }
    });
  return (["run", "check", "prove", "plan", "test"] as const).map(inTerminal);
}

/** The program that a command is about: the one it was given, else that of the active editor. */
export function programOf(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) {
    return given;
  }
  if (typeof given === "string") {
    return vscode.Uri.parse(given);
  }
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "apwa") {
    void vscode.window.showInformationMessage("Open an APWA program first.");
    return undefined;
  }
  return document.uri;
}
