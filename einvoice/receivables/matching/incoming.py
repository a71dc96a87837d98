"""Money that came in: whose it is, and what it pays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from einvoice.money import ZERO
from einvoice.receivables.matching.checks import ogm
from einvoice.receivables.matching.evidence import Evidence
from einvoice.receivables.matching.fitting import Fit, State, only, open_only
from einvoice.receivables.matching.names import name_of
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.references import canonical, neighbours, number_keys
from einvoice.receivables.matching.subsets import subset
from einvoice.receivables.matching.values import Match, Said

SECOND = "second"
"""The code of what is surely a second payment: it waits for a refund, and may have paid nothing else."""
_TELLING = 5
_TAILS, _END = 8, 4
"""Ends of numbers that are tried beside a number in full; digits of an end that tells one invoice from others of the same amount."""
SURE, STRONG, GOOD, ACCOUNT, WEAK = 99, 96, 92, 80, 30


def money_in(line: BankLine, evidence: Evidence, state: State) -> Match:
    """The match of a line that came in: by checked reference, by number, by account and amount; else on account, else for a person."""
    doubt = _doubts(evidence)
    if evidence.referred:
        return _by_reference(line, evidence, state, doubt)
    if doubt:
        return _unclear(line, evidence, state, doubt)
    if evidence.numbered or evidence.loosely:
        found = _by_number(line, evidence, state)
        if found is not None:
            return found
    return _by_payer(line, evidence, state)


def _doubts(evidence: Evidence) -> list[Said]:
    """References that are not what they should be."""
    failing = [Said("check-digit", f"the reference {each} fails its check digits: it is not corrected", False) for each in evidence.failing]
    foreign = [Said("foreign-reference", f"the reference {each} holds, but is none of ours", False) for each in evidence.foreign]
    return sorted(failing) + sorted(foreign)


def _unclear(line: BankLine, evidence: Evidence, state: State, why: Iterable[Said]) -> Match:
    """On account where the payer is certain and nothing that is named is another's; else for a person."""
    payer = evidence.payer
    named = {state.book.items[ref].debtor for ref in evidence.referred | evidence.numbered}
    if payer.certain is not None and named <= {payer.certain}:
        said = (Said("payer", f"{state.book.named(payer.certain)}: {payer.why}"), *why)
        return Match(line, "none", "account", payer.certain, (), ACCOUNT, said)
    return Match(line, "none", "open", None, (), WEAK, (*why, Said("payer", payer.why, payer.certain is not None)))


def _by_reference(line: BankLine, evidence: Evidence, state: State, doubt: list[Said]) -> Match:
    """By a checked reference: of one debtor, with an amount that fits, and no other reading."""
    book = state.book
    refs = sorted(evidence.referred)
    said = [Said("reference", f"the checked reference of {book.numbers(refs)} stands there")]
    debtors = {book.items[ref].debtor for ref in refs}
    if len(debtors) > 1:
        return _unclear(line, evidence, state, [*said, *doubt, Said("several-debtors", "references of several debtors stand there", False)])
    (debtor,) = debtors
    others = [ref for ref in sorted(evidence.numbered) if ref not in evidence.referred]
    rival = [] if evidence.payer.agrees(debtor) else _rivals(line, evidence, state, debtor)
    if doubt or rival or any(book.items[ref].debtor != debtor for ref in others):
        strange = [Said("other-number", f"the number of {book.numbers(others)} stands there, too", False)] if others else []
        return _unclear(line, evidence, state, [*said, *doubt, *rival, *strange])
    if len({book.items[ref].reference for ref in refs}) < len(refs):
        return _by_customer(line, evidence, state, debtor, said)
    if len(refs) + len(others) > 1:
        return _several(line, evidence, state, debtor, [*refs, *others], said)
    return _single(line, evidence, state, refs[0], said)


def _by_customer(line: BankLine, evidence: Evidence, state: State, debtor: int, said: list[Said]) -> Match:
    """A reference that stands on several invoices names the debtor; the amount says which."""
    said = [*said, Said("customer-reference", "it stands on several invoices: it says whose the money is, the amount says what for")]
    return _by_amount(line, evidence, state, debtor, said, STRONG)


