"""Content streams are read in steps that mean what the single tokens mean."""

from __future__ import annotations

import io
import random

import pikepdf
import pytest

from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.seen import tokens
from tests.pdf import rich

SHOWN = b"[(\\000\\001)8(a\\)b)-3.5<0041>]TJ"
LINE = b"/Span<</MCID 0>>BDC\nq 1 0 0 -1 70.8 761 cm/c0 cs 0 scn\nBT 0 Tr/f0 15.4 Tf 1 0 0 -1 0 0 Tm" + SHOWN + b"\nET\nQ\nEMC\n"
PARTS = (
    b"q Q 1 0 0 rg 10 10 m 20 20 re f* W n BT ET /F1 12 Tf (text) Tj [(a) -3 <0041>] TJ (a(b)c) Tj (\\)\\() Tj <</A 1/B [1 2]>> BDC "
    b"<</A <</B /C>>>> DP EMC /G gs /C cs 0.5 scn true null % note\n [ ] ) > { } ID EI BI"
).split(b" ")
PASSED = frozenset(b"m l c v y h re n W W* cm BT ET Td TD Tm T* Tc Tw Tz TL Ts w J j M d d0 i EMC BX EX sc SC".split())


def by_tokens(data: bytes) -> list[bytes]:
    """The operators, token by token, where no image begins."""
    found, depth = [], 0
    for kind, text in tokens.tokens(data):
        depth += text in {b"[", b"<<"}
        depth -= text in {b"]", b">>"} and depth > 0
        is_operator = kind == tokens.OPERATOR and text not in {b"true", b"false", b"null"} and not depth
        if is_operator or (kind == tokens.DELIMITER and text == b")"):
            found.append(text)
            depth = 0
    return [each for each in found if each not in PASSED]


def test_a_line_of_text_is_one_instruction() -> None:
    (operator, operands), *after = tokens.instructions(LINE)
    assert operator == tokens.LINE
    assert operands.split(b" ", 2)[:2] == [b"/c0", b"/f0"]
    assert tokens.strings(operands.split(b" ", 2)[2]) == [b"\0\1", b"a)b", b"\0A"]
    assert {operator for operator, _ in after} <= PASSED


def test_a_line_says_what_its_operators_say() -> None:
    apart = LINE.replace(b"0 Tr", b"0 Tr %\n")
    found = dict(tokens.instructions(apart))
    assert set(found) - PASSED == {b"BDC", b"q", b"cs", b"scn", b"Tr", b"Tf", b"TJ", b"Q"}
    assert (tokens.last_name(found[b"cs"]), tokens.last_name(found[b"Tf"])) == ("/c0", "/f0")
    assert tokens.strings(found[b"TJ"]) == [b"\0\1", b"a)b", b"\0A"]


@pytest.mark.parametrize("end", [b"(abc)", b"(abc", b"[<61>"])
def test_strings_that_no_operator_follows_are_told(end: bytes) -> None:
    """They may be too long, as others may."""
    assert list(tokens.instructions(b"q " + end)) == [(b"q", b""), (tokens.NONE, b" " + end)]


@pytest.mark.parametrize("seed", range(300))
def test_the_operators_are_those_of_the_tokens(seed: int) -> None:
    dice = random.Random(seed)
    parts = [each for each in PARTS if each not in {b"ID", b"EI", b"BI"}]
    data = b" ".join(dice.choice(parts) for _ in range(40))
    assert [operator for operator, _ in tokens.instructions(data) if operator and operator not in PASSED] == by_tokens(data)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"(a)", b"a"),
        (b"(a(b)c)", b"a(b)c"),
        (b"(a(b(c))d)", b"a(b(c))d"),
        (rb"(\(\)\\)", b"()\\"),
        (rb"(\101\12\0)", b"A\n\0"),
        (rb"(\777)", b"\xff"),
        (rb"(\q\8)", b"q8"),
        (b"(a\\\r\nb\\\nc)", b"abc"),
        (b"<414>", b"A@"),
        (b"<4 1>", b"A"),
        (b"<4x1>", b"A"),
        (b"<>", b""),
    ],
)
def test_strings(written: bytes, meant: bytes) -> None:
    assert tokens.strings(b"[1 " + written + b" 2]") == [meant]


def test_samples_of_an_image_are_no_operators() -> None:
    found = list(tokens.instructions(b"q BI /W 1 /H 1 ID (<[ q rg zz EIx\n EI Q"))
    assert [operator for operator, _ in found] == [b"q", b"BI", b"EI", b"Q"]


@pytest.mark.parametrize("bomb", [b"(" * 200_000, b"[" * 200_000, b"<<" * 200_000, b"<" * 200_000, b"(\\" * 100_000, b"q " * 200_000])
def test_content_that_never_ends_ends_in_time(bomb: bytes) -> None:
    for _, operands in tokens.instructions(bomb):
        tokens.strings(operands)


@pytest.mark.parametrize(
    ("text", "has"),
    [
        (b"[(short) 1 (" + b"a" * 90 + b")]", False),
        (b"(" + b"a" * 101 + b")", True),
        (b"(" + b"\\(" * 51 + b")", True),
        (b"(" + b"a(b)" * 30 + b")", True),
        (b"(" * 60 + b")" * 60, True),
        (b"<" + b"00" * 51 + b">", True),
        (b"<00> " + b"1 " * 100, False),
        (b"(a) Tj " * 100, False),
    ],
)
def test_long_strings(text: bytes, has: bool) -> None:
    assert tokens.may_have_string(text, 100) is has


def test_a_line_within_deep_nesting_counts_as_deeper() -> None:
    line = LINE.replace(b"<0041>", b"")

    def nest(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Contents = pdf.make_stream(line * 2 + b"q " * 28 + b"\n" + line)

    with pikepdf.open(io.BytesIO(rich.patched(nest)), inherit_page_attributes=False) as pdf:
        nesting = max(each.nesting for each in Document(pdf, None).contents)
    assert nesting == 29
