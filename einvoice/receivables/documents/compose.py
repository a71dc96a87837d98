"""What a message says, composed once from facts and words; every form of it (mail, letter, short message, call) says the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from einvoice.receivables.actions import Action
from einvoice.receivables.documents import agreements as agreed
from einvoice.receivables.documents import compose_spoken as aloud
from einvoice.receivables.documents import compose_table as tables
from einvoice.receivables.documents.agreements import Agreement
from einvoice.receivables.documents.compose_pen import Pen, name_debts, pen, signature
from einvoice.receivables.documents.content import Content, Link, Transfer
from einvoice.receivables.documents.parties import Facts, Party
from einvoice.receivables.documents.voices import fitting
from einvoice.rendering.epc import epc

REMINDER = "reminder"
PAYLINK = "paylink"
_FIRMEST = 4


def content(facts: Facts, channel: str, key: str) -> Content:
    """The document of an action by a channel; `key` is that of its effect, which the check code is derived from.

    Raises Missing where a field or a sentence that it needs is not there.
    """
    action = facts.action
    earlier = tuple(agreed.of(facts.agreements, {claimed.invoice for claimed in action.invoices}))
    made = _pen(facts, key, earlier)
    how = _how(action)
    before = tuple(_earlier(facts, made, earlier))
    table = tables.table(facts, made)
    return Content(
        document=action.document,
        language=made.language,
        subject=capital(made.say("subject", _chosen(action))),
        greeting=made.say("frame", "greeting"),
        opening=(made.say("opening", _chosen(action)), *before),
        table=table,
        remarks=tuple(_remarks(facts, made, channel)),
        transfer=transfer(made, tables.owed(facts), ("frame", "payment")),
        links=links(made),
        contact=made.say("frame", "contact"),
        closing=made.say("frame", "closing"),
        signature=signature(facts.creditor),
        short=aloud.short(made, _short(action, made), facts.debts, channel),
        spoken=aloud.spoken(made, how, facts.debts),
        script=aloud.script(made, how, facts.debts, table, before, action.contents),
        code=made.fields["code"],
        check=made.say("frame", "check") if made.fields["code"] else "",
        template=made.template,
    )


def _pen(facts: Facts, key: str, earlier: tuple[Agreement, ...]) -> Pen:
    action = facts.action
    grave = action.notice is not None or action.handover is not None or any(each.kind == "answer" for each in earlier)
    voice = fitting(action.voice, action.document, action.firmness, grave=grave)
    party = Party(
        facts.creditor,
        facts.debtor,
        facts.name,
        action.language,
        action.currency,
        facts.first_name,
        facts.portal,
        facts.pay,
        facts.templates,
    )
    made = pen(party, key, voice)
    name_debts(made, facts.debts)
    made.fields["total"] = made.money(tables.owed(facts))
    made.fields["principal"] = made.money(sum((debt.amount for debt in facts.debts), Decimal(0)))
    made.fields["within"] = made.say("within", "notice" if action.notice else REMINDER if action.document == REMINDER else "document")
    return made


def _how(action: Action) -> str:
    """How firm an action is, as the words name it."""
    return "before" if action.offset < 0 else str(min(max(action.firmness, 0), _FIRMEST))


def _chosen(action: Action) -> str:
    """What the words call the document, or the firmness of a reminder."""
    return action.document if action.document != REMINDER else _how(action)


def _short(action: Action, made: Pen) -> tuple[str, str]:
    """The short message of an action: a statutory notice is too long for one, so it says that the notice comes in writing."""
    wanted = "statutory_notice" if action.notice else _chosen(action)
    return ("short", wanted if made.words.sentence(("short", wanted), made.voice) else _how(action))


def _earlier(facts: Facts, made: Pen, earlier: tuple[Agreement, ...]) -> Iterator[str]:
    """What was agreed before, as far as there are words for it."""
    numbers = {claimed.invoice: claimed.number for claimed in facts.action.invoices}
    for each in earlier:
        fields = {
            "on": made.day(each.on),
            "by": made.day(each.by) if each.by else "",
            "amount": made.money(each.amount) if each.amount is not None else "",
            "paid": made.money(each.paid),
            "number": ", ".join(numbers[invoice] for invoice in each.invoices if invoice in numbers),
        }
        if sentence := made.maybe("agreement", f"{each.kind}_{each.state}", **fields):
            yield sentence


def _remarks(facts: Facts, made: Pen, channel: str) -> Iterator[str]:
    """The statutory notice, what the step adds, what the voice adds."""
    action = facts.action
    if action.notice:
        yield tables.notice(facts, made, action.notice, channel)
    for name in action.contents:
        if name != PAYLINK:
            yield made.say("contents", name, description=lambda: tables.described(facts.debts, made))
    if action.document == REMINDER and action.offset >= 0:
        yield from made.own("remark")


def transfer(made: Pen, amount: Decimal, path: tuple[str, str], *, code: bool = True) -> Transfer:
    """How to pay an amount by transfer, with the code to scan where there can be one. Raises Missing."""
    fields = made.fields
    words = made.say(*path)
    name, iban, bic, reference = (fields[name] for name in ("creditor", "iban", "bic", "reference"))
    qr = epc(name, iban, bic, amount, reference, None, made.currency).text if code else ""
    return Transfer(amount, made.currency, name, iban, bic, reference, words, qr, made.say("frame", "scan") if qr else "")


def links(made: Pen) -> tuple[Link, ...]:
    """Where it is paid and seen, as far as there are such pages."""
    found = (("pay", "pay_link"), ("portal", "portal_link"))
    return tuple(Link(kind, made.say("links", kind), made.fields[field]) for kind, field in found if made.fields[field])


def capital(text: str) -> str:
    """A text with a capital at its beginning, on one line."""
    flat = " ".join(text.split(" ")).replace("\n", " ")
    return flat[:1].upper() + flat[1:]
