"""The engine: first match, rows, conditions, what cannot be computed, and where findings point."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from einvoice.formats.syntax import Document, Syntax
from einvoice.report import Layer, Severity, Verdict
from einvoice_validators.engine import NOT_COMPUTED, Program
from einvoice_validators.facts import Fact, count, derived, distinct, facts, number, numbers, text, texts, there
from einvoice_validators.ruleset import FATAL, WARNING, Context, Leaf, Pattern, Rule, RuleSet, Test, rule
from einvoice_validators.where import term_at

DATA = Path(__file__).parents[1] / "data"
INVOICE = (DATA / "ubl-invoice.xml").read_bytes()


def run(*rules: Rule, data: bytes = INVOICE) -> Layer:
    return Program([RuleSet("test", "1", rules)], Syntax.UBL).run(etree.fromstring(data))[0]


def broken(*rules: Rule, data: bytes = INVOICE) -> list[str]:
    return [finding.rule for finding in run(*rules, data=data).findings]


def always(identity: str, *contexts: Context | Leaf, severity: Severity = FATAL) -> Rule:
    """A rule that every element breaks."""
    return Rule(identity, contexts, lambda *_: False, "never holds", severity)


def seeing(seen: list[Any], what: Callable[[Fact], Any]) -> Test:
    """A rule that always holds, and keeps what it saw."""

    def holds(fact: Fact) -> object:
        seen.append(what(fact))
        return True

    return holds


def test_a_fact_has_what_its_context_reads() -> None:
    seen: list[Fact] = []
    pattern = Pattern("p", Syntax.UBL)
    line = pattern.context(
        "cac:InvoiceLine",
        number=text("cbc:ID"),
        price=number("cac:Price/cbc:PriceAmount"),
        unit=text("cbc:InvoicedQuantity/@unitCode"),
        absent=text("cbc:UUID"),
        all=texts("cac:Item/*/cbc:ID"),
        amounts=numbers(".//cbc:*Amount"),
        described=there("cac:Item/cbc:Name"),
        names=count("cac:Item/cbc:Name"),
    )
    run(Rule("A", (line,), seeing(seen, lambda fact: fact), ""))
    first = seen[0]
    assert first.number == etree.fromstring(INVOICE).findtext(".//{*}InvoiceLine/{*}ID")
    assert isinstance(first.price, Decimal)
    assert first.unit
    assert not first.absent
    assert first.described is True
    assert first.names == 1
    assert len(first.amounts) >= 2
    assert first.parent.name == "ubl:Invoice" if first.__dict__.get("parent") else True


def test_the_first_context_of_a_pattern_that_fits_is_the_only_one() -> None:
    pattern, other = Pattern("p", Syntax.UBL), Pattern("q", Syntax.UBL)
    first = pattern.context("cac:InvoiceLine/cac:Price")
    second = pattern.context("cac:Price")
    elsewhere = other.context("cac:Price")
    assert set(broken(always("A", first), always("B", second), always("C", elsewhere))) == {"A", "C"}


def test_a_condition_leaves_the_element_to_the_next_context() -> None:
    pattern = Pattern("p", Syntax.UBL)
    some = pattern.context("cac:InvoiceLine", where=lambda line: line.number == "1", number=text("cbc:ID"))
    rest = pattern.context("cac:InvoiceLine")
    lines = etree.fromstring(INVOICE).findall("{*}InvoiceLine")
    found = broken(always("A", some), always("B", rest))
    assert (found.count("A"), found.count("B")) == (1, len(lines) - 1)


def test_a_condition_of_the_document_is_asked_once() -> None:
    asked: list[Any] = []
    pattern = Pattern("p", Syntax.UBL)
    line = pattern.context("cac:InvoiceLine", when=lambda document: asked.append(document.name))
    root = pattern.context("/*")
    assert broken(always("A", line), always("B", root)) == ["B"]
    assert asked == ["ubl:Invoice"]


def test_a_context_without_active_rules_still_hides_the_next() -> None:
    pattern = Pattern("p", Syntax.UBL)
    first, second = pattern.context("cac:InvoiceLine"), pattern.context("cac:InvoiceLine | cac:Price")
    rules = RuleSet("test", "1", (always("A", first), always("B", second))).without("A")
    found = Program([rules], Syntax.UBL).run(etree.fromstring(INVOICE))[0].findings
    assert {finding.xpath.rpartition("/")[2] for finding in found if finding.xpath} == {"cac:Price"}


def test_rows_find_what_is_there_and_what_is_there_too_often() -> None:
    pattern = Pattern("p", Syntax.UBL)
    root, line = pattern.context("/*"), pattern.context("cac:InvoiceLine")
    row = Rule("A", (root,), None, "not used", WARNING, absent=("cac:InvoiceLine/cac:Price",))
    none = Rule("B", (root,), None, "not used", absent=("cbc:UUID",))
    often = Rule("C", (root,), None, "once", absent=("cac:InvoiceLine",), most=1)
    fine = Rule("D", (line,), None, "once", absent=("cac:Item",), most=1)
    assert sorted(broken(row, none, often, fine)) == ["A", "C"]


def test_leaves_see_text_and_attributes() -> None:
    seen = []
    pattern = Pattern("p", Syntax.UBL)
    amount = pattern.leaf("cbc:*Amount[@currencyID]", where=lambda text, currency: currency == "EUR")
    broken(Rule("A", (amount,), lambda text, currency: seen.append((text, currency)), ""))
    assert seen
    assert {currency for _, currency in seen} == {"EUR"}


@pytest.mark.parametrize("cut", ["<!--x-->", "<?x?>"])
def test_both_walks_tell_pieces_of_text(cut: str) -> None:
    from einvoice_validators.xpath import normal, text_node

    data = INVOICE.replace(b"<cbc:InvoiceTypeCode>380<", f"<cbc:InvoiceTypeCode>3{cut}80<".encode())
    pattern = Pattern("p", Syntax.UBL)
    code = pattern.leaf("cbc:InvoiceTypeCode")
    whole = Rule("WHOLE", (code,), lambda text: normal(text) == "380", "")
    pieces = Rule("PIECES", (code,), lambda text: normal(text_node(text)) == "380", "")
    assert broken(whole, data=data) == []
    assert broken(pieces, data=data) == [NOT_COMPUTED]
    assert broken(pieces) == []


def test_what_cannot_be_computed_is_never_valid() -> None:
    pattern = Pattern("p", Syntax.UBL)
    root = pattern.context("/*")
    layer = run(Rule("A", (root,), lambda fact: 1 / 0, "", WARNING))
    assert layer.verdict is Verdict.INVALID
    assert "A" in layer.findings[0].text
    unsure = Pattern("q", Syntax.UBL).context("/*", where=lambda fact: 1 / 0)
    assert run(always("B", unsure, severity=WARNING)).verdict is Verdict.INVALID


def test_findings_point_at_what_the_rule_reads() -> None:
    pattern = Pattern("p", Syntax.UBL)
    line = pattern.context("cac:InvoiceLine", unit=text("cbc:InvoicedQuantity/@unitCode"), price=number("cac:Price/cbc:PriceAmount"))

    @rule("A", line, at="price")
    def price(_: Fact) -> object:
        """The price is never right."""
        return False

    @rule("B", line, at="unit")
    def unit(_: Fact) -> object:
        """The unit is never right."""
        return False

    first = {finding.rule: finding for finding in reversed(run(price, unit).findings)}
    tree = etree.fromstring(INVOICE)
    amount = tree.find(".//{*}InvoiceLine/{*}Price/{*}PriceAmount")
    assert amount is not None
    assert (first["A"].value, first["A"].term, first["A"].line) == (amount.text, "BT-146", amount.sourceline)
    assert first["A"].text == "The price is never right."
    assert first["B"].xpath is not None
    assert first["B"].xpath.endswith("cbc:InvoicedQuantity/@unitCode")


def test_a_rule_of_two_layers_is_tested_once_and_weighs_as_each_says() -> None:
    asked: list[Any] = []
    pattern = Pattern("p", Syntax.UBL)
    root = pattern.context("/*")
    shared = Rule("A", (root,), asked.append, "")
    sets = [RuleSet("one", "1", (shared,)), RuleSet("two", "1", (shared,)).weighing({"A": WARNING})]
    one, two = Program(sets, Syntax.UBL).run(etree.fromstring(INVOICE))
    assert len(asked) == 1
    assert (one.verdict, two.verdict) == (Verdict.INVALID, Verdict.VALID)


def test_rule_sets_are_values() -> None:
    root = Pattern("p", Syntax.UBL).context("/*")
    one, two = RuleSet("one", "1", (always("A", root),)), RuleSet("two", "2", (always("B", root),))
    both = one | two
    assert both.name == "two"
    assert both.ids == {"A", "B"}
    assert both.without("A").ids == {"B"}
    assert one.ids == {"A"}
    with pytest.raises(KeyError):
        one.without("X")
    with pytest.raises(KeyError):
        one.weighing({"X": WARNING})


def test_two_contexts_may_not_read_different_things_under_one_name() -> None:
    pattern, other = Pattern("p", Syntax.UBL), Pattern("q", Syntax.UBL)
    one = pattern.context("cac:InvoiceLine", thing=text("cbc:ID"))
    two = other.context("cac:InvoiceLine", thing=text("cbc:Note"))
    with pytest.raises(ValueError, match="thing"):
        run(always("A", one), always("B", two))


def test_facts_and_sets_of_the_whole_document() -> None:
    pattern = Pattern("p", Syntax.UBL)
    root = pattern.context("/*", currencies=distinct(".//cbc:*Amount/@currencyID"), lines=facts("cac:InvoiceLine"))
    seen: list[tuple[set[str], int]] = []
    run(Rule("A", (root,), seeing(seen, lambda fact: (fact.currencies, len(fact.lines))), ""))
    assert seen == [({"EUR"}, len(etree.fromstring(INVOICE).findall("{*}InvoiceLine")))]


def test_what_is_derived_is_worked_out_once() -> None:
    asked: list[Any] = []

    @derived
    def answer(fact: Fact) -> int:
        asked.append(fact)
        return 42

    fact = Fact()
    assert (answer(fact), answer(fact), len(asked)) == (42, 42, 1)


def test_terms_are_found_for_a_place_or_the_group_around_it() -> None:
    assert term_at(Document.UBL_INVOICE, "/Invoice/cac:InvoiceLine[3]/cac:Price/cbc:PriceAmount") == "BT-146"
    assert term_at(Document.UBL_INVOICE, "/Invoice/cac:InvoiceLine[3]/cbc:UUID") == "BG-25"
    assert term_at(Document.UBL_INVOICE, "/Invoice/cbc:UUID") is None


def test_threads_may_share_a_program() -> None:
    """Places are made when a document first leads there: by several threads at once they still tell facts apart."""
    from concurrent.futures import ThreadPoolExecutor

    from einvoice_validators.layers import ruleset

    documents = [path.read_bytes() for path in sorted(DATA.glob("ubl-*.xml"))] * 8
    for _ in range(5):
        made = Program([ruleset("en16931", Syntax.UBL), ruleset("peppol", Syntax.UBL)], Syntax.UBL)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda data, made=made: made.run(etree.fromstring(data)), documents))
        assert found == [made.run(etree.fromstring(data)) for data in documents]


def test_verdicts_do_not_depend_on_what_there_is_room_to_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    from einvoice_validators import places, walk_text
    from einvoice_validators.layers import ruleset

    sets = [ruleset("en16931", Syntax.UBL), ruleset("peppol", Syntax.UBL)]
    changed = INVOICE.replace(b'unitCode="', b'unitCode="Q').replace(b"<cbc:InvoiceTypeCode>380", b"<cbc:InvoiceTypeCode><!-- -->999")
    documents = [*(path.read_bytes() for path in sorted(DATA.glob("ubl-*.xml"))), changed]
    roomy = Program(sets, Syntax.UBL)
    expected = [roomy.run(etree.fromstring(data)) for data in documents]
    assert any(layer.findings for layers in expected for layer in layers)
    for name, most in (("MOST_PLACES", 10), ("MOST_TEXTS", 3), ("MOST_KEPT", 5)):
        monkeypatch.setattr(places, name, most)
    monkeypatch.setattr(walk_text, "MOST_STEPS", 20)
    narrow = Program(sets, Syntax.UBL)
    for _ in range(3):
        assert [narrow.run(etree.fromstring(data)) for data in documents] == expected
    assert narrow.plan.kept <= 5
    assert narrow.plan.count <= 11
