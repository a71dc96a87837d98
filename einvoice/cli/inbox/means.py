"""Who is given what comes: the handlers that the settings lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from einvoice.settings import Settings
    from einvoice_peppol.answers.hearing import Follower
    from einvoice_peppol.inbox import After, Handler


def handlers(settings: Settings) -> list[Handler]:
    """Those that take answers to what we sent; and, where [peppol] inbox names a folder, the check of invoices and that folder."""
    import einvoice
    from einvoice_peppol.answers.hearing import AnswerHandler
    from einvoice_peppol.inbox.checking import Checking
    from einvoice_peppol.inbox.folder import FolderHandler
    from einvoice_peppol.sending import PeppolOwner

    found: list[Handler] = [AnswerHandler({"peppol": PeppolOwner()}, _followers(settings))]
    if settings.peppol.inbox is not None:
        found += [Checking(einvoice.validate), FolderHandler(settings.peppol.inbox)]
    return found


def _followers(settings: Settings) -> list[Follower]:
    """The receivables by their policy, where their extra is installed: an objection stops follow-up."""
    try:
        from einvoice.cli.receivables.common import policy_of
        from einvoice_peppol.receivables import follower

        return [follower(policy_of(settings))]
    except ModuleNotFoundError:
        return []


def after(settings: Settings) -> After | None:
    """What tells the sending access point what became of its message (MLS), where we are an access point ourselves."""
    from cryptography.x509.oid import NameOID

    from einvoice.cli.receivables.common import clock
    from einvoice_peppol.answers.statuses import Statuses
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.pki import identity_files

    stated = settings.peppol
    if stated.certificate is None:
        return None
    own = identity_files.stated(stated)
    countries = own.certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    country = stated.country or (str(countries[0].value) if countries else own.seat[1:3])
    return Statuses(own.seat, country, clock, spool(settings), always=stated.mls == "always", confirmed=stated.inbox is None)
