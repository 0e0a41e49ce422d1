import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const PYTHON = process.cwd() + "/../../.venv/bin/python";
const read = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())";
const list = "import sys, zipfile; print(*sorted(zipfile.ZipFile(sys.argv[1]).namelist()), sep='\\n')";
const python = (...given: string[]): string => execFileSync(PYTHON, ["-c", ...given], { encoding: "utf8", maxBuffer: 1 << 26 });

test("the package has what it needs and nothing else", () => {
  const files = python(list, "dist/apwa.vsix").trim().split("\n");
  assert.deepEqual(files, [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/dist/extension.js",
    "extension/language-configuration.json",
    "extension/package.json",
    "extension/readme.md",
    "extension/snippets/apwa.json",
    "extension/syntaxes/apwa.tmLanguage.json",
  ]);
});

test("its grammar is the one of the language", () => {
  const packed = python(read, "dist/apwa.vsix", "extension/syntaxes/apwa.tmLanguage.json");
  assert.equal(packed.trim(), readFileSync("../../grammar/apwa_grammar/apwa.tmLanguage.json", "utf8").trim());
});