def _single(line: BankLine, evidence: Evidence, state: State, ref: int, said: list[Said]) -> Match:
    """One invoice by its reference: exactly, with a discount, in part, too much, or a second time."""
    item = state.book.items[ref]
    fit = state.fit(item, line)
    if item.currency != line.currency:
        return _account(line, item.debtor, [*said, Said("currency", f"it is in {item.currency}, not in {line.currency}", False)])
    slip = _misread(line, state, ref, item.debtor if evidence.payer.agrees(item.debtor) else None)
    if slip:
        return _account_or_open(line, evidence, state, item.debtor, [*said, *slip])
    if fit and fit.how != "settled":
        return _full(line, state, fit, said, SURE, "reference")
    another = state.fits(item.debtor, line, [ref])
    if not sum(state.left(item)):
        return _again(line, evidence, state, ref, [*said, *_also(another, state)])
    if another:
        return _account(line, item.debtor, [*said, *_also(another, state)])
    return _other_amount(line, evidence, state, ref, said)


def _again(line: BankLine, evidence: Evidence, state: State, ref: int, said: list[Said]) -> Match:
    """An invoice that is settled: paid a second time, or the reference is an old one. The money is the debtor's, unless another paid."""
    item = state.book.items[ref]
    when = state.settled_on(item) or "an earlier day"
    said = [*said, Said("settled", f"it was settled on {when}: paid a second time", False)]
    if evidence.payer.certain is not None and evidence.payer.certain != item.debtor:
        return _unclear(line, evidence, state, said)
    return _account(line, item.debtor, said, "none" if any(open_only(state.fits(item.debtor, line))) else "overpaid")


def _other_amount(line: BankLine, evidence: Evidence, state: State, ref: int, said: list[Said]) -> Match:
    """The reference of one invoice with another amount: with others of the debtor, in part, or too much."""
    book, item = state.book, state.book.items[ref]
    sums = state.sums(item.debtor, line)
    if sums.subset and ref in sums.subset and sums.telling:
        said = [*said, Said("sum", f"{book.numbers(sums.subset)} add up to {line.amount}, and no others of {book.named(item.debtor)} do")]
        return _matched(line, "combined", item.debtor, state.shares(sums.subset, line.amount), STRONG, said, "reference")
    if sums.ways or evidence.payer.other_than(item.debtor) is not None:
        why = Said("amount", f"{state.left(item)[0]} is open, not {line.amount}", False)
        return _account_or_open(line, evidence, state, item.debtor, [*said, why])
    return _part(line, state, ref, said)


def _part(line: BankLine, state: State, ref: int, said: list[Said]) -> Match:
    """Less or more than is open, by the invoice's own reference, where the amount fits nothing else."""
    item = state.book.items[ref]
    owed = sum(state.left(item), ZERO)
    if line.amount < owed:
        said = [*said, Said("partial", f"{line.amount} of {owed}: a part")]
        return _matched(line, "partial", item.debtor, ((ref, line.amount),), GOOD, said, "reference")
    said = [*said, Said("overpaid", f"{owed} is open; {line.amount - owed} stays on account")]
    return _matched(line, "overpaid", item.debtor, state.shares([ref], line.amount), GOOD, said, "reference")


def _several(line: BankLine, evidence: Evidence, state: State, debtor: int, refs: list[int], said: list[Said]) -> Match:
    """Several invoices of one debtor, named together: where they add up."""
    left = {ref: state.left(state.book.items[ref]) for ref in refs}
    principal, everything = sum((each[0] for each in left.values()), ZERO), sum((sum(each, ZERO) for each in left.values()), ZERO)
    if all(sum(each) > 0 for each in left.values()) and line.amount in (principal, everything):
        said = [*said, Said("sum", f"what is open of {state.book.numbers(refs)} adds up to {line.amount}")]
        return _matched(line, "combined", debtor, state.shares(refs, line.amount), STRONG, said, "reference")
    text = f"what is open of {state.book.numbers(refs)} adds up to {principal}, not to {line.amount}"
    return _account_or_open(line, evidence, state, debtor, [*said, Said("sum", text, False)])


