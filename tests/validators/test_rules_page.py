"""The pages on rules say what there is: their tables are those of the rule sets, and the program runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.samples import sample
from einvoice_validators.layers import HOMES, ruleset
from tests.agreement.completeness import page

DOCS = Path(__file__).parents[2] / "docs"
RULES = (DOCS / "rules.md").read_text("utf-8")
ROWS = {name: cells for name, *cells in re.findall(r"^\| `(\S*)` \| ([^|]*) \| ([^|]*)\| ([^|]*)\|$", RULES, re.MULTILINE)}


def test_every_rule_set_is_named() -> None:
    assert list(ROWS) == list(HOMES)


@pytest.mark.parametrize("name", HOMES)
def test_the_table_has_the_versions_and_numbers_of_each_rule_set(name: str) -> None:
    sets = {syntax: ruleset(name, syntax) for syntax in Syntax}
    versions = dict.fromkeys(made.version for made in sets.values() if made.ids)
    assert ROWS[name][0].replace("CII ", "").split(", ") == list(versions)
    assert [cell.strip() for cell in ROWS[name][1:3]] == [str(len(sets[syntax].ids) or "") for syntax in Syntax]


def test_the_page_of_what_never_fires_is_that_of_the_rules() -> None:
    assert (DOCS / "never.md").read_text("utf-8") == page(), "run `python -m tests.agreement.completeness > docs/never.md`"


def test_the_program_runs_and_its_choice_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"<!-- program -->\n```python\n(.*?)```", RULES, re.DOTALL)
    assert found
    document = write(sample(), Syntax.UBL).replace(b'unitCode="HUR"', b'unitCode="QQQ"')
    document = re.sub(rb"(<cbc:PayableAmount[^>]*>)[^<]*", rb"\g<1>1.23", document)
    (tmp_path / "invoice.xml").write_bytes(document)
    monkeypatch.chdir(tmp_path)
    exec(compile(found[1], "rules.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == "valid [('BR-CO-16', 'warning')]\n"
