"""What every access point reports each month: transactions (TSR) and end users (EUSR)."""

from einvoice_peppol.reporting.kinds import Kind
from einvoice_peppol.reporting.month import Month, parse
from einvoice_peppol.reporting.report import check, make

__all__ = ["Kind", "Month", "check", "make", "parse"]
