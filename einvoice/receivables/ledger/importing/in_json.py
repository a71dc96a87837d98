"""Records of JSON, one by one and never the whole file: an array, an object of arrays by kind, or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from einvoice.receivables.ledger.importing.faults import Faults, ImportFault
from einvoice.receivables.ledger.importing.in_csv import wrong_signs
from einvoice.receivables.ledger.importing.texts import encoding_of

Item = tuple[int, str | None, Any]
"""The line on which it begins, the name of its array (None: the file is one), the value."""
_BLOCK = 1 << 16
_MOST = 1 << 22  # characters of one record


class NotJSON(ValueError):
    """The text is no JSON, or half of it."""


def items(path: Path, faults: Faults, *, encoding: str | None) -> Iterator[Item]:
    """Every record of a file; what is wrong with the file is noted, and ends it."""
    with path.open(encoding=encoding or encoding_of(path)) as file:
        text = _Text(file)
        try:
            yield from _lines(text) if path.suffix in (".jsonl", ".ndjson") else _arrays(text)
        except NotJSON as fault:
            code, mend = ("half-file", "fetch the whole file again") if text.breaks_off else ("bad-json", "correct it there")
            faults.add(ImportFault(code, str(path), text.line, None, str(fault), mend))
        except UnicodeDecodeError:
            faults.add(wrong_signs(path, text.line))


class _Text:
    """A text read block by block, that knows its line."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.held = ""
        self.at = 0
        self.line = 1
        self.breaks_off = False
        self._decode = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse).raw_decode

    def next(self) -> str:
        """The next sign that is not blank, "" at the end; it stays."""
        while True:
            end = self.at
            while end < len(self.held) and self.held[end] in " \t\r\n":
                end += 1
            self._pass(end)
            if end < len(self.held) or not self._more():
                return self.held[self.at : self.at + 1]

    def take(self, signs: str) -> str:
        """The next sign, which must be one of these.

        Raises NotJSON where it is another.
        """
        sign = self.next()
        if not sign or sign not in signs:
            self.breaks_off = not sign
            raise NotJSON(f"here should be {' or '.join(signs)}, not {sign or 'the end of the file'}")
        self._pass(self.at + 1)
        return sign

    def value(self) -> Any:
        """The value that begins here.

        Raises NotJSON where none does, or where it breaks off.
        """
        self.next()
        while True:
            try:
                value, end = self._decode(self.held, self.at)
            except ValueError as fault:
                at_the_end = _breaks_off(fault, self.held)
                if len(self.held) - self.at > _MOST or not self._more():
                    self.breaks_off = at_the_end
                    raise NotJSON(f"this is not JSON ({fault})") from None
                continue
            if end == len(self.held) and self._more():
                continue  # a number may go on
            self._pass(end)
            return value

    def _more(self) -> bool:
        self.held, self.at = self.held[self.at :], 0
        block = self.file.read(max(len(self.held), _BLOCK))
        self.held += block
        return bool(block)

    def _pass(self, end: int) -> None:
        self.line += self.held.count("\n", self.at, end)
        self.at = end


def _arrays(text: _Text) -> Iterator[Item]:
    if text.next() == "[":
        yield from _array(text, None)
    else:
        text.take("{")
        while text.next() != "}":
            name = text.value()
            text.take(":")
            yield from _array(text, str(name))
            if text.take(",}") == "}":
                break
    if text.next():
        raise NotJSON("something follows the end")


def _array(text: _Text, name: str | None) -> Iterator[Item]:
    text.take("[")
    if text.next() == "]":
        text.take("]")
        return
    while True:
        text.next()
        yield text.line, name, text.value()
        if text.take(",]") == "]":
            return


def _lines(text: _Text) -> Iterator[Item]:
    while text.next():
        yield text.line, None, text.value()


def _breaks_off(fault: ValueError, text: str) -> bool:
    """Whether the decoder went astray at the very end."""
    return isinstance(fault, json.JSONDecodeError) and (fault.pos >= len(text.rstrip()) or fault.msg.startswith("Unterminated"))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no value of JSON")
