"""What went wrong, on standard error: `file:line: what is wrong; what mends it`, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from einvoice.errors import DocumentError, EInvoiceError, Unreadable


def tell(fault: Exception, name: str | None = None) -> None:
    """Prints an error; `name` is the file's, where the error does not know it."""
    for line in lines(fault, name):
        warn(line)


def warn(line: str) -> None:
    """Prints a line on standard error, after what was printed before it, without what a terminal would obey instead of show."""
    from einvoice.rendering.values import clean

    sys.stdout.flush()
    print(clean(line), file=sys.stderr)


def lines(fault: Exception, name: str | None = None) -> Iterator[str]:
    """The lines that say it: one a finding where the error has findings."""
    if isinstance(fault, Unreadable) and fault.findings:
        for finding in fault.findings:
            yield f"{place(name or fault.source, finding.line)}: {finding.text}"
    elif isinstance(fault, DocumentError):
        line = fault.location.line if fault.location else None
        yield f"{place(name or fault.source, line, _inside(fault, name))}: {fault.message}" + (f"; {fault.mend}" if fault.mend else "")
    else:
        yield f"{place(name, None)}: {fault if isinstance(fault, EInvoiceError) else _internal(fault)}"


def _inside(fault: DocumentError, name: str | None) -> str | None:
    """The name of the XML where the error is in that and not in the PDF around it."""
    source = fault.source or ""
    return source[len(name) + 1 : -1] if name and source.startswith(f"{name}[") and source.endswith("]") else None


def place(name: str | None, line: int | None, inside: str | None = None) -> str:
    """`file:line`, as editors and compilers write it; `file.pdf[factur-x.xml]:line` within a PDF."""
    known = "standard input" if name == "-" else name or "einvoice"
    within = f"{known}[{inside}]" if inside else known
    return f"{within}:{line}" if line else within


def _internal(fault: Exception) -> str:
    """A fault of ours, with the place to look at."""
    if isinstance(fault, OSError):
        return f"{fault.filename or 'the system'}: {fault.strerror or fault}"
    trace = fault.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace else ""
    return f"a fault of einvoice-toolkit itself{where} ({type(fault).__name__}: {fault}); please report it with the file"
