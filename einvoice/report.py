"""Verdicts: what was checked, what was found, and what that means. What was not checked is never valid."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from einvoice.errors import NotValid

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Verdict(StrEnum):
    """The three answers a check gives."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_JUDGED = "not judged"


class Severity(StrEnum):
    """How much a broken rule weighs; only fatal ones make a layer invalid."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


class Finding(NamedTuple):
    """A rule that does not hold, and where.

    `rule` is the official id, or our `structure-…` id; `term` the BT/BG id; `xpath` and `line` (from 1) the place;
    `value` the text found there. None where it is not known.
    """

    rule: str
    severity: Severity
    text: str
    term: str | None = None
    xpath: str | None = None
    line: int | None = None
    value: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """An object by the names of its fields."""
        return _as_object(cls, handler)


class Layer(NamedTuple):
    """One set of rules that a document was held against, by name and version.

    A layer that is `required` but was not judged leaves the whole document not judged; `note` says why. One that is not required
    is for information: it decides nothing.
    """

    name: str
    version: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    required: bool = True
    note: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """An object by the names of its fields."""
        return _as_object(cls, handler)

    @classmethod
    def judged(cls, name: str, version: str, findings: tuple[Finding, ...]) -> Layer:
        """A layer whose rules all ran: invalid where a fatal one does not hold."""
        fatal = any(finding.severity is Severity.FATAL for finding in findings)
        return cls(name, version, Verdict.INVALID if fatal else Verdict.VALID, findings)

    @classmethod
    def not_judged(cls, name: str, version: str, note: str) -> Layer:
        """A layer that could not be run, and why."""
        return cls(name, version, Verdict.NOT_JUDGED, note=note)


class Report(NamedTuple):
    """What a check found in one document: its layers in the order they ran, and the verdict they add up to.

    `inside` is the name of the XML where `source` is a PDF that carries it; lines and XPaths are those of the XML then.
    """

    source: str | None
    syntax: str | None
    profile: str | None
    layers: tuple[Layer, ...] = ()
    inside: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """An object by the names of its fields."""
        return _as_object(cls, handler)

    @property
    def verdict(self) -> Verdict:
        """Invalid if any required layer is; else not judged if one of them is, or none ran; else valid."""
        verdicts = {layer.verdict for layer in self.layers if layer.required}
        if Verdict.INVALID in verdicts:
            return Verdict.INVALID
        if not verdicts or Verdict.NOT_JUDGED in verdicts:
            return Verdict.NOT_JUDGED
        return Verdict.VALID

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every layer."""
        return tuple(finding for layer in self.layers for finding in layer.findings)

    def summary(self) -> str:
        """One line: the document, its verdict, and the first fatal findings or the reason it was not judged."""
        notes = [layer.note for layer in self.layers if layer.verdict is Verdict.NOT_JUDGED and layer.note]
        fatal = [f"{finding.rule} {finding.text}" for finding in self.findings if finding.severity is Severity.FATAL]
        details = fatal[:3] + ([f"and {len(fatal) - 3} more"] if len(fatal) > 3 else []) or notes
        return f"{self.source or 'document'}: {self.verdict}" + (f" ({'; '.join(details)})" if details else "")

    def require_valid(self) -> Report:
        """This report, if the document is valid.

        Raises NotValid where it is invalid and where it was not judged.
        """
        if self.verdict is not Verdict.VALID:
            raise NotValid(self)
        return self


def _as_object(cls: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """What pydantic makes of a tuple above: an object by the names of its fields, not an array."""
    from dataclasses import field, make_dataclass  # noqa: PLC0415 - a check has no use for it, and it costs more than our own
    from typing import get_type_hints  # noqa: PLC0415

    from pydantic_core import core_schema  # noqa: PLC0415

    hints = get_type_hints(cls)
    defaults = {name: field(default=default) for name, default in cls._field_defaults.items()}
    made = [(name, hints[name], defaults.get(name, field())) for name in cls._fields]
    twin = make_dataclass(cls.__name__, made, namespace={"__doc__": cls.__doc__})
    inner = handler.generate_schema(twin)

    def read(value: object, inwards: core_schema.ValidatorFunctionWrapHandler) -> object:
        if isinstance(value, cls):
            return value
        found = inwards(value)
        return cls(*(getattr(found, name) for name in cls._fields))

    written = core_schema.plain_serializer_function_ser_schema(lambda value: twin(*value), return_schema=inner)
    return core_schema.no_info_wrap_validator_function(read, inner, serialization=written)
