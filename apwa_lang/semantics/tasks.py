"""Tasks: from their declarations to typed tasks.

In: a task as declared and the file it stands in. Out: its :class:`Signature`, which flows are checked against, and,
where it has a body that can be read, the task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.semantics import settings as forms
from apwa_lang.semantics.bodies import Bodies, resolve_list
from apwa_lang.semantics.context import File
from apwa_lang.semantics.core import Const, Core
from apwa_lang.semantics.effects import resolve_effects, shown_files
from apwa_lang.semantics.expressions import check_against
from apwa_lang.semantics.media import KINDS
from apwa_lang.semantics.models import READ_BY
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.parameters import resolve_parameters
from apwa_lang.semantics.program import Contract, Model, Policy, PromptBody, Task
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.settings import Settings, read
from apwa_lang.semantics.task_settings import FORMS
from apwa_lang.semantics.types import BOOL, FLOAT, INT, Type
from apwa_lang.semantics.uses import Declaration
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

CONTRACTS = ("require", "ensure")
ON_ERROR = ("fail", "skip", "quarantine")


@dataclass(frozen=True)
class Signature:
    """What a caller must know of a task. ``places`` are those of its parameters, ``declared`` tells of their names."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    span: Span
    places: dict[str, Span]
    declared: dict[str, Declaration]


def resolve_task(symbol: Symbol, file: File) -> tuple[Signature, Task | None]:
    """The task that ``symbol`` declares."""
    signature, scope = resolve_signature(symbol, file)
    node = symbol.node
    assert isinstance(node, ast.Task)
    file.uses.reach(node.span, scope.names)
    return signature, _Tasks(node, signature, scope, file).resolve()


def resolve_signature(symbol: Symbol, file: File) -> tuple[Signature, Scope]:
    """The signature of the task that ``symbol`` declares, and what its settings can name."""
    node = symbol.node
    assert isinstance(node, ast.Task)
    parameters, scope = resolve_parameters(symbol.name, node.parameters, file, table_allowed=True)
    result = file.annotations.resolve(node.result)
    places = {parameter.name.text: parameter.span for parameter in reversed(node.parameters)}
    declared = {
        each.text: file.uses.declare("argument", each.text, each.span, symbol.name)
        for each in (parameter.name for parameter in reversed(node.parameters))
    }
    return Signature(symbol.name, parameters, result, symbol.span, places, declared), scope


