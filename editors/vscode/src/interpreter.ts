/** The interpreter that the Python extension has chosen, where that extension is installed. */
import * as vscode from "vscode";

/** What is used of the interface that the Python extension offers to others. */
interface PythonApi {
  readonly ready?: Promise<void>;
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: unknown): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath(listener: () => void): vscode.Disposable;
  };
}

let watched = false;

/** The interpreter for `resource`, undefined without one. `changed` is called whenever another is chosen. */
export async function chosenInterpreter(resource: vscode.Uri | undefined, changed: () => void): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) {
    return undefined;
  }
  try {
    const api = extension.isActive ? extension.exports : await extension.activate();
    await api.ready;
    if (!api.environments) {
      return undefined;
    }
    if (!watched) {
      watched = true;
      api.environments.onDidChangeActiveEnvironmentPath(changed);
    }
    const environment = await api.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath(resource));
    return environment?.executable.uri?.fsPath;
  } catch {
    return undefined; // the extension is broken or of a version that offers something else
  }
}
