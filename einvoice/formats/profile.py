"""The specification an invoice names (BT-24), and its process (BT-23)."""

from __future__ import annotations

import difflib

from einvoice.errors import SettingsError
from einvoice.model.invoice import Invoice
from einvoice.model.references import ProcessControl
from einvoice_schemas import profiles


def with_profile(invoice: Invoice, name: str | None) -> Invoice:
    """The same invoice, naming the specification and the process of a profile.

    Raises SettingsError where no profile has the name.
    """
    if name is None:
        return invoice
    try:
        profile = profiles.profile(name)
    except KeyError:
        near = difflib.get_close_matches(name, list(profiles.profiles()), 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(profiles.profiles())}"
        raise SettingsError(f"there is no profile {name!r}; {hint}") from None
    own = invoice.process
    process = ProcessControl(
        business_process_type=profile.process or (own.business_process_type if own else None),
        specification_identifier=profile.specification,
    )
    return invoice.model_copy(update={"process": process})
