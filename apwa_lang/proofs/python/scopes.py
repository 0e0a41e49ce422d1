"""Which names a function binds, and which of them its nested functions see.

In: the tree of a module. Out: for each module, class, function and lambda in it, a ``Scope``.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Block = ast.Module | ast.ClassDef | Function


@dataclass(slots=True)
class Scope:
    """``cells`` are the bound names that nested scopes use: they outlive the statement order of their function."""

    bound: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    generator: bool = False


def scopes(tree: ast.Module) -> dict[ast.AST, Scope]:
    """The scope of every block of ``tree``. Targets of comprehensions count as names of the enclosing block."""
    found: dict[ast.AST, Scope] = {}
    _Scan(found).block(tree, tree.body)
    return found


class _Scan(ast.NodeVisitor):
    def __init__(self, found: dict[ast.AST, Scope]) -> None:
        self.found = found
        self.scope = Scope()

    def block(self, node: Block, body: list[ast.stmt]) -> None:
        outer, self.scope = self.scope, Scope()
        self.found[node] = self.scope
        if not isinstance(node, ast.Module | ast.ClassDef):
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            self.scope.bound.update(argument.arg for argument in every if argument is not None)
        for statement in body:
            self.visit(statement)
        inner, self.scope = self.scope, outer
        inner.bound -= inner.globals | inner.nonlocals
        if not isinstance(node, ast.Module):
            hidden = set() if isinstance(node, ast.ClassDef) else inner.bound
            self._seen_inside((inner.used | inner.nonlocals) - inner.globals - hidden)

    def _seen_inside(self, free: set[str]) -> None:
        self.scope.cells |= free
        self.scope.used |= free

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.scope.bound.add(node.name)
        for expression in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(expression)
        self.block(node, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for expression in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(expression)
        self.block(node, [ast.Expr(node.body)])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.scope.bound.add(node.name)
        for expression in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(expression)
        self.block(node, node.body)

    def visit_Name(self, node: ast.Name) -> None:
        (self.scope.used if isinstance(node.ctx, ast.Load) else self.scope.bound).add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocals.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.scope.bound.add(node.name)
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        self.scope.bound.add(node.asname or node.name.partition(".")[0])

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.scope.bound.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.scope.bound.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.scope.bound.add(node.rest)
        self.generic_visit(node)

    def visit_Yield(self, node: ast.Yield) -> None:
        self.scope.generator = True
        self.generic_visit(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.scope.generator = True
        self.generic_visit(node)