def _by_number(line: BankLine, evidence: Evidence, state: State) -> Match | None:
    """By numbers of invoices: with their amount, and a payer who agrees or cannot be told; None where nothing that is named counts."""
    book, payer = state.book, evidence.payer
    mine = payer.certain if payer.certain is not None else payer.likely
    named = evidence.numbered | evidence.loosely
    ours = sorted(ref for ref in named if mine is not None and book.items[ref].debtor == mine)
    theirs = sorted(ref for ref in evidence.numbered if book.items[ref].debtor != mine)
    if mine is not None and ours and theirs:
        strange = Said("other-number", f"the number of {book.numbers(theirs)}, another's, stands there, too", False)
        return _unclear(line, evidence, state, [strange])
    if mine is not None and ours:
        return _own_numbers(line, evidence, state, mine, ours)
    if not theirs:
        return None
    if len(theirs) > 1:
        said = Said("number", f"the numbers of {book.numbers(theirs[:5])} stand there, and nobody can be told who paid", False)
        return Match(line, "none", "open", None, (), WEAK, (said,))
    return _strangers_number(line, evidence, state, theirs[0])


def _strangers_number(line: BankLine, evidence: Evidence, state: State, ref: int) -> Match:
    """A number in full, of another than seems to have paid: with its amount, where no slip of the pen leads to another invoice."""
    item, payer = state.book.items[ref], evidence.payer
    said = [Said("number", f"the number of {item.number} stands there, in full"), Said("payer", payer.why, payer.agrees(item.debtor))]
    fit = state.fit(item, line)
    if payer.agrees(item.debtor):
        against = _slips(line, state, ref, payer.possible)
    else:
        against = [*_rivals(line, evidence, state, item.debtor), *_slips(line, state, ref, None)]
    against += _near(evidence, state, ref)
    if len(number_keys(item.number)[1]) < _TELLING:
        against += [Said("short-number", f"{item.number} is too short to tell an invoice to a stranger", False)]
    if fit is None or fit.how != "open" or against:
        amount = [] if fit else [Said("amount", f"{state.left(item)[0]} is open, not {line.amount}", False)]
        return Match(line, "none", "open", None, (), WEAK, (*said, *amount, *against))
    return _full(line, state, fit, said, GOOD, "reference")


def _near(evidence: Evidence, state: State, ref: int) -> list[Said]:
    """An invoice of whoever may have paid whose number is a slip of the pen away from the one that stands there, whatever it owes."""
    book, payer = state.book, evidence.payer
    theirs = (payer.possible | {payer.certain, payer.likely}) - {book.items[ref].debtor, None}
    near = (other for each in neighbours(number_keys(book.items[ref].number)[1]) for other in book.by_digits.get(each, ()))
    found = sorted({other for other in near if book.items[other].debtor in theirs})
    return [Said("slip", f"{book.numbers(found[:3])} of who may have paid differs by one slip", False)] if found else []


def _own_numbers(line: BankLine, evidence: Evidence, state: State, debtor: int, refs: list[int]) -> Match:
    """Numbers of the payer's own invoices: with their amount, alone or together."""
    book = state.book
    said = [Said("number", f"the number of {book.numbers(refs)} stands there"), Said("payer", evidence.payer.why)]
    fitting = [fit for ref in refs if (fit := state.fit(book.items[ref], line)) is not None]
    whose = frozenset({debtor}) if evidence.payer.certain == debtor else evidence.payer.possible | {debtor}
    slip = [each for fit in fitting for each in _slips(line, state, fit.item, whose)]
    if slip:
        return _account_or_open(line, evidence, state, debtor, [*said, *slip])
    if len(refs) == 1 and fitting and fitting[0].how != "settled":
        return _full(line, state, fitting[0], said, STRONG, "reference")
    if len(refs) > 1 and not fitting:
        return _several(line, evidence, state, debtor, refs, said)
    single = only(open_only(fitting))
    if single and len(fitting) == 1 and single.item in evidence.numbered:
        return _full(line, state, single, [*said, Said("sum", "the amount is that of one of them alone")], GOOD, "reference")
    if fitting and all(fit.how == "settled" for fit in fitting):
        again = Said("settled", "it was paid before with this amount: paid a second time", False)
        kind = "none" if any(open_only(state.fits(debtor, line))) else "overpaid"
        return _account_or_open(line, evidence, state, debtor, [*said, again], kind)
    return _tailed(line, evidence, state, debtor, refs, said)


