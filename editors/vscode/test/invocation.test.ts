import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { argumentsOf, graphArguments } from "../src/invocation";
import { drawing, failure } from "../src/page";

const ROOT = process.cwd() + "/../..";

test("a flow and a test are picked in the way of their command", () => {
  assert.deepEqual(argumentsOf("run", "a.apwa", "main"), ["run", "a.apwa", "--flow", "main"]);
  assert.deepEqual(argumentsOf("test", "a.apwa", "says so"), ["test", "a.apwa", "-k", "says so"]);
  assert.deepEqual(argumentsOf("check", "a.apwa", "main", ["--deny-warnings"]), ["check", "a.apwa", "--deny-warnings"]);
});

test("a real drawing becomes an image in a page without scripts", () => {
  const given = graphArguments(`${ROOT}/examples/redact/redact.apwa`, "main");
  const svg = execFileSync(`${ROOT}/.venv/bin/apwa`, given, { encoding: "utf8" });
  assert.match(svg, /^<svg .*<\/svg>\s*$/s);
  const page = drawing(svg);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; img-src data:/);
  assert.doesNotMatch(page, /<script|https?:/);
  const [, data] = /base64,([^"]+)"/.exec(page) ?? [];
  assert.equal(Buffer.from(data ?? "", "base64").toString("utf8"), svg);
});

test("what went wrong is text, not markup", () => {
  assert.match(failure('<img src=x onerror="x">'), /<pre>&lt;img src=x onerror=&quot;x&quot;&gt;<\/pre>/);
});
