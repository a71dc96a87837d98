"""What the module says where it stops something."""

from trytond import exceptions


class InvoiceNotValidError(exceptions.UserError):
    """An invoice with fatal findings cannot be posted, or not be sent."""


class InvoiceNotValidWarning(exceptions.UserWarning):
    """An invoice with fatal findings is posted all the same, where somebody confirms it."""