def _tailed(line: BankLine, evidence: Evidence, state: State, debtor: int, refs: list[int], said: list[Said]) -> Match:
    """Numbers of which only the first stands there in full, as in 2026-00123/124/125: those that add up, where only one way does."""
    book = state.book
    more = [item.id for item in state.open_items(debtor, line.currency) if item.id not in refs and _ends(item.number, evidence.tails, 3)]
    if more and len(more) <= _TAILS and evidence.payer.certain is not None:
        found = subset([(ref, state.left(book.items[ref])[0]) for ref in [*refs, *more]], line.amount)
        if found.subset and set(refs) <= set(found.subset):
            return _several(line, evidence, state, debtor, sorted(found.subset), said)
    return _account_or_open(line, evidence, state, debtor, [*said, Said("amount", f"{line.amount} is not what is open of them", False)])


def _ends(number: str, tails: Collection[str], least: int) -> bool:
    """Whether a number ends in one of some digits, of so many at least."""
    digits = number_keys(number)[1]
    return any(len(tail) >= least and digits.endswith(tail) for tail in tails)


def _by_payer(line: BankLine, evidence: Evidence, state: State) -> Match:
    """Without any reference: the debtor's own account under its own name, and an amount that only one reading explains."""
    payer = evidence.payer
    if payer.certain is None:
        why = Said("payer", payer.why, False)
        none = Said("no-reference", "no reference and no number of ours stands there", False)
        return Match(line, "none", "open", None, (), WEAK, (none, why))
    rival = _rivals(line, evidence, state, payer.certain, akin=True)
    if rival:
        return Match(line, "none", "open", None, (), WEAK, (Said("payer", payer.why), *rival))
    return _by_amount(line, evidence, state, payer.certain, [Said("payer", payer.why)], STRONG)


def _by_amount(line: BankLine, evidence: Evidence, state: State, debtor: int, said: list[Said], confidence: int) -> Match:
    """By the amount, among what the debtor owes and lately owed."""
    fits, sums = state.fits(debtor, line), state.sums(debtor, line)
    ends = only(fit for fit in open_only(fits) if _ends(state.book.items[fit.item].number, evidence.tails, _END))
    before = None if evidence.referred or ends else state.paid_lately(debtor, line)
    if before is not None:
        kind = "none" if sums.ways or any(open_only(fits)) else "overpaid"
        return _account(line, debtor, [*said, Said("paid-lately", f"the same amount came on {before}: it may be paid twice", False)], kind)
    if len(fits) == 1 and fits[0].how != "settled" and not sums.ways:
        return _alone(line, evidence, state, fits[0], said, confidence)
    by = "reference" if evidence.referred else "amount"
    if len(fits) > 1 and ends and not sums.ways and not _slips(line, state, ends.item, frozenset({debtor})):
        return _full(line, state, ends, [*said, Said("number", "of those that fit, the end of its number stands there")], GOOD, by)
    if not fits and sums.subset and sums.telling:
        book = state.book
        said = [*said, Said("sum", f"{book.numbers(sums.subset)} add up to {line.amount}, and no others of {book.named(debtor)} do")]
        return _matched(line, "combined", debtor, state.shares(sums.subset, line.amount), GOOD, said, by)
    if not fits:
        why = "several sums fit" if sums.ways > 1 else "a sum fits that chance may have made" if sums.ways else "nothing fits the amount"
        return _account(line, debtor, [*said, Said("amount", why, False)])
    kind = "overpaid" if all(fit.how == "settled" for fit in fits) and not sums.ways else "none"
    return _account(line, debtor, [*said, *_also(fits, state)], kind)


def _alone(line: BankLine, evidence: Evidence, state: State, fit: Fit, said: list[Said], confidence: int) -> Match:
    """The one invoice of a debtor that an amount fits."""
    debtor = state.book.items[fit.item].debtor
    if not evidence.referred and _is_a_part(line, state, debtor, fit):
        is_round = Said("round", "the amount is round, and may be a part of what is larger", False)
        return _account(line, debtor, [*said, is_round, *_also([fit], state)])
    why = Said("amount", f"of what {state.book.named(debtor)} owes only this fits")
    return _full(line, state, fit, [*said, why], confidence, "reference" if evidence.referred else "amount")


