// What the extension shares with the rest of the project is copied into it, so that it has one source.
import { copyFileSync, mkdirSync } from "node:fs";

const root = new URL("../../../", import.meta.url);
const here = new URL("../", import.meta.url);
mkdirSync(new URL("syntaxes/", here), { recursive: true });
copyFileSync(new URL("grammar/apwa_grammar/apwa.tmLanguage.json", root), new URL("syntaxes/apwa.tmLanguage.json", here));
copyFileSync(new URL("LICENSE", root), new URL("LICENSE", here));
