/** The TextMate grammar in the engine of VS Code: the scopes of each character of a text. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const load = createRequire(path.join(process.cwd(), "package.json"));
const engine = load("vscode-textmate") as typeof import("vscode-textmate");
const onig = load("vscode-oniguruma") as typeof import("vscode-oniguruma");

const shared = (name: string): string => load.resolve(`tm-grammars/grammars/${name}.json`);

/** The grammars by their scope; those that APWA embeds are the ones that VS Code has. */
const GRAMMARS: Readonly<Record<string, string>> = {
  "source.apwa": "syntaxes/apwa.tmLanguage.json",
  "source.shell": shared("shellscript"),
  "source.sql": shared("sql"),
  "text.html.markdown": shared("markdown"),
};

async function loadGrammar(): Promise<import("vscode-textmate").IGrammar> {
  await onig.loadWASM(readFileSync(load.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new engine.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new onig.OnigScanner(sources),
      createOnigString: (text) => new onig.OnigString(text),
    }),
    loadGrammar: async (scope) => {
      const file = GRAMMARS[scope];
      return file ? engine.parseRawGrammar(readFileSync(file, "utf8"), file) : null;
    },
  });
  const grammar = await registry.loadGrammar("source.apwa");
  if (!grammar) {
    throw new Error("the grammar cannot be read");
  }
  return grammar;
}

const grammar = loadGrammar();

/** For each UTF-16 unit of `text` the scopes it has; line ends have none. */
export async function scopes(text: string): Promise<(readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let state = engine.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = (await grammar).tokenizeLine(line, state);
    state = ruleStack;
    const start = found.length;
    for (const token of tokens) {
      found.length = start + token.startIndex;
      for (let index = token.startIndex; index < Math.min(token.endIndex, line.length); index++) {
        found.push(token.scopes);
      }
    }
    found.length = start + line.length;
    found.push([]);
  }
  return found;
}
