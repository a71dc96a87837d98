"""Every condition of the container: a PDF that holds it, and small changes that break it."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace

import pikepdf
import pytest

from einvoice.pdf import container
from einvoice.pdf.conditions import all_conditions
from einvoice.pdf.conditions.condition import CONDITIONS
from einvoice.pdf.conditions.document import Document
from einvoice.report import Severity
from tests.pdf import breaking, breaking_metadata, breaking_syntax, rich

PATCHES = {**breaking.GRAPHICS, **breaking.FONTS, **breaking.INTERACTION, **breaking.FILES}
PATCHES |= {**breaking_metadata.METADATA, **breaking_metadata.HYBRID}
TOO_LARGE_TO_MAKE = {"PDFA-6.1.13-7"}
NOWHERE_ALLOWED = {"scripts"}

Broken = tuple[str, Callable[[], bytes]]


def broken() -> list[Broken]:
    """Every change with the condition that it breaks."""
    made: list[Broken] = [(rule, lambda patch=patch: rich.patched(patch)) for rule, each in PATCHES.items() for patch in each]  # type: ignore[misc]
    return made + [(rule, change) for rule, each in breaking_syntax.SYNTAX.items() for change in each]


def rules(data: bytes) -> set[str]:
    """The conditions that a PDF does not meet."""
    with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False, suppress_warnings=True) as pdf:
        found = container.findings(pdf, data=data)
    assert not [each for each in found if "could not be computed" in each.text]
    return {each.rule for each in found}


def test_every_condition_has_a_change_that_breaks_it() -> None:
    known = {each.id for each in all_conditions()}
    assert known == set(PATCHES) | set(breaking_syntax.SYNTAX) | TOO_LARGE_TO_MAKE


def test_the_rich_pdf_meets_every_condition() -> None:
    assert rules(rich.rich()) == set()


def test_the_rich_pdf_has_something_of_everything() -> None:
    data = breaking_syntax.named(b"/ABCDEF+Sm\xc3\xa4l")()
    odd = breaking_syntax.with_objects(lambda pdf: 2**31 - 1, lambda pdf: pikepdf.String(b"\xff\xfe\xfd\xfc"))()
    with pikepdf.open(io.BytesIO(rich.rich())) as pdf, pikepdf.open(io.BytesIO(odd)) as other, pikepdf.open(io.BytesIO(data)) as third:
        documents = Document(pdf, rich.rich()), Document(other, odd), Document(third, data)
        empty = {each.subjects for each in all_conditions() if not any(len(getattr(found, each.subjects)) for found in documents)}
    assert empty == NOWHERE_ALLOWED | {"hexadecimal"}


@pytest.mark.parametrize(("rule", "change"), broken(), ids=[rule for rule, _ in broken()])
def test_a_small_change_breaks_it(rule: str, change: Callable[[], bytes]) -> None:
    assert rule in rules(change())


def test_objects_are_bounded() -> None:
    holds = CONDITIONS["PDFA-6.1.13-7"].holds
    assert holds(SimpleNamespace(pdf=SimpleNamespace(objects=range(8_388_607))))
    assert not holds(SimpleNamespace(pdf=SimpleNamespace(objects=range(8_388_608))))


def test_only_what_is_no_fault_of_the_archive_weighs_less() -> None:
    lighter = {each.id: each.severity for each in all_conditions() if each.severity is not Severity.FATAL}
    assert lighter == {
        "FX-relationship-germany": Severity.WARNING,
        "FX-date": Severity.WARNING,
        "FX-description": Severity.INFORMATION,
    }


@pytest.mark.parametrize("condition", all_conditions(), ids=[each.id for each in all_conditions()])
def test_each_says_what_to_change(condition: object) -> None:
    says = condition.says  # type: ignore[attr-defined]
    assert 20 < len(says) < 200
    assert says[0].isupper()
    assert says.endswith(".")
