/** The preview of a flow: a panel beside the program, drawn by `apwa graph`, and again whenever the program is saved. */
import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";

import type { Server } from "./client";
import { programOf } from "./commands";
import { graphArguments } from "./invocation";
import { drawing, failure } from "./page";
import { save } from "./tasks";

const LARGEST = 64 * 1024 * 1024; // bytes of a drawing

interface Preview {
  readonly panel: vscode.WebviewPanel;
  readonly uri: vscode.Uri;
  readonly flow: string | undefined;
}

export function registerGraph(server: Server): vscode.Disposable[] {
  const previews = new Map<string, Preview>();
  const show = async (given?: unknown, name?: unknown): Promise<void> => {
    const uri = programOf(given);
    if (!uri || !(await save(uri))) {
      return;
    }
    const flow = typeof name === "string" ? name : undefined;
    const key = JSON.stringify([uri.toString(), flow]);
    let preview = previews.get(key);
    if (preview) {
      preview.panel.reveal(undefined, true);
    } else {
      const title = `${flow ?? path.basename(uri.fsPath)} (graph)`;
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      const panel = vscode.window.createWebviewPanel("apwa.graph", title, place, { enableScripts: false, localResourceRoots: [] });
      preview = { panel, uri, flow };
      previews.set(key, preview);
      panel.onDidDispose(() => previews.delete(key));
    }
    await draw(server, preview);
  };
  return [
    vscode.commands.registerCommand("apwa.graph", show),
    vscode.workspace.onDidSaveTextDocument((document) => {
      for (const preview of previews.values()) {
        if (document.uri.toString() === preview.uri.toString()) {
          void draw(server, preview);
        }
      }
    }),
  ];
}

async function draw(server: Server, preview: Preview): Promise<void> {
  const apwa = await server.apwa();
  if (!apwa) {
    return;
  }
  const file = preview.uri.fsPath;
  const given = [...apwa.prefix, ...graphArguments(file, preview.flow)];
  const page = await new Promise<string>((resolve) => {
    execFile(apwa.program, given, { cwd: path.dirname(file), maxBuffer: LARGEST }, (error, stdout, stderr) =>
      resolve(error ? failure(stderr || stdout || error.message) : drawing(stdout)),
    );
  });
  try {
    preview.panel.webview.html = page;
  } catch {
    // closed while it was drawn
  }
}
