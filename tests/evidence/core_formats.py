"""Reading, writing and the model, on every published invoice that is officially valid and on invoices out of thin air."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from einvoice.errors import UnsafeXML
from einvoice.formats.mapping import PAGES, page
from einvoice.formats.syntax import Syntax
from einvoice.model.index import paths
from einvoice_schemas.codelists import code_list, names
from einvoice_schemas.terms import LANGUAGES, terms
from tests.agreement.journeys import KNOWN, NO_DATE, NO_LINES, Journey, journey
from tests.agreement.test_roundtrip import valid_invoices
from tests.evidence import Figure, corpora, figure, scaled
from tests.formats.test_mapping import DOCS
from tests.formats.test_reader import SPELLINGS, same_invoice
from tests.formats.test_roundtrip import differences


@cache
def journeys() -> tuple[list[Journey], list[str]]:
    """Every valid invoice's way, and the files that are refused as unsafe."""
    cases = valid_invoices(corpora())
    ways, refused = [], []
    for case in cases[:: max(1, len(cases) // scaled(len(cases)))]:
        try:
            ways.append(journey(case))
        except UnsafeXML:
            refused.append(case.path.name)
    return ways, refused


def kept(side: str) -> Figure:
    """The share of values kept, of those that are not listed as unread or lost."""
    ways, refused = journeys()
    lost: Counter[str] = sum((getattr(way, side) for way in ways), Counter())
    total = sum(way.leaves for way in ways)
    named = f"; lost: {dict(lost)}" if lost else ""
    refusal = f"; refused for its DTD: {', '.join(refused)}" if refused else ""
    known = {"VAT": 1}  # the scheme beside one empty registration number
    return Figure(
        f"{total - lost.total()} of {total} values in {len(ways)} files{named}{refusal}", bool(ways) and not lost - Counter(known)
    )


@figure("values-kept", bar="every value kept or listed as unread, file → invoice → file, but the scheme of one empty registration", item=4)
def values_kept() -> Figure:
    return kept("same")


@figure("values-kept-across", bar="the same through the other syntax and back, less what conversion lists", item=6)
def values_kept_across() -> Figure:
    return kept("cross")


@figure("values-listed", bar="values without a place in the other syntax are listed, none of them a business term", item=6)
def values_listed() -> Figure:
    ways, _ = journeys()
    return Figure(f"{sum(way.listed for way in ways)} listed (the second name of a contact)", bool(ways))


@figure("written-structure", bar="structure-valid, but where UBL wants a line or a date that the invoice has not", item=4)
def written_structure() -> Figure:
    ways, _ = journeys()
    invalid = Counter(reason for way in ways for reason in way.invalid)
    shown = "; ".join(f"{count} × {reason}" for reason, count in invalid.most_common())
    return Figure(
        f"{3 * len(ways) - invalid.total()} of {3 * len(ways)} documents; {shown}", bool(ways) and set(invalid) <= {NO_DATE, NO_LINES}
    )


@figure("unread-explained", bar="official rules remark on every unread value, or its reason is on the list", item=4)
def unread_explained() -> Figure:
    ways, _ = journeys()
    rest: Counter[str] = sum((way.unexplained for way in ways), Counter())
    shown = "; ".join(f"{count} × {reason}" for reason, count in rest.most_common())
    return Figure(f"{sum(way.unread for way in ways)} unread, of which without remark: {shown}", bool(ways) and set(rest) <= set(KNOWN))


@figure("property-roundtrip", bar="any invoice written and read back is equal, in both syntaxes", item=4)
def property_roundtrip() -> Figure:
    examples = scaled(5_000)
    different: Counter[Any] = sum((differences(examples, syntax) for syntax in Syntax), Counter())
    return Figure(f"{2 * examples} invoices, different: {dict(different.most_common(3)) if different else 'none'}", not different)


@figure("spellings", bar="every encoding and spelling reads the same", item=4)
def spellings() -> Figure:
    wrong = [name for name, data in SPELLINGS.items() if not same_invoice(data)]
    return Figure(f"{len(SPELLINGS) - len(wrong)} of {len(SPELLINGS)} ({', '.join(SPELLINGS)})", not wrong)


@figure("mapping-pages", bar="the mapping pages are the binding tables", item=4)
def mapping_pages() -> Figure:
    stale = [file for file in PAGES if (DOCS / file).read_text("utf-8") != page(*PAGES[file])]
    return Figure(f"{len(PAGES) - len(stale)} of {len(PAGES)} current", not stale)


@figure("terms", bar="every BT/BG id that the official rules name is in the model, none twice", item=3)
def every_term() -> Figure:
    text = (corpora() / "rules.json").read_text("utf-8")
    named = set(re.findall(r"\bB[TG]-(?:DEX-)?\d+(?:-\d+)?\b", text)) | set(terms())
    missing = sorted(named - set(paths()))
    return Figure(f"{len(paths())} ids in the model, each once; missing: {', '.join(missing) or 'none'}", not missing)


@figure("term-names", bar="every term named in en, nl, de and fr", item=2)
def term_names() -> Figure:
    bare = [term.id for term in terms().values() for language in LANGUAGES if not term.name(language)]
    return Figure(f"{len(terms())} terms in {', '.join(LANGUAGES)}; without a name: {len(bare)}", not bare)


@figure("code-lists", bar="every code list has a version, a source, a validity and names", item=2)
def code_lists() -> Figure:
    lists = [code_list(name) for name in names()]
    poor = [
        each.name
        for each in lists
        if not (each.version and each.source and each.valid_from and all(code.name for code in each.codes.values()))
    ]
    codes = sum(len(each.codes) for each in lists)
    return Figure(f"{len(lists)} lists, {codes} codes; incomplete: {', '.join(poor) or 'none'}", not poor)
