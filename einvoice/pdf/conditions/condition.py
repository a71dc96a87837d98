"""Conditions: how one is written, and how they are run.

    @condition("PDFA-6.2.5-1", "states")
    def no_transfer_function(state: State) -> object:
        '''Remove TR from the graphics state: it changes colours behind the reader's back.'''
        return "/TR" not in state.dictionary

The function says whether the condition holds for one subject; the docstring is what a person who makes PDFs reads, and says what to
change. The second argument is the attribute of `Document` that has the subjects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from einvoice.errors import PDFError
from einvoice.report import Finding, Severity

if TYPE_CHECKING:
    from einvoice.pdf.conditions.document import Document

MOST = 10
"""The most findings of one condition; the last says how many there are besides."""


class Subject(Protocol):
    """What conditions look at: anything that says where in the PDF it stands."""

    @property
    def place(self) -> str:
        """Such as `page 1, font F1`."""


class Condition(NamedTuple):
    """One condition: its id, the subjects that it is held against, and the sentence that says what to change."""

    id: str
    subjects: str
    holds: Callable[[Any], object]
    says: str
    severity: Severity = Severity.FATAL


Holds = TypeVar("Holds", bound=Callable[[Any], object])

CONDITIONS: dict[str, Condition] = {}
"""Every condition by its id, in the order in which they are written."""


def condition(id: str, subjects: str, severity: Severity = Severity.FATAL) -> Callable[[Holds], Holds]:  # noqa: A002 - it is the id
    """Makes a condition of a function that says whether it holds."""

    def register(holds: Holds) -> Holds:
        says = " ".join((holds.__doc__ or "").split())
        if id in CONDITIONS or not says:
            raise ValueError(f"condition {id} is there already, or says nothing")
        CONDITIONS[id] = Condition(id, subjects, holds, says, severity)
        return holds

    return register


def run(document: Document, conditions: Iterable[Condition]) -> tuple[Finding, ...]:
    """What does not hold. A condition that cannot be computed is a fatal finding: nothing is called fine that was not looked at.

    Raises PDFError where the PDF has no end, or is larger than it may be.
    """
    return tuple(_bounded(finding for each in conditions for finding in _broken(document, each)))


def _broken(document: Document, condition: Condition) -> Iterator[Finding]:
    place: str | None = None
    try:
        for subject in getattr(document, condition.subjects):
            place = None
            if not condition.holds(subject):
                place = subject.place
                yield Finding(condition.id, condition.severity, condition.says, value=place)
    except PDFError:
        raise
    except Exception as fault:
        text = f"This condition could not be computed ({type(fault).__name__}: {fault}); have the PDF made anew. {condition.says}"
        yield Finding(condition.id, Severity.FATAL, text, value=place)


def _bounded(findings: Iterable[Finding]) -> list[Finding]:
    seen: Counter[str] = Counter()
    kept: dict[tuple[str, int], Finding] = {}
    for finding in findings:
        seen[finding.rule] += 1
        kept.setdefault((finding.rule, min(seen[finding.rule], MOST)), finding)
    for rule, count in seen.items():
        if count > MOST:
            last = kept[rule, MOST]
            kept[rule, MOST] = last._replace(value=f"{last.value} and {count - MOST} more places")
    return list(kept.values())
