"""Read, write, calculate, convert and check EN 16931 invoices.

Importing this package costs nothing: each public name below is loaded when it is first used.
"""

TYPE_CHECKING = False  # typing's constant, as type checkers know it by name, without the cost of importing typing
if TYPE_CHECKING:
    from einvoice.calculation import Calculated as Calculated
    from einvoice.calculation import calculate as calculate
    from einvoice.conversion import Converted as Converted
    from einvoice.conversion import convert as convert
    from einvoice.errors import EInvoiceError as EInvoiceError
    from einvoice.formats.detect import Detected as Detected
    from einvoice.formats.detect import detect as detect
    from einvoice.formats.reader import read as read
    from einvoice.formats.syntax import Syntax as Syntax
    from einvoice.formats.writer import write as write
    from einvoice.model import Invoice as Invoice
    from einvoice.report import Finding as Finding
    from einvoice.report import Report as Report
    from einvoice.report import Severity as Severity
    from einvoice.report import Verdict as Verdict

_HOMES = {
    "einvoice.calculation": "Calculated calculate",
    "einvoice.conversion": "Converted convert",
    "einvoice.errors": "EInvoiceError",
    "einvoice.formats.detect": "Detected detect",
    "einvoice.formats.reader": "read",
    "einvoice.formats.syntax": "Syntax",
    "einvoice.formats.writer": "write",
    "einvoice.model": "Invoice",
    "einvoice.report": "Finding Report Severity Verdict",
}
_PUBLIC = {name: home for home, names in _HOMES.items() for name in names.split()}


if not TYPE_CHECKING:  # a type checker that sees a module's __getattr__ would take any name for a public one

    def __getattr__(name: str) -> object:
        """Loads a public name from its home, once."""
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - a quarter of what importing this package would cost

        value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
        return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(_PUBLIC)
