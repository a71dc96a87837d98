"""An invoice as a page of text that a person reads: the sheet, laid out for a terminal, with plain figures and ISO dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einvoice.cli.layout import Column, Line, Pair, beside, indented, pairs, table, wrapped
from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.sheet import Block, Fact, Payment, Row, Sheet, Table
from einvoice.rendering.values import Plain

WIDTH = 100
INDENT = 2


def page(invoice: Invoice, language: str = "en", width: int = WIDTH) -> list[Line]:
    """The page, line by line; every value of the invoice is on it, an attachment by its size."""
    return [*Page(sheet(invoice, language, Plain()), width).lines()]


class Page:
    """One sheet on its way to a terminal."""

    def __init__(self, sheet: Sheet, width: int) -> None:
        self.sheet = sheet
        self.width = width

    def lines(self) -> Iterator[Line]:
        """Every section that has something to say."""
        sheet, words = self.sheet, self.sheet.words
        yield from self._title()
        yield from self._parties(sheet.parties)
        yield from self._table(sheet.preceding)
        if sheet.delivery:
            yield from self._section(sheet.delivery.title, self._block(sheet.delivery, self.width))
        for each in (sheet.lines, sheet.allowances, sheet.charges, sheet.vat, sheet.third_party_payments):
            yield from self._table(each)
        yield from self._totals()
        yield from self._payment(sheet.payment)
        yield from self._section(words["notes"], [line for note in sheet.notes for line in self._note(note)])
        yield from self._table(sheet.documents)
        yield from self._section(words["unread"], pairs(_pairs(sheet.unread), self.width))

    def _section(self, title: str, lines: Sequence[str]) -> Iterator[Line]:
        """A heading and lines; nothing where there are none."""
        if lines:
            yield from self._heading(title)
            yield from map(Line, lines)

    def _heading(self, *titles: str) -> Iterator[Line]:
        """One heading, or several beside each other."""
        yield Line("")
        yield from (Line(line, "bold") for line in beside([[title] for title in titles], self.width))
        yield from (Line(line, "dim") for line in beside([["─" * len(title)] for title in titles], self.width))

    def _title(self) -> Iterator[Line]:
        left, total = self.sheet.title, self.sheet.headline.value if self.sheet.headline else ""
        yield Line(f"{left}{total:>{max(self.width - len(left), len(total) + 2)}}".rstrip(), "bold")
        yield Line("═" * self.width, "dim")
        yield from map(Line, pairs(_pairs(self.sheet.facts), self.width))

    def _parties(self, blocks: Sequence[Block]) -> Iterator[Line]:
        """Everyone concerned, two next to each other."""
        for start in range(0, len(blocks), 2):
            both = blocks[start : start + 2]
            yield from self._heading(*(block.title for block in both))
            yield from map(Line, beside([self._block(block, self.width // 2 - 2) for block in both], self.width))

    def _block(self, block: Block, width: int) -> list[str]:
        return [*(line for part in block.lines for line in wrapped(part, width)), *pairs(_pairs(block.facts), width)]

    def _table(self, given: Table | None) -> Iterator[Line]:
        """A table with what belongs to each row below it, indented below the column that takes the room that is left."""
        if given is None:
            return
        columns = [Column(column.heading, number=column.number) for column in given.columns]
        head, *rows = table(columns, [_cells(row, given.flexible) for row in given.rows], self.width, flexible=given.flexible)
        start = head[0].index(columns[given.flexible].heading)
        made = [*head]
        for row, lines in zip(given.rows, rows, strict=True):
            room = start + INDENT * (row.depth + 1)
            made += [*lines, *indented(_below(row, self.width - room), room)]
        yield from self._section(given.title, made)

    def _totals(self) -> Iterator[Line]:
        """Every total with its term, amounts at the right; what is to be paid last, below a line."""
        if self.sheet.totals:
            yield from self._heading(self.sheet.words["totals"])
        column = max((len(fact.value) for fact in self.sheet.totals), default=0) + INDENT
        for fact in self.sheet.totals:
            last = fact is self.sheet.headline
            if last:
                yield Line(f"{'─' * len(fact.value):>{self.width}}", "dim")
            yield Line(f"{fact.label:>{self.width - column}}{fact.value:>{column}}", "bold" if last else "")

    def _payment(self, payment: Payment | None) -> Iterator[Line]:
        if payment:
            facts = [*payment.facts, *(fact for account in payment.accounts for fact in account.facts)]
            yield from self._section(payment.title, pairs(_pairs(facts), self.width))

    def _note(self, note: Fact) -> list[str]:
        return pairs([(note.label, note.value)], self.width) if note.label else wrapped(note.value, self.width)


def _cells(row: Row, flexible: int) -> list[str]:
    """The cells of a row; what lies within another row is moved to the right."""
    return ["\u00a0" * INDENT * row.depth * (at == flexible) + cell for at, cell in enumerate(row.cells)]


def _below(row: Row, width: int) -> list[str]:
    return [*(line for text in row.texts for line in wrapped(text, width)), *pairs(_pairs(row.facts), width)]


def _pairs(facts: Sequence[Fact]) -> list[Pair]:
    return [(fact.label, fact.value) for fact in facts]
