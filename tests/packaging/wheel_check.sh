#!/usr/bin/env bash
# Builds the wheel and uses it from an empty environment, far from the checkout: what a user of the package gets.
# In: a python that has `build`. Out: exit code 0 when a new project checks clean and runs.
set -euo pipefail
python=$(realpath --no-symlinks "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --quiet --wheel --outdir "$work/dist" "$root"
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -c "$root/constraints.txt" "$work"/dist/*.whl

cd "$work"
apwa="$work/venv/bin/apwa"
"$apwa" --version
"$apwa" new project
"$apwa" check project
"$apwa" explain APWA101 > /dev/null
"$apwa" run project/main.apwa --progress none
test -s project/out/urgent.jsonl
cp -r "$root/examples/files" files
"$apwa" check files
"$apwa" run files/files.apwa --progress none
test -s files/out/cards.csv
for file in apwa_grammar/apwa.lark apwa_grammar/apwa.tmLanguage.json apwa_lang/py.typed apwa_compiler/py.typed apwa_runtime/py.typed; do
  test -f "$work"/venv/lib/python3*/site-packages/$file || { echo "the wheel lacks $file" >&2; exit 1; }
done
echo "the wheel works"
