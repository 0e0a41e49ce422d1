import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";

import { type Apwa, candidates, choose, installCommand, tryToServe, type Verdict } from "../src/environment";

const ROOT = process.cwd() + "/../..";
const around = { setting: "", folders: ["/project"], platform: "linux" as const };
const programs = (found: readonly Apwa[]): string[] => found.map((one) => [one.program, ...one.prefix].join(" "));

test("the chosen interpreter comes first, then environments of the workspace, then the PATH", () => {
  const exists = (file: string): boolean => file === "/project/.venv/bin/python";
  assert.deepEqual(programs(candidates({ ...around, interpreter: "/conda/bin/python" }, exists)), [
    "/conda/bin/python -m apwa_lang.cli",
    "/project/.venv/bin/python -m apwa_lang.cli",
    "apwa",
  ]);
});

test("an interpreter that is the workspace's own is tried once", () => {
  const interpreter = "/project/.venv/bin/python";
  assert.deepEqual(programs(candidates({ ...around, interpreter }, () => true)).slice(0, 2), [
    "/project/.venv/bin/python -m apwa_lang.cli",
    "/project/venv/bin/python -m apwa_lang.cli",
  ]);
});

test("a path in the settings is the only candidate, a program or an interpreter", () => {
  const set = (setting: string): string[] => programs(candidates({ ...around, setting }, () => true));
  assert.deepEqual(set("/opt/apwa"), ["/opt/apwa"]);
  assert.deepEqual(set("/opt/bin/python3.12"), ["/opt/bin/python3.12 -m apwa_lang.cli"]);
  assert.deepEqual(set("apwa-next"), ["apwa-next"]);
  assert.deepEqual(set("env/bin/apwa"), ["/project/env/bin/apwa"]);
  assert.deepEqual(set("${workspaceFolder}/env/bin/python"), ["/project/env/bin/python -m apwa_lang.cli"]);
});

test("environments on Windows have their interpreter elsewhere", () => {
  const windows = { ...around, folders: ["C:\\work"], platform: "win32" as const };
  assert.equal(candidates(windows, () => true)[0]?.program, "C:\\work\\.venv\\Scripts\\python.exe");
});

const tried = (verdicts: Record<string, Verdict>) => (apwa: Apwa): Promise<Verdict> =>
  Promise.resolve(verdicts[apwa.program] ?? "absent");
const three = candidates({ ...around, interpreter: "/a/python" }, (file) => file.includes(".venv"));

test("the first that serves is taken", async () => {
  const found = await choose(three, tried({ apwa: "serves" }));
  assert.equal(found.kind === "found" && found.apwa.program, "apwa");
});

test("one that lacks packages gives way to one that serves, and is told when none does", async () => {
  assert.equal((await choose(three, tried({ "/a/python": "lacks lsp", apwa: "serves" }))).kind, "found");
  const found = await choose(three, tried({ "/a/python": "lacks lsp" }));
  assert.equal(found.kind === "lacks lsp" && found.apwa.python, "/a/python");
});

test("where none is there, all that were tried are told", async () => {
  const found = await choose(three, tried({}));
  assert.equal(found.kind === "absent" && found.tried.length, 3);
});

test("the server of this checkout serves", async () => {
  const [apwa] = candidates({ ...around, setting: `${ROOT}/.venv/bin/python` });
  assert(apwa);
  assert.equal(await tryToServe(apwa), "serves");
});

test("a program that is not there, and one that lacks packages, are told apart", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "apwa-"));
  const program = path.join(folder, "apwa");
  writeFileSync(program, `#!/bin/sh\necho 'error: the language server needs more packages: pip install "apwa-lang[lsp]"' >&2\nexit 2\n`);
  chmodSync(program, 0o755);
  assert.equal(await tryToServe({ program, prefix: [] }), "lacks lsp");
  assert.equal(await tryToServe({ program: path.join(folder, "none"), prefix: [] }), "absent");
});

test("what is installed goes into the environment that lacks it, whatever its path", () => {
  assert.equal(installCommand("/a/bin/python", "linux"), '/a/bin/python -m pip install "apwa-lang[lsp]"');
  assert.equal(installCommand("/a b/it's/python", "linux"), `'/a b/it'\\''s/python' -m pip install "apwa-lang[lsp]"`);
  assert.equal(installCommand("C:\\a b\\python.exe", "win32"), `& "C:\\a b\\python.exe" -m pip install "apwa-lang[lsp]"`);
  assert.equal(installCommand(undefined, "darwin"), 'python3 -m pip install "apwa-lang[lsp]"');
});
