"""Lines that no debtor's payment is: own transfers, direct debits and their returns, payouts, reversals, refunds, charges of the bank."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from einvoice.receivables.matching.evidence import Evidence
from einvoice.receivables.matching.fitting import State
from einvoice.receivables.matching.names import name_of
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Match, Paid, Said

_INTEREST = ("NINT", "INTR")
REVERSED_WITHIN = 60
"""Days within which a bank takes back a line of its own, and a payer's bank asks for one."""


def apart(line: BankLine, state: State) -> Match | None:
    """What needs no look at invoices; None for everything else."""
    if line.iban and line.iban in state.book.known.accounts:
        return _ignored(line, "own-account", f"{line.iban} is an account of ours")
    if line.end_to_end in state.book.known.collections:
        return _collection(line, state)
    if line.many > 1:
        return _total(line, state)
    return _in_apart(line, state) if line.amount > 0 else None


def _in_apart(line: BankLine, state: State) -> Match | None:
    """What came in and is no payer's: something came back, interest, a payout."""
    if line.reversal or line.reason:
        text = "the bank cancels an earlier payment of ours, or one came back"
        return Match(line, "none", "open", explanation=(Said("came-back", text, False),), confidence=30, posts=False)
    if any(line.code.endswith(code) or line.code.startswith(code) for code in _INTEREST):
        return _ignored(line, "interest", f"the bank says that it is interest ({line.code})")
    provider = _provider(line)
    is_debtor = line.iban in state.book.known.ibans or state.book.named_like(name_of(line.payer))
    return _payout(line, state, provider) if provider and not is_debtor else None


def money_out(line: BankLine, evidence: Evidence, state: State) -> Match:
    """A line that left: what takes an earlier payment back, a refund, or nothing of a debtor's."""
    if line.reversal or line.reason:
        return _taken_back(line, state)
    debtor = evidence.payer.certain
    before = [each for each in state.paid(line.currency, -line.amount) if line.iban and each.iban == line.iban]
    if before and not any(state.on_account(each) == -line.amount for each in state.book.credits.get(before[0].debtor or 0, ())):
        said = Said("takes-back", f"account {line.iban} paid this amount on {before[-1].booked}: it may have been taken back", False)
        return Match(line, "returned", "open", None, (), 40, (said,), posts=False)
    some = sorted(evidence.payer.possible)
    if debtor is None and some:
        names = ", ".join(state.book.named(each) for each in some[:3])
        maybe = Said("payer", f"{names} may have got it: {evidence.payer.why}", False)
        return Match(line, "refund", "open", None, (), 40, (maybe,), posts=False)
    if debtor is None:
        return _ignored(line, "not-a-debtor", "money left to nobody who is known as a debtor, or as a charge of the bank")
    sources = [credit for credit in state.book.credits.get(debtor, ()) if credit.currency == line.currency]
    fitting = [credit for credit in sources if state.on_account(credit) == -line.amount]
    said = Said("payer", f"{state.book.named(debtor)}: {evidence.payer.why}")
    if len(fitting) == 1:
        why = Said("on-account", f"{-line.amount} is what is left of one payment or credit note of theirs")
        return Match(line, "refund", "matched", debtor, (), 95, (said, why), posts=False, source=fitting[0].transaction)
    why = Said("on-account", f"{len(fitting)} payments or credit notes have {-line.amount} left", False)
    return Match(line, "refund", "open", debtor, (), 50, (said, why), posts=False)


def _collection(line: BankLine, state: State) -> Match:
    """A direct debit of ours: collected, or back."""
    found = state.book.known.collections[line.end_to_end]
    if line.amount > 0 and line.amount == found.amount:
        said = Said("collected", f"the direct debit {line.end_to_end} of {found.amount}")
        return Match(line, "exact", "matched", found.debtor, (), 100, (said,), by="mandate", posts=False)
    if line.amount < 0 and -line.amount == found.amount:
        said = Said("returned", f"the direct debit {line.end_to_end} of {found.amount} came back ({line.reason or 'no reason given'})")
        return Match(line, "returned", "matched", found.debtor, (), 100, (said,), by="mandate", posts=False)
    said = Said("amount", f"the direct debit {line.end_to_end} is of {found.amount}, not of {line.amount}", False)
    return Match(line, "none", "open", found.debtor, (), 60, (said,), posts=False)


def _total(line: BankLine, state: State) -> Match:
    """A total whose parts the file does not tell: a batch of direct debits of ours, or for a person."""
    if line.amount > 0 and state.book.known.batches.get(line.batch) == line.amount:
        said = Said("batch", f"the batch {line.batch} of direct debits, {line.amount} together")
        return Match(line, "combined", "matched", None, (), 98, (said,), by="mandate", posts=False)
    if line.amount <= 0:
        return _ignored(line, "batch-out", f"a total of {line.many} payments that left")
    said = Said("batch", f"a total of {line.many} payments, which the file does not tell apart: import the CAMT.054 that does", False)
    return Match(line, "none", "open", None, (), 30, (said,), posts=False)


def _payout(line: BankLine, state: State, provider: str) -> Match:
    """What a provider pays out was booked when its payers paid, where their payments come from links of ours."""
    if provider in state.book.known.providers:
        said = Said("payout", f"{provider} pays out what was booked when it was paid")
        return Match(line, "payout", "ignored", None, (), 95, (said,), posts=False)
    said = Said("payout", f"{provider} pays out, but no payments of theirs were booked: assign them from its own list", False)
    return Match(line, "payout", "open", None, (), 40, (said,))


def _taken_back(line: BankLine, state: State) -> Match:
    """What the bank cancels, or the payer's bank asks back: one payment alone has the amount, and the same id or account."""
    came = [each for each in state.paid(line.currency, -line.amount) if 0 <= (line.booked - each.booked).days <= REVERSED_WITHIN]
    same = [each for each in came if _same_id(line, each)]
    beside = [each for each in came if line.iban and each.iban == line.iban]
    found = same or (beside if line.reversal else [])
    kind = "returned"
    if len(found) == 1:
        how = "id" if same else "account"
        said = Said("takes-back", f"it takes back the payment of {-line.amount} booked on {found[0].booked}: the same {how}")
        return Match(line, kind, "matched", found[0].debtor, (), 95, (said,), posts=False, reverses=found[0].key)
    said = Said("takes-back", f"it takes back a payment of {-line.amount}, of which {len(found or came)} came", False)
    return Match(line, kind, "open", None, (), 50, (said,), posts=False)


def _same_id(line: BankLine, paid: Paid) -> bool:
    return bool((line.end_to_end and line.end_to_end == paid.end_to_end) or (line.bank and line.bank == paid.bank))


def _ignored(line: BankLine, code: str, text: str) -> Match:
    return Match(line, "foreign", "ignored", None, (), 90, (Said(code, text),), posts=False)


def _provider(line: BankLine) -> str:
    """The payment provider by whose name a line came, "" where it is none."""
    words = name_of(line.payer).words
    return next((name for name, needed in _providers().items() if needed <= words), "")


@cache
def _providers() -> dict[str, frozenset[str]]:
    kept = json.loads(Path(__file__).with_name("providers.json").read_text("utf-8"))["names"]
    return {name: frozenset(words) for name, words in kept.items()}
