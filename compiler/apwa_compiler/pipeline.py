"""The passes in their order.

In: the plan as built. Out: the plan as run. Each pass keeps what the plan computes, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable

from apwa_compiler.passes.fold_params import fold_params
from apwa_compiler.passes.fuse_relations import fuse_relations
from apwa_compiler.passes.narrow import narrow
from apwa_compiler.passes.order import order
from apwa_compiler.passes.prune import prune
from apwa_compiler.passes.share_scans import share_scans
from apwa_compiler.passes.size_batches import size_batches
from apwa_compiler.plan import Plan

PASSES: tuple[Callable[[Plan], Plan], ...] = (
    fold_params,
    prune,
    fuse_relations,
    share_scans,
    narrow,
    size_batches,
    order,
)


def optimise(plan: Plan) -> Plan:
    """Run every pass in order."""
    for improve in PASSES:
        plan = improve(plan)
    return plan
