"""Whether planning is pure: what its source imports and calls, and what it touches while it plans."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from einvoice.receivables import law, planning
from tests.receivables.planning_portfolio import DAY, portfolio
from tests.receivables.worlds import policy_of

IMPURE = {
    "random",
    "socket",
    "sqlalchemy",
    "os",
    "subprocess",
    "secrets",
    "uuid",
    "einvoice.database",
    "einvoice.outbox",
    "einvoice.receivables.store",
}
CLOCKS = {"now", "today", "utcnow", "time_ns", "monotonic", "perf_counter"}
TOUCHES = ("open", "socket.", "sqlite3.", "subprocess.", "os.", "shutil.", "urllib.")


def impure_source() -> list[str]:
    """Imports and calls of the planner's files that read a clock, chance, a file of the user or a database."""
    folder = Path(planning.__file__).parent
    return [f"{path.name}: {found}" for path in sorted(folder.glob("*.py")) for found in _impure(ast.parse(path.read_text()))]


def _impure(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (name for name in names if any(name == each or name.startswith(f"{each}.") for each in IMPURE))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield f"{node.func.attr}() in line {node.lineno}"


class _Listener:
    """An audit hook, which Python never takes away again: it writes down events while it listens."""

    def __init__(self) -> None:
        self.listens = True
        self.heard: list[str] = []

    def __call__(self, event: str, _: object) -> None:
        if self.listens and event.startswith(TOUCHES):
            self.heard.append(event)


def touched(debtors: int) -> list[str]:
    """What planning so many debtors opens or connects to, once the data files of the package were read."""
    policy, rules = policy_of(every_day=False, prelude=True), law.load()
    world = list(portfolio(policy, debtors))
    list(planning.plan(world, policy, rules, DAY))
    listener = _Listener()
    sys.addaudithook(listener)
    list(planning.plan(world, policy, rules, DAY))
    listener.listens = False
    return listener.heard
