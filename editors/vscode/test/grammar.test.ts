import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { scopes } from "./textmate";

const ROOT = path.resolve("../..");
const KEYWORD = /keyword\.(control|declaration|operator\.(logical|per)|other\.source)|constant\.language/;

type Programs = Record<string, { text: string; words: [text: string, start: number, keyword: boolean][] }>;

const programs = JSON.parse(
  execFileSync(`${ROOT}/.venv/bin/python`, [`${ROOT}/tests/highlight/word_kinds.py`], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  }),
) as Programs;

test("a word is a keyword where the parser takes it for one, in every program", async () => {
  assert.ok(Object.keys(programs).length > 500);
  for (const [name, { text, words }] of Object.entries(programs)) {
    const found = await scopes(text);
    for (const [word, start, keyword] of words) {
      const shown = (found[start] ?? []).slice(1).join(" ");
      const line = text.slice(text.lastIndexOf("\n", start - 1) + 1).split("\n")[0];
      assert.equal(KEYWORD.test(shown), keyword, `${word} is ${shown} in ${name}: ${line}`);
      assert.doesNotMatch(shown, /comment|string/, `${word} in ${name}: ${line}`);
    }
  }
});

test("nothing of a program is without a scope or invalid", async () => {
  for (const [name, { text }] of Object.entries(programs)) {
    const found = await scopes(text);
    found.forEach((scope, index) => {
      if (/\S/.test(text[index] ?? "")) {
        const line = text.slice(text.lastIndexOf("\n", index - 1) + 1).split("\n")[0];
        assert.ok(scope.length > 1 && !scope.some((one) => one.endsWith("illegal.escape.apwa")), `${name}: ${line}`);
      }
    });
  }
});

// `^` marks characters of the last line that is no assertion, `<-` its first; what stands behind ` - ` must not be there.
const ASSERTION = /^#\s*(?:(<-+)|(\^[\^ ]*))\s+(\S.*)$/;

test("what is written in tests/highlight has the scopes that stand below it", async () => {
  const folder = path.join(ROOT, "tests/highlight");
  const files = readdirSync(folder).filter((file) => file.endsWith(".apwa"));
  assert.ok(files.length > 0);
  for (const file of files) {
    const lines = readFileSync(path.join(folder, file), "utf8").split("\n");
    const program = lines.map((line) => (ASSERTION.test(line) ? "" : line)).join("\n");
    const found = await scopes(program);
    let start = 0;
    let tested = "";
    let offset = 0;
    for (const line of program.split("\n")) {
      const assertion = ASSERTION.exec(lines.shift() ?? "");
      if (!assertion) {
        [start, tested] = [offset, line];
      } else {
        const [, first, marks = "", expected = ""] = assertion;
        const columns = first ? [0] : [...assertion[0].slice(0, assertion[0].indexOf(marks) + marks.length)].flatMap((mark, column) => (mark === "^" ? [column] : []));
        const [present = "", absent = ""] = expected.split(" - ");
        for (const column of columns.filter((column) => tested[column]?.trim())) {
          const shown = found[start + column] ?? [];
          for (const scope of present.trim().split(/\s+/)) {
            assert.ok(shown.some((one) => has(one, scope)), `${scope} is missing at column ${column} of ${file}: ${tested}\n${shown.join(" ")}`);
          }
          assert.ok(!absent || !shown.some((one) => has(one, absent.trim())), `${absent} is at column ${column} of ${file}: ${tested}`);
        }
      }
      offset += line.length + 1;
    }
  }
});

/** Whether a token's scope, which may hold several names, is `scope` or below it. */
function has(shown: string, scope: string): boolean {
  return shown.split(" ").some((one) => one === scope || one.startsWith(`${scope}.`));
}