class _Tasks:
    """One task while it is checked."""

    def __init__(self, node: ast.Task, signature: Signature, scope: Scope, file: File) -> None:
        self._node = node
        self._signature = signature
        self._scope = scope
        self._file = file
        self._parameters = frozenset(name for name, _ in signature.parameters)
        self._settings = Settings("task", node.settings, FORMS, file.report, CONTRACTS)

    def resolve(self) -> Task | None:
        """The task; None when it has no body that can be read."""
        signature, settings = self._signature, self._settings
        bodies = Bodies(self._node, settings, self._scope, self._parameters, signature.result, self._file)
        body, route = bodies.resolve()
        effects = resolve_effects(settings, self._scope, self._parameters, self._file)
        bodies.check_effects(effects)
        if isinstance(body, PromptBody):
            effects = (*effects, *shown_files(body.template, self._scope))
        named = self._file.uses.builtin("variable", "result", signature.name)
        answered = self._scope.child(result=Binding(signature.result, self._node.result.span, named))
        requires = self._contracts("require", self._scope)
        ensures = self._contracts("ensure", answered)
        policy, resources, given = self._policy(), self._resources(), self._tools()
        trust = settings.read("trust", forms.text, "the reason, as a text")
        max_steps, batch = settings.integer("max_steps", 1), settings.integer("batch", 1)
        idempotent = settings.boolean("idempotent") or False
        if body is None:
            return None
        return Task(
            name=signature.name,
            parameters=signature.parameters,
            result=signature.result,
            body=body,
            effects=effects,
            policy=policy,
            span=signature.span,
            requires=requires,
            ensures=ensures,
            tools=tuple(one.name for one in given if one.kind == "tool"),
            agents=tuple(one.name for one in given if one.kind == "task"),
            max_steps=max_steps,
            resources=resources,
            route=route,
            batch=batch,
            idempotent=idempotent,
            trust=trust if isinstance(trust, str) else None,
            description=self._node.doc,
        )

    def _contracts(self, name: str, scope: Scope) -> tuple[Contract, ...]:
        made = []
        hidden = self._parameters | {"result"}
        for setting in self._settings.all(name):
            self._file.uses.reach(setting.span, scope.names)
            core = check_against(setting.value, BOOL, scope, f"the condition of `{name}`")
            span = setting.value.span
            made.append(Contract(self._file.whole_core(core, hidden), span.text, span))
        return tuple(made)

    def _policy(self) -> Policy:
        settings, usual = self._settings, Policy()
        retry = settings.integer("retry")
        backoff = settings.seconds("backoff")
        tokens, dollars = self._budget()
        return Policy(
            retry=usual.retry if retry is None else retry,
            backoff=usual.backoff if backoff is None else backoff,
            timeout=settings.seconds("timeout"),
            on_error=settings.word("on_error", ON_ERROR) or usual.on_error,
            budget_tokens=tokens,
            budget_dollars=dollars,
            cache={"on": True, "off": False}.get(settings.word("cache", ("on", "off")) or ""),
        )

    def _budget(self) -> tuple[int | None, float | None]:
        setting = self._settings.get("budget")
        if setting is None:
            return None, None
        value, report = setting.value, self._file.report
        wanted = "`{ tokens: n, dollars: n }`"
        if not isinstance(value, ast.RecordLiteral) or {entry.key.text for entry in value.entries} - {
            "tokens",
            "dollars",
        }:
            read(value, "budget", lambda _: forms.WRONG, wanted, report)
            return None, None
        entries = {entry.key.text: entry.value for entry in value.entries}
        tokens = dollars = None
        if "tokens" in entries:
            tokens = read(entries["tokens"], "tokens", forms.integer(1), "a whole number of at least 1", report)
        if "dollars" in entries:
            dollars = read(entries["dollars"], "dollars", forms.number(0), "a number of at least 0", report)
        return (
            tokens if isinstance(tokens, int) else None,
            float(dollars) if isinstance(dollars, int | float) else None,
        )

    def _resources(self) -> tuple[tuple[str, Core], ...]:
        setting = self._settings.get("resources")
        if setting is None:
            return ()
        value = setting.value
        if not isinstance(value, ast.RecordLiteral):
            wanted = "`{ gpu: 1, cpu: 2, memory: 8GiB }`"
            read(value, "resources", lambda _: forms.WRONG, wanted, self._file.report)
            return ()
        needs: dict[str, Core] = {}
        for entry in value.entries:
            if isinstance(entry.value, ast.SizeLiteral):
                needs[entry.key.text] = Const(entry.value.value, INT)
                continue
            core = check_against(entry.value, FLOAT, self._scope, f"the resource `{entry.key.text}`")
            needs[entry.key.text] = self._file.whole_core(core, self._parameters)
        return tuple(needs.items())

    def _tools(self) -> tuple[Symbol, ...]:
        setting = self._settings.get("tools")
        if setting is None:
            return ()
        return tuple(found for _, found in resolve_list(setting.value, "tools", ("tool", "task"), self._file))


def check_shown(task: Task, models: Mapping[str, Model], file: File) -> None:
    """Report files in a prompt that one of its models does not read."""
    if not isinstance(task.body, PromptBody):
        return
    for shown in task.body.template.shows:
        for model in (models[name] for name in task.body.models if name in models):
            if shown.kind not in READ_BY.get(model.provider, KINDS):
                file.report(codes.not_read(shown.hole.span, shown.kind, model.name, model.provider, model.span))
                break


def check_budget(task: Task, symbol: Symbol, models: Mapping[str, Model], file: File) -> None:
    """Report a budget in dollars for models without a price."""
    node = symbol.node
    if task.policy.budget_dollars is None or not isinstance(task.body, PromptBody):
        return
    assert isinstance(node, ast.Task)
    place = next(setting.span for setting in node.settings if setting.name.text == "budget")
    for name in task.body.models:
        model = models.get(name)
        if model is not None and "price" not in dict(model.settings):
            file.report(codes.unpriced_budget(place, name, model.span))
