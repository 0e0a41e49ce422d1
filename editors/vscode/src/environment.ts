/**
 * Which `apwa` is used.
 *
 * In: what the settings say, the interpreter that the Python extension has chosen, the workspace's folders. Out: the command
 * line of the first `apwa` that is there and can serve an editor, or why there is none. Knows nothing of VS Code.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";

/** How `apwa` is started: a program, and what comes before the arguments of `apwa` itself. */
export interface Apwa {
  readonly program: string;
  readonly prefix: readonly string[];
  /** The interpreter that packages are installed by, where one is known. */
  readonly python?: string;
}

/** What is known of the user's machine before anything is started. */
export interface Surroundings {
  /** The setting `apwa.path`; "" where it is not set. */
  readonly setting: string;
  /** The interpreter of the Python extension. */
  readonly interpreter?: string;
  /** The folders of the workspace. */
  readonly folders: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** What starting a candidate has shown. */
export type Verdict = "serves" | "lacks lsp" | "absent";

/** Which `apwa` is used, or the one that lacks the packages of the language server. */
export type Found =
  | { readonly kind: "found"; readonly apwa: Apwa }
  | { readonly kind: "lacks lsp"; readonly apwa: Apwa }
  | { readonly kind: "absent"; readonly tried: readonly Apwa[] };

const PROBE_TIMEOUT = 20_000; // milliseconds; a cold start from a slow disk takes some seconds

/** The places where an `apwa` may be, the first that serves is taken. A path in the settings is the only one. */
export function candidates(around: Surroundings, exists: (file: string) => boolean = existsSync): Apwa[] {
  const setting = expand(around.setting.trim(), around);
  if (setting) {
    return [isPython(setting) ? byPython(setting) : { program: setting, prefix: [] }];
  }
  const found: Apwa[] = [];
  if (around.interpreter) {
    found.push(byPython(around.interpreter));
  }
  for (const folder of around.folders) {
    for (const name of [".venv", "venv"]) {
      const python = around.platform === "win32"
        ? path.win32.join(folder, name, "Scripts", "python.exe")
        : path.posix.join(folder, name, "bin", "python");
      if (python !== around.interpreter && exists(python)) {
        found.push(byPython(python));
      }
    }
  }
  found.push({ program: "apwa", prefix: [] });
  return found;
}

/** Try the candidates in order. One that only lacks packages is remembered, and told if none is better. */
export async function choose(
  from: readonly Apwa[],
  probe: (apwa: Apwa) => Promise<Verdict> = tryToServe,
): Promise<Found> {
  let lacking: Apwa | undefined;
  for (const apwa of from) {
    const verdict = await probe(apwa);
    if (verdict === "serves") {
      return { kind: "found", apwa };
    }
    if (verdict === "lacks lsp") {
      lacking ??= apwa;
    }
  }
  return lacking ? { kind: "lacks lsp", apwa: lacking } : { kind: "absent", tried: from };
}

/** Start the server with nothing to read: it ends at once, cleanly where all its packages are there. */
export function tryToServe(apwa: Apwa): Promise<Verdict> {
  return new Promise((resolve) => {
    const child = execFile(apwa.program, [...apwa.prefix, "lsp"], { timeout: PROBE_TIMEOUT }, (error, _, stderr) => {
      resolve(!error ? "serves" : stderr.includes("apwa-lang[lsp]") ? "lacks lsp" : "absent");
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end();
  });
}

/** The command that installs what is missing, into the environment of `python`. */
export function installCommand(python: string | undefined, platform: NodeJS.Platform): string {
  const program = python ?? (platform === "win32" ? "py" : "python3");
  const quoted = /^[\w./\\:-]+$/.test(program) ? program : platform === "win32" ? `& "${program}"` : `'${program.replaceAll("'", "'\\''")}'`;
  return `${quoted} -m pip install "apwa-lang[lsp]"`;
}

function byPython(python: string): Apwa {
  return { program: python, prefix: ["-m", "apwa_lang.cli"], python };
}

function isPython(program: string): boolean {
  return /^(python[\d.]*|py)(\.exe)?$/i.test(program.split(/[\\/]/).at(-1) ?? "");
}

/** A leading `~` is the user's home, `${workspaceFolder}` and a relative path with a folder in it the first folder. */
function expand(setting: string, around: Surroundings): string {
  const folder = around.folders[0];
  const home = process.env.HOME ?? process.env.USERPROFILE ?? "~";
  const text = setting.replace(/^~(?=[\\/])/, home).replaceAll("${workspaceFolder}", folder ?? ".");
  const join = around.platform === "win32" ? path.win32 : path.posix;
  return folder && /[\\/]/.test(text) && !join.isAbsolute(text) ? join.join(folder, text) : text;
}
