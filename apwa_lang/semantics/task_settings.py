"""The settings of tasks: which there are, how each is written, and what it is for.

In: nothing. Out: the table that the checker takes its names from, and what describes the language to a model.
"""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, str] = {
    "prompt": '"…" or """…""": a template; what a model is asked. It answers with the result, by its JSON schema',
    "python": '"module:function": a Python function, called with the arguments by name',
    "torch": '"module:Class": a Python class, called with lists',
    "shell": '"""…""": a script; holes are quoted words',
    "return": "expression: the result itself, without a model",
    "model": "m, or [m, n]: with `prompt`, the model that is asked; the next one where it gives no valid answer",
    "route": "{ m when condition, n }: in place of `model`, the first whose condition holds",
    "system": '"…": with `prompt`, a template for the system message',
    "tools": "[t, …]: with `prompt`, tools that the model may call before it answers",
    "max_steps": "n: with `tools`, how often the model is asked at most",
    "budget": "{ tokens: n, dollars: n }: what all sub-problems may cost together",
    "reads": '"path" or { name: "path" }: templates of files that a `python`, `torch` or `shell` body is given',
    "writes": '"path": a template; the file that holds the result. No two sub-problems may write one path',
    "network": '"host": hosts that the body asks',
    "secrets": "NAME: environment variables that the body is given",
    "reduces": '{ "path": sum }: updates that commute',
    "require": "condition: on the arguments",
    "ensure": "condition: on `result` and the arguments; where it fails, the model is asked again",
    "retry": "n: further attempts, 2 without it",
    "backoff": "duration: before the first of them, 500ms without it",
    "timeout": "duration: of one sub-problem, such as 30s",
    "on_error": "fail, quarantine or skip: what becomes of a sub-problem that fails",
    "resources": "{ cpu: n, gpu: n, memory: 8GiB }: what a worker must have",
    "batch": "n: with `python` or `torch`, sub-problems of one call",
    "idempotent": "true: sub-problems may write one path, with equal bytes",
    "cache": "on or off: whether results of other runs may be used",
    "trust": '"reason": the author vouches for what cannot be proved',
}
