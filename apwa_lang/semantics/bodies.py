"""Bodies of tasks: the one setting that says how a task does its work, and the settings that go with it.

In: the settings of a task, its scope and its result type. Out: the body, or None where a mistake was reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.codes import effects as effect_codes
from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.diagnostics.codes import templates as template_codes
from apwa_lang.semantics import settings as forms
from apwa_lang.semantics.context import File
from apwa_lang.semantics.expressions import check_against
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import (
    WORKING,
    Arm,
    Body,
    Effect,
    PromptBody,
    PythonBody,
    ReturnBody,
    ShellBody,
    Template,
    TorchBody,
)
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.settings import Settings, dotted
from apwa_lang.semantics.targets import python_target
from apwa_lang.semantics.types import AUDIO, BOOL, BYTES, FILE, IMAGE, Tensor, Type, parts
from apwa_lang.syntax import nodes as ast

BODIES = ("prompt", "python", "torch", "shell", "return")
BESIDE_PROMPT = ("model", "route", "system", "tools", "budget")

# Bodies that are handed their files by name, in a folder of their own.
_WITH_FILES = ("python", "torch", "shell")
_NOT_ANSWERED = (BYTES, FILE, IMAGE, AUDIO)


class Bodies:
    """Reads the body of one task. ``parameters`` are its own, which hide program parameters."""

    def __init__(
        self, node: ast.Task, settings: Settings, scope: Scope, parameters: frozenset[str], result: Type, file: File
    ) -> None:
        self._node = node
        self._settings = settings
        self._scope = scope
        self._parameters = parameters
        self._result = result
        self._file = file

    def resolve(self) -> tuple[Body | None, tuple[Arm, ...]]:
        """The body, and the arms of ``route``."""
        given = [setting for name in BODIES if (setting := self._settings.get(name)) is not None]
        given.sort(key=lambda setting: setting.span.start)
        self._check_company(given)
        if not given:
            if self._settings.lacks(*BODIES) and not self._file.has_hole(self._node.span):
                self._file.report(codes.no_body(self._node.name))
            return None, ()
        for second in given[1:]:
            self._file.report(codes.two_bodies(self._node.name, second.name, given[0].name))
        first = given[0]
        match first.name.text:
            case "prompt":
                return self._prompt(first)
            case "return":
                return self._return(first), ()
            case "shell":
                template = self._template(first)
                return (ShellBody(template) if template else None), ()
            case kind:
                return self._python(first, kind), ()

    def check_effects(self, effects: tuple[Effect, ...]) -> None:
        """Report effects that the task's body cannot have."""
        body = next((setting.name for name in BODIES if (setting := self._settings.get(name)) is not None), None)
        if body is None:
            return
        for effect in effects:
            if effect.kind not in ("read", "write"):
                continue
            if body.text in _WITH_FILES or (self._has_folder() and (effect.kind == "read" or effect.label)):
                if effect.label is None:
                    name = "reads" if effect.kind == "read" else "writes"
                    self._file.report(effect_codes.needs_label(effect.span, name, body))
            elif effect.kind == "read":
                self._file.report(effect_codes.reads_nothing(effect.span, body))
            elif effect.label is not None:
                self._file.report(effect_codes.label_unused(ast.Name(effect.span, effect.label), body))

    def _has_folder(self) -> bool:
        """Whether it is an agent with a tool that works in the folder of its sub-problem."""
        setting = self._settings.get("tools")
        items = setting.value.items if setting is not None and isinstance(setting.value, ast.ListLiteral) else ()
        named = (dotted(item) for item in items)
        symbols = (self._file.names.lookup(name.text) for name in named if name is not None)
        nodes = (symbol.node for symbol in symbols if symbol is not None)
        builtins = (node.builtin for node in nodes if isinstance(node, ast.Tool) and node.builtin is not None)
        return any(builtin.name.text in WORKING for builtin in builtins)

    def _check_company(self, bodies: list[ast.Setting]) -> None:
        """Report settings that mean something only beside another."""
        report, settings = self._file.report, self._settings
        kinds = {body.name.text for body in bodies}
        stands = bodies[0].name if bodies else None
        if bodies and "prompt" not in kinds:
            for name in BESIDE_PROMPT:
                if (setting := settings.get(name)) is not None:
                    report(codes.setting_elsewhere(setting.name, "`prompt`", stands))
        batch = settings.get("batch")
        if bodies and batch is not None and not kinds & {"python", "torch"}:
            report(codes.setting_elsewhere(batch.name, "`python` and `torch`", stands))
        steps = settings.get("max_steps")
        if steps is not None and settings.get("tools") is None and not self._file.has_hole(self._node.span):
            report(codes.setting_elsewhere(steps.name, "`tools`", None))
        model, route = settings.get("model"), settings.get("route")
        if model is not None and route is not None:
            report(codes.settings_exclude(route.name, model.name))

    def _prompt(self, setting: ast.Setting) -> tuple[Body | None, tuple[Arm, ...]]:
        template = self._template(setting, prompt=True)
        system_setting = self._settings.get("system")
        system = None if system_setting is None else self._template(system_setting, prompt=True)
        for shown in system.shows if system is not None else ():
            self._file.report(template_codes.shown_to_system(shown.hole.span, shown.kind))
        part = next(_unanswerable(self._result), None)
        if part is not None:
            place = self._node.result.span
            self._file.report(codes.result_type(place, str(self._result), str(part), setting.name.span))
        model, route = self._settings.get("model"), self._settings.get("route")
        arms = self._route(route.value) if route is not None else ()
        models = tuple(arm.target for arm in arms)
        if model is not None:
            models = self._models(model.value)
        elif route is None and not self._file.has_hole(self._node.span):
            known = tuple(self._file.names.known("model"))
            self._file.report(codes.no_model(self._node.name, setting.name, known))
        return (PromptBody(template, models, system) if template and models else None), arms

    def _template(self, setting: ast.Setting, *, prompt: bool = False) -> Template | None:
        value = setting.value
        if isinstance(value, ast.StringLiteral):
            return self._file.template(value, self._scope, self._parameters, prompt=prompt)
        forms.read(value, setting.name.text, forms.text, "a text", self._file.report)
        return None

    def _models(self, value: ast.Expr) -> tuple[str, ...]:
        return tuple(model.name for _, model in resolve_list(value, "model", ("model",), self._file))

    def _route(self, value: ast.Expr) -> tuple[Arm, ...]:
        if not isinstance(value, ast.Route):
            forms.read(value, "route", lambda _: forms.WRONG, "`{ small when condition, large }`", self._file.report)
            return ()
        arms: list[Arm] = []
        for arm in value.arms:
            symbol = self._file.names.find(arm.target, "model")
            condition = None
            if arm.condition is not None:
                condition = check_against(arm.condition, BOOL, self._scope, "the condition of `route`")
                condition = self._file.whole_core(condition, self._parameters)
            if symbol is not None:
                arms.append(Arm(symbol.name, condition))
        *earlier, last = value.arms
        for arm in earlier:
            if arm.condition is None:
                self._file.report(codes.route_ends_early(arm.target))
        if last.condition is not None:
            self._file.report(codes.route_open(last.target))
        return tuple(arms)

    def _return(self, setting: ast.Setting) -> Body:
        because = (self._node.result.span, f"the result is `{self._result}`")
        core = check_against(setting.value, self._result, self._scope, "the result", because)
        return ReturnBody(self._file.whole_core(core, self._parameters))

    def _python(self, setting: ast.Setting, kind: str) -> Body | None:
        value, base = setting.value, self._file.unit.base
        if not isinstance(value, ast.StringLiteral):
            wanted = '`"module:Class"`' if kind == "torch" else '`"module:function"`'
            forms.read(value, kind, lambda _: forms.WRONG, wanted, self._file.report)
            return None
        target = python_target(value, self._file.report)
        if target is None:
            return None
        return TorchBody(target, base, value.span) if kind == "torch" else PythonBody(target, base, value.span)


def resolve_list(
    value: ast.Expr, setting: str, kinds: tuple[str, ...], file: File
) -> Iterator[tuple[ast.Name, Symbol]]:
    """What one name or a list of them stands for, of one of ``kinds``, each with its place."""
    places: dict[str, ast.Name] = {}
    for item in value.items if isinstance(value, ast.ListLiteral) else (value,):
        name = dotted(item)
        if name is None:
            if not isinstance(item, ast.ErrorExpr):
                file.report(codes.not_a_name(item, setting, kinds[0]))
            continue
        symbol = file.names.find(name, *kinds)
        if symbol is None:
            continue
        if symbol.name in places:
            file.report(codes.repeated_entry(name, setting, places[symbol.name].span))
            continue
        places[symbol.name] = name
        yield name, symbol


def _unanswerable(type: Type) -> Iterator[Type]:
    """The parts of a type that no model can write."""
    pending, seen = [type], set[int]()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if part in _NOT_ANSWERED or isinstance(part, Tensor):
            yield part
        pending.extend(parts(part))
