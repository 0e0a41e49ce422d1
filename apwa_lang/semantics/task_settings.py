"""The settings of tasks: which there are, how each is written, and what it is for.

In: nothing. Out: the table that the checker takes its names from, and what describes the language to a model. Values
are written in the grammar's notation.
"""

from __future__ import annotations

from collections.abc import Mapping

from apwa_lang.semantics.forms import Form

_PATHS = "STRING | list | record_literal"

FORMS: Mapping[str, Form] = {
    "prompt": Form("STRING", "a template: what a model is asked, which answers with the task's result"),
    "python": Form("STRING", "`module:function`, a Python function that is called with the arguments by name"),
    "torch": Form("STRING", "`module:Class`, whose instance is called with lists"),
    "shell": Form("STRING", "a script, whose holes are quoted words"),
    "return": Form("expr", "the result itself, without a model"),
    "model": Form('dotted | "[" _names _comma "]"', "of a prompt; of several the next where one gives no valid answer"),
    "route": Form("route", "in place of `model`: the first model whose condition holds"),
    "system": Form("STRING", "a template for the system message of a prompt"),
    "tools": Form('"[" _names _comma "]"', "what its model may call before it answers: tools, tasks by `prompt`"),
    "max_steps": Form("INT", "how often a model with tools is asked at most"),
    "budget": Form("record_literal", "`{ tokens: n, dollars: n }`, what all sub-problems may cost together"),
    "reads": Form(_PATHS, "templates of the files that a `python`, `torch` or `shell` body is given"),
    "writes": Form(_PATHS, "a template of the file for the result; no two sub-problems may write one path"),
    "network": Form("STRING | list", "hosts that the body asks"),
    "secrets": Form("dotted | STRING | list", "environment variables that the body is given"),
    "reduces": Form("record_literal", '`{ "path": sum }`, updates that commute'),
    "require": Form("expr", "what must hold of the arguments"),
    "ensure": Form("expr", "what must hold of `result` and the arguments, else the model is asked again"),
    "retry": Form("INT", "further attempts, 2 without it"),
    "backoff": Form("DURATION", "the pause before the first of them"),
    "timeout": Form("DURATION", "of one sub-problem"),
    "on_error": Form('"fail" | "quarantine" | "skip"', "what becomes of a sub-problem that fails"),
    "resources": Form("record_literal", "`{ cpu: n, gpu: n, memory: 8GiB }`, what a worker must have"),
    "batch": Form("INT", "how many sub-problems one call of a `python` or `torch` body takes"),
    "idempotent": Form('"true" | "false"', "whether sub-problems may write one path, with equal bytes"),
    "cache": Form('"on" | "off"', "whether results of other runs may be used"),
    "trust": Form("STRING", "why the author vouches for what cannot be proved"),
}
