/** Tasks of VS Code that run `apwa` in a terminal, with its findings in the list of problems. */
import * as path from "node:path";
import * as vscode from "vscode";

import type { Server } from "./client";
import type { Apwa } from "./environment";
import { argumentsOf, type Command, COMMANDS } from "./invocation";

interface Definition extends vscode.TaskDefinition {
  readonly command: Command;
  readonly file?: string;
  readonly args?: readonly string[];
}

/** A task that does `command`. Arguments go to the program as they are: no shell reads them. */
export function makeTask(
  apwa: Apwa,
  scope: vscode.WorkspaceFolder | vscode.TaskScope,
  definition: vscode.TaskDefinition,
  given: readonly string[],
  cwd: string | undefined,
): vscode.Task {
  const execution = new vscode.ProcessExecution(apwa.program, [...apwa.prefix, ...given], { cwd });
  const task = new vscode.Task(definition, scope, given.join(" "), "apwa", execution, "$apwa");
  task.group = given[0] === "test" ? vscode.TaskGroup.Test : given[0] === "check" ? vscode.TaskGroup.Build : undefined;
  task.presentationOptions = { clear: true, reveal: vscode.TaskRevealKind.Always };
  return task;
}

/** Offers `apwa check` and `apwa test` of each folder, and completes tasks that `tasks.json` describes. */
export function registerTasks(server: Server): vscode.Disposable {
  const complete = async (definition: Definition, folder: vscode.WorkspaceFolder): Promise<vscode.Task | undefined> => {
    const apwa = await server.apwa();
    if (!apwa || !COMMANDS.includes(definition.command)) {
      return undefined;
    }
    const given = argumentsOf(definition.command, definition.file ?? ".", undefined, definition.args);
    return makeTask(apwa, folder, definition, given, folder.uri.fsPath);
  };
  return vscode.tasks.registerTaskProvider("apwa", {
    provideTasks: async () => {
      const offered: vscode.Task[] = [];
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        for (const command of ["check", "test"] as const) {
          const task = await complete({ type: "apwa", command }, folder);
          offered.push(...(task ? [task] : []));
        }
      }
      return offered;
    },
    resolveTask: (task) => {
      const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
      return folder ? complete(task.definition as Definition, folder) : undefined;
    },
  });
}

/** Run `command` on a program that is saved first. */
export async function runInTerminal(server: Server, command: Command, uri: vscode.Uri, name?: string): Promise<void> {
  const apwa = await server.apwa();
  if (!apwa || !(await save(uri))) {
    return;
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const given = argumentsOf(command, uri.fsPath, name);
  const definition = { type: "apwa", command, file: uri.fsPath, args: given.slice(2) };
  const scope = folder ?? vscode.TaskScope.Workspace;
  await vscode.tasks.executeTask(makeTask(apwa, scope, definition, given, folder?.uri.fsPath ?? path.dirname(uri.fsPath)));
}

/** Save a file if it is open and changed; false where that fails or it is no file at all. */
export async function save(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme !== "file") {
    void vscode.window.showInformationMessage("Save the program to a file first.");
    return false;
  }
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return !open?.isDirty || (await open.save());
}
