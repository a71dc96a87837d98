"""The state machines of cases, as data: which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from einvoice.errors import ReceivablesError


class Machine(NamedTuple):
    """The states of a kind of case: `start` is the first, `nexts` what may follow each, and nothing follows an ended one."""

    kind: str
    start: str
    nexts: Mapping[str, tuple[str, ...]]

    @property
    def ended(self) -> frozenset[str]:
        """The states that nothing follows."""
        return frozenset(state for state, following in self.nexts.items() if not following)

    def require(self, case: int, was: str, becomes: str) -> None:
        """Raises ReceivablesError where a case may not move from one state to another, naming what it may become."""
        if becomes in self.nexts[was]:
            return
        may = " or ".join(self.nexts[was]) or "nothing: it has ended"
        raise ReceivablesError(f"the {self.kind} {case} is {was} and cannot become {becomes}; it may become {may}")


_WORK = ("assigned", "waiting_us", "waiting_customer", "accepted", "rejected", "withdrawn")

DISPUTE = Machine(
    "dispute",
    "open",
    {
        "open": _WORK,
        "assigned": _WORK,
        "waiting_us": _WORK,
        "waiting_customer": _WORK,
        "accepted": ("credited", "withdrawn"),  # a credit is due, and until it is posted nobody is reminded of the amount
        "credited": (),
        "rejected": (),
        "withdrawn": (),
    },
)

PROMISE = Machine("promise", "made", {"made": ("kept", "partial", "broken"), "kept": (), "partial": (), "broken": ()})

PLAN = Machine(
    "plan",
    "proposed",
    {
        "proposed": ("approved", "cancelled"),
        "approved": ("active", "cancelled"),
        "active": ("completed", "missed", "cancelled"),
        "missed": ("grace",),
        "grace": ("active", "completed", "broken", "cancelled"),
        "completed": (),
        "broken": (),
        "cancelled": (),
    },
)

FOLLOW_UP = Machine(
    "follow-up",
    "open",
    {
        "open": ("final", "handed_over", "written_off", "settled"),
        "final": ("handed_over", "written_off", "settled", "open"),
        "handed_over": ("written_off", "settled"),
        "written_off": ("open", "final", "handed_over", "settled"),
        "settled": ("open", "final", "handed_over", "written_off"),
    },
)
"""The stages of an invoice; what was settled or written off goes back to where it stood when that is reversed."""
