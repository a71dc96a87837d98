"""What is owed as XML for other programs: UBL Reminder and Statement, EHF Reminder, an invoice for costs and interest."""

from einvoice.receivables.exports.einvoices import einvoice
from einvoice.receivables.exports.reminder import reminder
from einvoice.receivables.exports.statement import statement

__all__ = ["einvoice", "reminder", "statement"]