def _is_a_part(line: BankLine, state: State, debtor: int, fit: Fit) -> bool:
    """Whether a round amount that fits one invoice may as well be a part of a larger one: people pay parts in round amounts."""
    if line.amount % 1:
        return False
    return any(item.id != fit.item and state.left(item)[0] > line.amount for item in state.open_items(debtor, line.currency))


def _rivals(line: BankLine, evidence: Evidence, state: State, debtor: int, *, akin: bool = False) -> list[Said]:
    """Others who may have paid (with `akin`, all who share a family name) and of whom an invoice fits as well."""
    found = []
    family = state.book.akin(name_of(line.payer), line.currency, line.amount) if akin else set()
    for other in sorted(evidence.payer.possible | family | {evidence.payer.certain or debtor}):
        if other == debtor:
            continue
        fits = state.fits(other, line)
        if fits:
            text = f"{state.book.named(other)} may have paid, and {state.book.numbers(fit.item for fit in fits[:3])} fits as well"
            found.append(Said("rival", text, False))
    return found


def _misread(line: BankLine, state: State, ref: int, debtor: int | None) -> list[Said]:
    """Other invoices (of the debtor, or of anybody) that fit and whose reference is a slip away: one check digit lets some slips pass."""
    book = state.book
    written = canonical(book.items[ref].reference or "")
    if not written.isdigit() or ogm(written.zfill(12)):
        return []
    near = {other for each in neighbours(written) for other in book.by_reference.get(each, ())} - {ref}
    if debtor is not None:
        near = {other for other in near if book.items[other].debtor == debtor}
    found = [other for other in sorted(near) if state.fit(book.items[other], line)]
    return [Said("slip", f"{book.numbers(found[:3])} fits as well, and its reference differs by one slip", False)] if found else []


def _slips(line: BankLine, state: State, ref: int, whose: frozenset[int] | None) -> list[Said]:
    """Other invoices (of these debtors, or of anybody) that fit and whose number is a slip of the pen away."""
    book = state.book
    digits = number_keys(book.items[ref].number)[1]
    near = {other for each in neighbours(digits) for other in book.by_digits.get(each, ())} - {ref}
    if whose is not None:
        near = {other for other in near if book.items[other].debtor in whose}
    found = [other for other in sorted(near) if state.fit(book.items[other], line)]
    return [Said("slip", f"{book.numbers(found[:3])} fits as well, and its number differs by one slip", False)] if found else []


def _also(fits: Iterable[Fit], state: State) -> list[Said]:
    said = []
    for fit in fits:
        item = state.book.items[fit.item]
        when = f", settled on {state.settled_on(item)}" if fit.how == "settled" else ""
        said.append(Said("rival", f"{item.number} fits the amount{when}", False))
    return said[:5]


def _full(line: BankLine, state: State, fit: Fit, said: Collection[Said], confidence: int, by: str) -> Match:
    """An invoice paid in full, or all but its discount."""
    item = state.book.items[fit.item]
    text = f"{line.amount} is what is open of {item.number}"
    text += f" but for the discount of {fit.discount}, within its days" if fit.discount else " with its charges" if fit.how == "all" else ""
    kind = "discount" if fit.discount else "exact"
    made = _matched(line, kind, item.debtor, ((item.id, line.amount),), confidence, [*said, Said("amount", text)], by)
    return made._replace(discount=fit.discount)


def _matched(
    line: BankLine, kind: str, debtor: int, allocations: tuple[tuple[int, Decimal], ...], confidence: int, said: Collection[Said], by: str
) -> Match:
    return Match(line, kind, "matched", debtor, allocations, confidence, tuple(said), by=by)


def _account(line: BankLine, debtor: int, said: Collection[Said], kind: str = "none") -> Match:
    second = [Said(SECOND, "nothing else that is open fits: it was paid a second time", False)] if kind == "overpaid" else []
    return Match(line, kind, "account", debtor, (), ACCOUNT, (*said, *second))


def _account_or_open(line: BankLine, evidence: Evidence, state: State, debtor: int, said: list[Said], kind: str = "none") -> Match:
    """On the debtor's account where nobody else seems to have paid; else for a person."""
    payer = evidence.payer
    if (
        payer.other_than(debtor) is None
        and (payer.certain == debtor or evidence.referred)
        and not any(each.code == "rival" for each in said)
    ):
        return _account(line, debtor, said, kind)
    return _unclear(line, evidence, state, said)
