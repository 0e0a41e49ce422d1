"""What the declarations of a program say about rows: records, tables, parameters, tasks, tools and splits.

In: the files of a program. Out: each declaration under its name in the whole program.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.modules import Module
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.types import FILE_RECORD, PRIMITIVES, UNKNOWN, Column, Type

_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the program: its record and where its rows come from."""

    name: str
    record: Type
    source: ast.TableSource
    module: Module


@dataclass(frozen=True, slots=True)
class Routine:
    """A task or a tool: its parameters, what it gives, and the settings that say what it does."""

    name: str
    module: Module
    parameters: dict[str, Type]
    result: Type
    settings: dict[str, ast.Setting]
    node: ast.Task | ast.Tool | None = None


@dataclass
class Program:
    """The declarations of a program, each under its name in the whole program."""

    modules: list[Module]
    tables: dict[str, Table] = field(default_factory=dict)
    parameters: dict[str, Type] = field(default_factory=dict)
    tasks: dict[str, Routine] = field(default_factory=dict)
    tools: dict[str, Routine] = field(default_factory=dict)

    def parameter(self, module: Module, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """The parameter of the program that a dotted path begins with in a file, and the rest of the path."""
        for length in (1, 2):
            whole = module.whole(".".join(path[:length]), ast.Param) if len(path) >= length else None
            if whole is not None:
                return whole, path[length:]
        return None


def declared(modules: list[Module]) -> Program:
    """Read the declarations. Raises :class:`CannotVerifyError`."""
    program = Program(modules)
    for module in modules:
        for name, param in module.each(ast.Param):
            program.parameters[name] = resolve(param.type, module)
        for name, table in module.each(ast.Table):
            if table.source is None:
                raise CannotVerifyError(f"table `{name}` has no source")
            program.tables[name] = Table(name, resolve(table.record, module), table.source, module)
        for name, task in module.each(ast.Task):
            program.tasks[name] = _routine(name, task, resolve(task.result, module), module)
        for name, tool in module.each(ast.Tool):
            result = UNKNOWN if tool.result is None else resolve(tool.result, module)
            program.tools[name] = _routine(name, tool, result, module)
    return program


def _routine(name: str, node: ast.Task | ast.Tool, result: Type, module: Module) -> Routine:
    parameters = {each.name.text: resolve(each.type, module) for each in node.parameters}
    settings = {each.name.text: each for each in node.settings}
    repeated = {each.name.text for each in node.settings if settings[each.name.text] is not each}
    if len(parameters) < len(node.parameters) or repeated - {"require", "ensure"}:
        raise CannotVerifyError(f"`{name}` says something twice")
    return Routine(name, module, parameters, result, settings, node)


def resolve(node: ast.TypeNode, module: Module, depth: int = 0) -> Type:
    """The type that is written."""
    if depth > _DEEPEST:
        raise CannotVerifyError(f"a type in {module.shown} is nested too deeply")
    match node:
        case ast.NamedType(name=ast.Name(text=name), arguments=arguments):
            if name == "table" and len(arguments) == 1 and not isinstance(arguments[0], ast.IntLiteral):
                return Type("table", inner=resolve(arguments[0], module, depth + 1))
            if name in ("list", "map") and arguments and not isinstance(arguments[-1], ast.IntLiteral):
                return Type(name, inner=resolve(arguments[-1], module, depth + 1))
            if name in ("list", "map", "tensor", "table"):
                return Type(name)
            if name in PRIMITIVES and not arguments:
                return Type(name)
            return FILE_RECORD if name == "File" else _record(name, module, depth)
        case ast.LiteralType(value=value):
            return Type("choice", (value.value,))
        case ast.OptionalType(inner=inner):
            found = resolve(inner, module, depth + 1)
            return found if found.kind == "optional" else Type("optional", inner=found)
        case ast.UnionType(members=members):
            return _union([resolve(member, module, depth + 1) for member in members])
        case _:
            raise CannotVerifyError(f"a type in {module.shown} cannot be read")


def _record(name: str, module: Module, depth: int) -> Type:
    found = module.find(name, ast.Record)
    if found is None:
        raise CannotVerifyError(f"`{name}` in {module.shown} is no type")
    owner, node = found
    columns = tuple(_column(each, owner, depth + 1) for each in node.fields)
    if len({column.name for column in columns}) < len(columns):
        raise CannotVerifyError(f"record `{name}` has a field twice")
    return Type("record", columns=columns)


def _column(node: ast.FieldDecl, module: Module, depth: int) -> Column:
    said = {attribute.name.text: attribute for attribute in node.attributes}
    if len(said) < len(node.attributes):
        raise CannotVerifyError(f"an attribute of `{node.name.text}` is given twice")
    low, high = _range(said["range"]) if "range" in said else (None, None)
    return Column(
        node.name.text,
        resolve(node.type, module, depth),
        "key" in said,
        "unique" in said,
        _pattern(said["pattern"]) if "pattern" in said else None,
        low,
        high,
    )


def _pattern(node: ast.Attribute) -> str:
    match node.arguments:
        case (ast.Argument(value=ast.StringLiteral() as literal),):
            return literal.value
        case _:
            raise CannotVerifyError(f"the pattern in line {node.span.line} cannot be read")


def _range(node: ast.Attribute) -> tuple[float, float]:
    bounds = [bound for each in node.arguments if (bound := number(each.value)) is not None]
    if len(bounds) != 2 or len(node.arguments) != 2:
        raise CannotVerifyError(f"the range in line {node.span.line} cannot be read")
    return bounds[0], bounds[1]


def number(node: ast.Expr) -> int | float | None:
    """The number that is written, or None."""
    match node:
        case ast.IntLiteral(value=value) | ast.FloatLiteral(value=value):
            return value
        case ast.Unary(operator="-", operand=operand):
            negated = number(operand)
            return None if negated is None else -negated
        case _:
            return None


def _union(members: list[Type]) -> Type:
    inner = [member.present for member in members]
    if all(member.kind == "choice" for member in inner):
        values = tuple(dict.fromkeys(value for member in inner for value in member.values))
        made = Type("choice", values)
    else:
        made = inner[0] if len(set(inner)) == 1 else Type("union")
    return Type("optional", inner=made) if any(member.kind == "optional" for member in members) else made
