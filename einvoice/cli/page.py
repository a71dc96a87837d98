"""An invoice as a page of text that a person reads: who, when, what for, how much, how to pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einvoice.cli.labels import Labels, money, number, text
from einvoice.cli.layout import Column, Line, beside, clean, indented, pairs, table, wrapped
from einvoice.cli.page_lines import allowances, line_table
from einvoice.model import Address, Buyer, Invoice, Payee, Period, Seller, SupportingDocument, TaxRepresentative

WIDTH = 100
LONG = 60  # characters of an unread value that are shown

Party = Seller | Buyer | Payee | TaxRepresentative


def page(invoice: Invoice, language: str = "en", width: int = WIDTH) -> list[Line]:
    """The page, line by line; every value of the invoice is on it, an attachment by its size."""
    return [*Page(invoice, Labels(language), width).lines()]


class Page:
    """One invoice on its way to paper."""

    def __init__(self, invoice: Invoice, labels: Labels, width: int) -> None:
        self.invoice = invoice
        self.labels = labels
        self.width = width
        self.currency = clean(invoice.currency_code or "")

    def lines(self) -> Iterator[Line]:
        """Every section that has something to say."""
        yield from self._title()
        yield from self._parties()
        yield from self._section("BG-3", pairs(self._preceding(), self.width))
        yield from self._delivery()
        yield from self._section(self.labels.word("lines"), line_table(self.invoice.lines, self.labels, self.width))
        yield from self._section("BG-20", allowances(self.invoice.allowances, "−", self.labels, self.width))
        yield from self._section("BG-21", allowances(self.invoice.charges, "+", self.labels, self.width))
        yield from self._section("BG-23", self._breakdown())
        yield from self._totals()
        yield from self._payment()
        yield from self._section("BG-1", [line for note in self.invoice.notes for line in self._note(note.subject_code, note.text)])
        yield from self._section("BG-24", [line for document in self.invoice.supporting_documents for line in self._document(document)])
        yield from self._unread()

    def _section(self, title: str, lines: Sequence[str]) -> Iterator[Line]:
        """A heading, by a term's id or a text, and lines; nothing where there are none."""
        if lines:
            yield from self._heading(self.labels.term(title) if title.startswith("BG-") else title)
            yield from map(Line, lines)

    def _heading(self, *titles: str) -> Iterator[Line]:
        """One heading, or several beside each other."""
        yield Line("")
        yield from (Line(line, "bold") for line in beside([[title] for title in titles], self.width))
        yield from (Line(line, "dim") for line in beside([["─" * len(title)] for title in titles], self.width))

    def _title(self) -> Iterator[Line]:
        invoice = self.invoice
        kind = self.labels.word("credit note" if invoice.is_credit_note else "invoice")
        total = f"{money(invoice.totals.amount_due)} {self.currency}" if invoice.totals and invoice.totals.amount_due is not None else ""
        left = f"{kind} {clean(invoice.number or '?')}"
        yield Line(f"{left}{total:>{max(self.width - len(left), len(total) + 2)}}", "bold")
        yield Line("═" * self.width, "dim")
        facts = self.labels.facts(invoice, "number", "payment_terms")
        yield from map(Line, pairs([*facts, *self.labels.facts(invoice.process)], self.width))

    def _parties(self) -> Iterator[Line]:
        """Everyone concerned, two next to each other."""
        invoice = self.invoice
        known = [("BG-4", invoice.seller), ("BG-7", invoice.buyer), ("BG-10", invoice.payee), ("BG-11", invoice.tax_representative)]
        blocks = [(self.labels.term(title), self._party(party)) for title, party in known if party]
        for start in range(0, len(blocks), 2):
            both = blocks[start : start + 2]
            yield from self._heading(*(title for title, _ in both))
            yield from map(Line, beside([block for _, block in both], self.width))

    def _party(self, party: Party) -> list[str]:
        column = self.width // 2 - 2
        trading = getattr(party, "trading_name", None)
        names = [name for name in (party.name, trading if trading != party.name else None) if name]
        facts = self.labels.facts(party, "name", "trading_name", short=True)
        contact = getattr(party, "contact", None)
        reached = [contact.point, contact.department, contact.telephone, contact.email] if contact else []
        post = address(getattr(party, "address", None))
        lines = [line for part in (*names, *post) for line in wrapped(part, column)]
        return [*lines, *pairs(facts, column), *(line for part in reached if part for line in wrapped(part, column))]

    def _preceding(self) -> list[tuple[str, str]]:
        return [(clean(row.reference or "?"), text(row.issue_date or "")) for row in self.invoice.preceding_invoices]

    def _delivery(self) -> Iterator[Line]:
        delivery = self.invoice.delivery
        if not delivery:
            return
        rows = self.labels.facts(delivery)
        if delivery.period:
            rows.append((self.labels.term("BG-14"), period(delivery.period)))
        if delivery.address:
            rows.append((self.labels.term("BG-15"), ", ".join(address(delivery.address))))
        yield from self._section("BG-13", pairs(rows, self.width))

    def _breakdown(self) -> list[str]:
        word = self.labels.word
        numbers = (Column(name, number=True) for name in ("%", word("taxable"), word("vat")))
        columns = [Column(word("vat")), *numbers, Column("")]
        rows = [
            [
                row.category_code or "",
                number(row.rate),
                money(row.taxable_amount),
                money(row.tax_amount),
                " ".join(part for part in (row.exemption_reason, row.exemption_reason_code and f"({row.exemption_reason_code})") if part),
            ]
            for row in self.invoice.vat_breakdown
        ]
        return [line for row in table(columns, rows, self.width, flexible=4) for line in row] if rows else []

    def _totals(self) -> Iterator[Line]:
        """Every total with its term, amounts at the right; what is to be paid last."""
        rows = self._sums()
        if rows:
            yield from self._heading(self.labels.term("BG-22"))
        for label, amount in rows:
            foreign = label == self.labels.term("BT-111")
            tail = f"{amount:>16} {clean(self.invoice.vat_accounting_currency_code or '?') if foreign else self.currency}"
            last = label == self.labels.term("BT-115")
            if last:
                yield Line(f"{'─' * len(tail.strip()):>{self.width}}", "dim")
            yield Line(f"{label:>{self.width - len(tail)}}{tail}", "bold" if last else "")

    def _sums(self) -> list[tuple[str, str]]:
        totals = self.invoice.totals
        made = [(self.labels.term(f"BT-{number}"), getattr(totals, name)) for name, number in _TOTALS] if totals else []
        third = [(clean(paid.description or paid.type or ""), paid.amount) for paid in self.invoice.third_party_payments]
        made[-1:] = [*third, *made[-1:]]
        return [(label, money(value)) for label, value in made if value is not None]

    def _payment(self) -> Iterator[Line]:
        payment, rows = self.invoice.payment, []
        if payment:
            rows = self.labels.facts(payment)
            for group in (*payment.credit_transfers, payment.card, payment.direct_debit):
                rows += self.labels.facts(group)
            if payment.card and payment.card.network:
                rows.append(("", payment.card.network))
        if self.invoice.payment_terms:
            rows.append((self.labels.term("BT-20"), self.invoice.payment_terms))
        yield from self._section("BG-16", pairs(rows, self.width))

    def _note(self, code: str | None, note: str | None) -> list[str]:
        return wrapped(" ".join(part for part in (code and f"[{code}]", note) if part), self.width)

    def _document(self, document: SupportingDocument) -> list[str]:
        attached = document.attachment
        size = f"{len(attached.data):,} {self.labels.word('bytes')}".replace(",", " ") if attached else ""
        file = f"{attached.filename or ''} ({', '.join(part for part in (attached.mime_code, size) if part)})" if attached else ""
        head = " · ".join(part for part in (document.reference, document.description) if part)
        rest = [part for part in (document.location, file) if part]
        return [*wrapped(head, self.width), *(line for part in rest for line in indented(wrapped(part, self.width - 2), 2))]

    def _unread(self) -> Iterator[Line]:
        """What the document holds and the page does not."""
        rows = []
        for item in self.invoice.unread:
            value = item.value if len(item.value) <= LONG else f"{item.value[:LONG]}…"
            rows += wrapped(f"{item.path} = {value!r}", self.width) + indented(wrapped(item.reason, self.width - 4), 4)
        yield from self._section(self.labels.word("unread"), rows)


_TOTALS = (
    *(("sum_of_line_net_amounts", 106), ("sum_of_allowances", 107), ("sum_of_charges", 108), ("total_without_vat", 109), ("vat", 110)),
    *(("vat_in_accounting_currency", 111), ("total_with_vat", 112), ("paid_amount", 113), ("rounding_amount", 114), ("amount_due", 115)),
)


def address(post: Address | None) -> list[str]:
    """An address as it stands on a letter."""
    if post is None:
        return []
    place = " ".join(part for part in (post.post_code, post.city) if part)
    return [clean(part) for part in (post.line_1, post.line_2, post.line_3, place, post.subdivision, post.country_code) if part]


def period(span: Period) -> str:
    """From the first day to the last."""
    return f"{text(span.start_date or '')} – {text(span.end_date or '')}".strip()
