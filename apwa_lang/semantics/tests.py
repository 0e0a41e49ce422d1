"""Tests in the language: from their statements to test cases.

In: a test as declared, the file it stands in, and the program's declarations. Out: the test case; a broken statement is
left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.diagnostics.codes import flows as codes
from apwa_lang.semantics.calls import check_arguments
from apwa_lang.semantics.context import File
from apwa_lang.semantics.expressions import check, check_against, word_of
from apwa_lang.semantics.program import Expectation, Fixture, MockValue, TestCall, TestCase, TestStatement
from apwa_lang.semantics.reach import World
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import BOOL, JSON, UNKNOWN, ListOf, Optional, RecordType, Type
from apwa_lang.semantics.uses import Role
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span


def resolve_test(node: ast.Test, file: File, world: World) -> TestCase:
    """The test that ``node`` declares."""
    statements = _Test(file, world).statements(node.statements)
    return TestCase(node.name.value, tuple(statements), node.name.span)


def scope_after(statements: Sequence[ast.TestStatement], file: File, world: World) -> Scope:
    """What an expression can name behind these statements of a test."""
    test = _Test(file, world)
    test.statements(statements)
    return test._scope()


class _Test:
    """One test while it is checked."""

    def __init__(self, file: File, world: World) -> None:
        self._file = file
        self._world = world
        self._named: dict[str, Binding] = {}
        self._mocked: dict[str, Span] = {}
        self._results: list[Type] = []

    def statements(self, nodes: Sequence[ast.TestStatement]) -> list[TestStatement]:
        """Every statement that could be read, in order."""
        made: list[TestStatement | None] = []
        for node in nodes:
            self._file.uses.reach(node.span, self._scope().names)
            match node:
                case ast.Mock():
                    made.append(self._mock(node))
                case ast.Let():
                    made.append(self._let(node))
                case ast.Fixture():
                    made.append(self._fixture(node))
                case ast.Expect():
                    core = check_against(node.condition, BOOL, self._scope(), "what is expected")
                    span = node.condition.span
                    made.append(Expectation(self._file.whole_core(core, self._named), span.text, span))
        for node in nodes:
            if isinstance(node, ast.Mock):
                for result in self._results:
                    self._answers(node.value, result)
        return [statement for statement in made if statement is not None]

    def _answers(self, answer: ast.Expr, result: Type) -> None:
        """Note the fields in what a model answers, which are those of the result of a task that the test calls."""
        match answer, result:
            case (ast.RecordLiteral(entries=entries), RecordType()):
                for entry in entries:
                    field = result.field(entry.key.text)
                    if field is not None:
                        self._file.uses.field(word_of(entry), result, field.name, field.type, Role.WRITE)
                        self._answers(entry.value, field.type)
            case (ast.ListLiteral(items=items), _):
                for item in items:
                    self._answers(item, result.item if isinstance(result, ListOf) else result)
            case (_, Optional(inner)):
                self._answers(answer, inner)
            case _:
                pass

    def _scope(self) -> Scope:
        return self._file.scope.child(**self._named)

    def _mock(self, node: ast.Mock) -> MockValue | None:
        symbol = self._file.names.find(node.model, "model")
        core, _ = check(node.value, self._scope(), JSON)
        if symbol is None:
            return None
        if symbol.name in self._mocked:
            self._file.report(codes.test_name_twice(node.model, self._mocked[symbol.name]))
            return None
        self._mocked[symbol.name] = node.model.span
        return MockValue(symbol.name, self._file.whole_core(core, self._named))

    def _let(self, node: ast.Let) -> TestCall | None:
        call, result = self._value(node)
        return call if self._name(node.name, result) else None

    def _fixture(self, node: ast.Fixture) -> Fixture | None:
        type = self._file.annotations.resolve(node.type)
        if not self._name(node.name, type):
            return None
        return Fixture(node.name.text, type, node.path.value, self._file.unit.base, node.path.span)

    def _name(self, name: ast.Name, type: Type) -> bool:
        declared = self._file.uses.declare("variable", name.text, name.span, type=type)
        taken = self._named.get(name.text)
        if taken is not None and taken.span is not None:
            self._file.report(codes.test_name_twice(name, taken.span))
            return False
        self._named[name.text] = Binding(type, name.span, declared)
        return True

    def _value(self, node: ast.Let) -> tuple[TestCall | None, Type]:
        name, value, scope = node.name.text, node.value, self._scope()
        symbol = self._file.names.lookup(value.function.text) if isinstance(value, ast.Call) else None
        if not isinstance(value, ast.Call) or symbol is None or symbol.kind != "task":
            core, type = check(value, scope)
            return TestCall(name, None, (), self._file.whole_core(core, self._named), node.name.span), type
        self._file.names.refer(value.function, symbol)
        signature = self._world.signatures.get(symbol.name)
        if signature is None:
            return None, UNKNOWN
        self._results.append(signature.result)
        arguments = check_arguments(
            value.arguments, signature, value.function.span, scope, self._file, frozenset(self._named)
        )
        span = value.function.span
        call = None if arguments is None else TestCall(name, signature.name, arguments, None, span)
        return call, signature.result
