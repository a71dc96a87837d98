"""The benchmarks: each gives what ours took, what the others took with the same bytes, and the bar."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

import einvoice
from einvoice.formats import guard, structure
from tests.scale import scaled
from tests.speed import documents, peers
from tests.speed.clock import Work, cold_milliseconds, growth, import_milliseconds, milliseconds, peak_megabytes

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark: ours and the others in the same unit, lower is better; it holds where ours is not above the bar."""

    ours: float
    bar: float
    unit: str
    others: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.ours <= self.bar

    @property
    def value(self) -> str:
        """Ours, then each other with how many times ours it is."""
        beside = [f"{name} {value:.3g} {self.unit}, {value / self.ours:.2g} ×" for name, value in self.others.items()]
        details = "; ".join([self.note] if self.note else beside)
        return f"{self.ours:.3g} {self.unit}" + (f" ({details})" if details else "")


@cache
def read_ten_lines() -> Result:
    """UBL bytes to an invoice; parsing the XML is the floor that nobody gets under."""
    data = documents.ubl(10)
    times = milliseconds({OURS: lambda: einvoice.read(data), **peers.reading(data), "parsing alone": lambda: etree.fromstring(data)})
    return _result(times, 0.6)


@cache
def write_ten_lines() -> Result:
    """An invoice to UBL bytes."""
    data = documents.ubl(10)
    invoice = einvoice.read(data)
    times = milliseconds({OURS: lambda: einvoice.write(invoice, einvoice.Syntax.UBL), **peers.writing(data)})
    return _result(times, 0.3)


@cache
def check_structure_of_ten_lines() -> Result:
    """The structure check of a tree that is parsed already."""
    root = guard.parse(documents.ubl(10)).root
    return _result(milliseconds({OURS: lambda: structure.check(root), **peers.checking(root)}), 0.25)


@cache
def read_many_lines() -> Result:
    """How time per line grows from a tenth to the whole, reading."""
    return _growth(lambda data: lambda: einvoice.read(data))


@cache
def write_many_lines() -> Result:
    """How time per line grows from a tenth to the whole, writing."""
    return _growth(_writing)


@cache
def check_structure_of_many_lines() -> Result:
    """How time per line grows from a tenth to the whole, parsing and checking the structure."""
    return _growth(lambda data: lambda: structure.check(guard.parse(data).root))


@cache
def memory_of_many_lines() -> Result:
    """The peak of a whole process that reads an invoice, and of one that checks its structure; the higher counts."""
    lines = scaled(10_000)
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(documents.ubl(lines))
        peaks = {work: peak_megabytes("tests.speed.memory", work, file.name) for work in ("read", "check")}
        return Result(max(peaks.values()), 150, "MB", note=", ".join(f"{work} {peak:.0f}" for work, peak in peaks.items()))


@cache
def check_cold() -> Result:
    """One whole `einvoice check` of one file, beside the official XSD, a peer that only reads, and Python's own start."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(documents.ubl(10))
        commands = {
            OURS: [_script("einvoice"), "check", file.name],
            "facturx-xmlcheck, XSD": [_script("facturx-xmlcheck"), file.name],
            "eu-einvoice extract": [_script("eu-einvoice"), "extract", file.name],
            "an empty Python": [sys.executable, "-c", "pass"],
        }
        return _result(cold_milliseconds(commands), 150)


@cache
def import_cold() -> Result:
    """What `import einvoice` costs in a fresh process, beside a module of the standard library and what it leaves out."""
    times = import_milliseconds(["einvoice", "dataclasses", "lxml.etree", "pydantic"])
    return _result({OURS: times.pop("einvoice"), **times}, 3)


BENCHMARKS: dict[str, Callable[[], Result]] = {
    "read 10 lines": read_ten_lines,
    "write 10 lines": write_ten_lines,
    "structure of 10 lines": check_structure_of_ten_lines,
    "read 10,000 lines": read_many_lines,
    "write 10,000 lines": write_many_lines,
    "structure, 10,000 lines": check_structure_of_many_lines,
    "memory, 10,000 lines": memory_of_many_lines,
    "check, cold": check_cold,
    "import, cold": import_cold,
}


def _result(times: dict[str, float], bar: float) -> Result:
    return Result(times.pop(OURS), bar, "ms", times)


def _growth(work: Callable[[bytes], Work]) -> Result:
    few, many = scaled(1_000), scaled(10_000)
    ratio, spent = growth(work(documents.ubl(few)), work(documents.ubl(many)), many // few)
    return Result(ratio, 1.3, "×", note=f"{many:,} lines in {spent:.0f} ms, beside {many // few} × {few:,}")


def _writing(data: bytes) -> Work:
    invoice = einvoice.read(data)
    return lambda: einvoice.write(invoice, einvoice.Syntax.UBL)


def _script(name: str) -> str:
    script = Path(sys.executable).with_name(name)
    if not script.exists():
        raise FileNotFoundError(f"{name} is not installed beside this Python")
    return str(script)
