"""Drafts in JSON and CSV: numbers stay exact, and every fault is told with its line, field, term and mend."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from einvoice.drafts import missing, read_draft, read_drafts
from einvoice.drafts.in_json import origins
from einvoice.errors import Unreadable
from einvoice.model import Identifier, Invoice, Line
from einvoice.report import Finding
from einvoice.samples import sample

HEAD = "number,currency_code,notes.text,line.item.name,line.quantity,line.price.net\n"


def faults(text: str) -> tuple[Finding, ...]:
    with pytest.raises(Unreadable) as caught:
        read_draft(text.encode())
    return caught.value.findings


def place(finding: Finding) -> tuple[str, str | None, str | None, int | None]:
    return finding.rule, finding.xpath, finding.term, finding.line


def test_the_shape_of_the_model_reads_back() -> None:
    assert read_draft(sample().model_dump_json(exclude_defaults=True).encode()) == [sample()]


@pytest.mark.parametrize("stated", ["3.50", '"3.50"', "0.1000000000000000055511151231257827", "350"])
def test_numbers_keep_every_digit(stated: str) -> None:
    (invoice,) = read_draft(f'{{"lines": [{{"price": {{"net": {stated}}}}}]}}'.encode())
    assert invoice.lines[0].price
    assert str(invoice.lines[0].price.net) == stated.strip('"')


@pytest.mark.parametrize(("stated", "read"), [("1e3", "1000"), ("1.50E+1", "15.0"), ("2.5e-3", "0.0025")])
def test_exponents_are_spelled_out(stated: str, read: str) -> None:
    (invoice,) = read_draft(f'{{"lines": [{{"quantity": {stated}}}]}}'.encode())
    assert str(invoice.lines[0].quantity) == read


def test_several_invoices_stand_in_a_list(tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    path.write_bytes(b'\xef\xbb\xbf[{"number": "1"}, {"number": "2"}]')
    assert [invoice.number for invoice in read_draft(path)] == ["1", "2"]
    assert [invoice.number for invoice in read_draft(BytesIO(path.read_bytes()))] == ["1", "2"]


def test_every_fault_of_a_draft_is_told_with_its_place() -> None:
    text = '{\n"issue_date": "30.11.2026",\n"lines": [\n{"quantity": "1"},\n{"quantiy": 1,\n"price": {"net": "3,50"}}]\n}'
    assert sorted(map(place, faults(text)), key=str) == [
        ("draft-field", "lines[1].quantiy", None, 5),
        ("draft-value", "issue_date", "BT-2", 2),
        ("draft-value", "lines[1].price.net", "BT-146", 6),
    ]
    assert any("did you mean quantity?" in fault.text for fault in faults(text))


def test_a_fault_in_the_second_of_a_list_has_its_line() -> None:
    assert [fault.line for fault in faults('[{"number": "1"},\n\n{"number": []}]')] == [3]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"number": 1,,}', 1),
        ('{\n"number": "1"\n"lines": []}', 3),
        ('{"a": NaN}', None),
        ('{"number": "1", "number": "2"}', None),
        ("[" * 100_000, None),
        ('{"lines": ' * 20_000, None),
        ('{"number": ' + "9" * 5000 + "}", None),
        ('{"number": 1e99999999999999999999}', None),
        ("", None),
        ("\xff", None),
        ('"text', None),
    ],
)
def test_what_is_no_json_is_unreadable(text: str, line: int | None) -> None:
    with pytest.raises(Unreadable) as caught:
        read_draft(text.encode("latin-1"))
    location = caught.value.location
    assert line is None or (location and location.line == line)


@pytest.mark.parametrize("text", ["[1]", "[[]]", '{"lines": {"quantity": 1}}', '{"seller": "A"}', '{"number": 1.5}', '{"issue_date": {}}'])
def test_other_shapes_are_faults_with_a_place(text: str) -> None:
    assert all(fault.line == 1 for fault in faults(text))


def test_a_large_draft_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable):
        read_drafts(b'{"number": "1"}', max_size=5)


def test_rows_of_csv_are_lines_and_other_numbers_other_invoices() -> None:
    one, two = read_draft((HEAD + "A,EUR,hello,Bread,3,3.50\n,,,Cake,1,12.00\nB,EUR,,Bread,1,3.50\n").encode())
    assert (one.number, two.number) == ("A", "B")
    assert [line.quantity for line in one.lines] == [Decimal(3), Decimal(1)]
    assert one.notes[0].text == "hello"
    assert str(one.lines[1].price.net if one.lines[1].price else "") == "12.00"
    assert one == read_draft((HEAD + "A,EUR,hello,Bread,3,3.50\nA,EUR,hello,Cake,1,12.00\n").encode())[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_recognised(delimiter: str) -> None:
    text = delimiter.join(["number", "buyer.electronic_address", "line.quantity"]) + "\r\n" + delimiter.join(["1", "0208:123", "2"])
    (invoice,) = read_draft(text.encode())
    assert invoice.lines[0].quantity == 2
    assert invoice.buyer
    assert invoice.buyer.electronic_address == Identifier(value="123", scheme="0208")


def test_positions_in_columns_may_leave_gaps() -> None:
    text = "number,notes[2].text,notes[0].text,line.allowances[1].amount,line.allowances[1].reason\n1,c,a,5,why\n"
    (invoice,) = read_draft(text.encode())
    assert [note.text for note in invoice.notes] == ["a", "c"]
    assert [(row.amount, row.reason) for row in invoice.lines[0].allowances] == [(Decimal(5), "why")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("number,line.quantty\n1,2\n", ("draft-field", "lines.quantty", None, 1)),
        ("number,number\n1,2\n", ("draft-field", "number", "BT-1", 1)),
        ("seller.electronic_address,seller.electronic_address.scheme\n1,2\n", ("draft-field", "seller.electronic_address", "BT-34", 1)),
        ("number,currency_code,line.quantity\nA,EUR,1\nA,USD,1\n", ("draft-value", "currency_code", "BT-5", 3)),
        ("number,line.quantity\nA,1\n\nA,two\n", ("draft-value", "lines[1].quantity", "BT-129", 4)),
        ("number,line.quantity\nA,1,5\n", ("draft-value", "the draft", None, 2)),
        ("number,line.quantity,notes.text\nA,1,€\x01\n", ("draft-value", "notes[0].text", "BT-22", 2)),
    ],
)
def test_faults_of_csv_have_their_row_and_column(text: str, expected: tuple[object, ...]) -> None:
    assert place(faults(text)[0]) == expected


def test_quotation_marks_that_stay_open_are_a_fault() -> None:
    with pytest.raises(Unreadable):
        read_draft(b'number,line.quantity\n"A,1\n')


def test_missing_terms_are_named_by_their_path() -> None:
    lacking = Invoice(number="1", lines=(Line(quantity=Decimal(1)),))
    found = {finding.xpath: finding.term for finding in missing(lacking)}
    assert found["issue_date"] == "BT-2"
    assert found["lines[0].item"] == "BG-31"
    assert missing(sample()) == missing(sample(credit_note=True)) == []


def test_a_draft_knows_the_line_of_a_path() -> None:
    (draft,) = read_drafts(b'{"lines": [\n{"price":\n{"net": 1}}]}')
    assert [draft.line(path) for path in ("lines[0].price.net", "lines[0].vat.rate", "totals")] == [3, 2, 1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_every_value_of_any_json_has_a_line(data: Any) -> None:
    text = json.dumps(data, indent=1)
    lines = text.split("\n")
    for path, origin in origins(text).items():
        value = data
        for step in path:
            value = value[step]
        first = json.dumps(value, indent=1).split("\n")[0]
        assert first in lines[origin.line - 1]


@given(st.text() | JSON.map(json.dumps) | st.text().map(lambda text: HEAD + text))
@example("¹")  # a digit to Python, no number
@example("9" * 5000)
def test_no_text_ends_in_anything_but_a_named_error(text: str) -> None:
    with suppress(Unreadable):
        read_draft(text.encode("utf-8", "surrogatepass"))
