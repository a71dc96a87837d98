"""Writes lines as banks do: CAMT.053 (versions 02 and 08, batches), MT940 (Dutch and German field 86), CODA 2."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from tests.receivables.bank_year import Sent

ACCOUNTS = {"camt": "BE71096123456769", "mt940": "NL91ABNA0417164300", "coda": "BE68539007547034"}
"""An account of the creditor for each format: a day of an account comes in one format."""


def camt(
    lines: Sequence[Sent], number: int, opening: Decimal, *, version: str = "08", account: str = ACCOUNTS["camt"], form: str = "053"
) -> bytes:
    """A CAMT.053 (or .054, without balances) of these lines; each seventh entry is a batch of those that follow on its day."""
    day = lines[-1].day if lines else date(2026, 1, 1)
    closing = opening + sum((line.amount for line in lines), Decimal(0))
    root, stmt = ("BkToCstmrStmt", "Stmt") if form == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    entries, at = [], 0
    while at < len(lines):
        size = 1
        if at % 7 == 6 and lines[at].amount > 0 and not lines[at].reversal:
            while size < 5 and at + size < len(lines) and _goes_with(lines[at], lines[at + size]):
                size += 1
        entries.append(_entry(lines[at : at + size], version))
        at += size
    sums = "".join(_balance(code, amount, day) for code, amount in (("OPBD", opening), ("CLBD", closing))) if form == "053" else ""
    summary = f"<TxsSummry><TtlNtries><NbOfNtries>{len(entries)}</NbOfNtries></TtlNtries></TxsSummry>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{form}.001.{version}"><{root}>'
        f"<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr><{stmt}><Id>{number}</Id>"
        f"<ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{day}T20:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>{sums}{summary}\n"
        + "\n".join(entries)
        + f"\n</{stmt}></{root}></Document>\n"
    ).encode()


def _goes_with(first: Sent, other: Sent) -> bool:
    return other.day == first.day and other.amount > 0 and other.code == first.code and not other.reversal


def _balance(code: str, amount: Decimal, day: date) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount):.2f}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(lines: Sequence[Sent], version: str) -> str:
    first = lines[0]
    total = sum((line.amount for line in lines), Decimal(0))
    side = "DBIT" if total < 0 else "CRDT"
    status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
    reversal = "<RvslInd>true</RvslInd>" if first.reversal else ""
    codes = (first.code or "PMNT-RCDT-OTHR").split("-")
    code = f"<BkTxCd><Domn><Cd>{codes[0]}</Cd><Fmly><Cd>{codes[1]}</Cd><SubFmlyCd>{codes[2]}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    batch = f"<Btch><NbOfTxs>{len(lines)}</NbOfTxs></Btch>" if len(lines) > 1 else ""
    details = "".join(_details(line, version, len(lines) > 1) for line in lines)
    return (
        f'<Ntry><Amt Ccy="EUR">{abs(total):.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}{status}<BookgDt><Dt>{first.day}</Dt></BookgDt>'
        f"<ValDt><Dt>{first.day}</Dt></ValDt><AcctSvcrRef>B{first.id:010}</AcctSvcrRef>{code}<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def _details(line: Sent, version: str, amounts: bool) -> str:
    them = "Cdtr" if line.amount < 0 else "Dbtr"
    old = version == "02"

    def party(name: str) -> str:
        return f"<Nm>{escape(name)}</Nm>" if old else f"<Pty><Nm>{escape(name)}</Nm></Pty>"

    refs = f"<Refs><AcctSvcrRef>T{line.id:010}</AcctSvcrRef><EndToEndId>{line.end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs>"
    amount = ""
    if amounts:
        inner = f'<Amt Ccy="EUR">{abs(line.amount):.2f}</Amt>'
        amount = f"<AmtDtls><TxAmt>{inner}</TxAmt></AmtDtls>" if old else f"{inner}<CdtDbtInd>CRDT</CdtDbtInd>"
    ultimate = f"<Ultmt{them}>{party(line.ultimate)}</Ultmt{them}>" if line.ultimate else ""
    name = f"<{them}>{party(line.payer)}</{them}>" if line.payer else ""
    account = f"<{them}Acct><Id><IBAN>{line.iban}</IBAN></Id></{them}Acct>" if line.iban else ""
    parties = f"<RltdPties>{name}{account}{ultimate}</RltdPties>" if name or account or ultimate else ""
    said = f"<Ustrd>{escape(line.text)}</Ustrd>" if line.text else ""
    if line.reference:
        said += f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{line.reference}</Ref></CdtrRefInf></Strd>"
    back = f"<RtrInf><Rsn><Cd>{line.reason}</Cd></Rsn></RtrInf>" if line.reason else ""
    return f"<TxDtls>{refs}{amount}{parties}{f'<RmtInf>{said}</RmtInf>' if said else ''}{back}</TxDtls>"


_PLAIN = str.maketrans({"ß": "ss", "Ł": "L", "ł": "l", "ı": "i", "ø": "o"})


def plain(text: str) -> str:
    """A text in letters without accents, as older formats have them."""
    return unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode("ascii", "ignore").decode()


def mt940(lines: Sequence[Sent], number: int, opening: Decimal, *, german: bool = False, account: str = ACCOUNTS["mt940"]) -> bytes:
    """An MT940 of these lines, field 86 as Dutch or German banks structure it, cut hard at 65 or 27 characters."""
    day = lines[-1].day if lines else date(2026, 1, 1)
    closing = opening + sum((line.amount for line in lines), Decimal(0))
    rows = [f":20:S{number}", f":25:{account}", f":28C:{number}/1", f":60F:{_money(opening, day)}"]
    for line in lines:
        status = ("RC" if line.amount < 0 else "RD") if line.reversal else "D" if line.amount < 0 else "C"
        kind = "NCHG" if line.code.endswith("CHRG") else "NINT" if line.code.endswith("INTR") else "NTRF"
        rows.append(f":61:{line.day:%y%m%d}{line.day:%m%d}{status}{_comma(abs(line.amount))}{kind}NONREF//B{line.id:010}")
        rows += _german(line) if german else _dutch(line)
    rows += [f":62F:{_money(closing, day)}", "-"]
    return ("\r\n".join(rows) + "\r\n").encode("ascii")


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _money(amount: Decimal, day: date) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}EUR{_comma(abs(amount))}"


def _dutch(line: Sent) -> list[str]:
    said = f"STRD/CUR/{line.reference}" if line.reference and not line.text else line.text.replace("/", " ").replace(":", " ")
    parts = ["/TRTP/SEPA OVERBOEKING", f"/IBAN/{line.iban}" if line.iban else "", f"/NAME/{plain(line.payer)}" if line.payer else ""]
    parts += [
        f"/REMI/{plain(said)}",
        f"/EREF/{line.end_to_end or 'NOTPROVIDED'}",
        f"/ULTD//{plain(line.ultimate)}" if line.ultimate else "",
    ]
    whole = ":86:" + "".join(parts)
    return [whole[at : at + 65] for at in range(0, len(whole), 65)]


def _german(line: Sent) -> list[str]:
    said = [f"EREF+{line.end_to_end}"] if line.end_to_end else []
    words = "SVWZ+" + plain(f"{line.reference} {line.text}".strip()).replace("?", " ")
    said += [words[at : at + 27] for at in range(0, len(words), 27)]
    said += [f"ABWA+{plain(line.ultimate)}"] if line.ultimate else []
    name = plain(line.payer)
    whole = "166?00GUTSCHRIFT" + "".join(f"?{20 + at if at < 10 else 50 + at}{part}" for at, part in enumerate(said[:14]))
    whole += (f"?31{line.iban}" if line.iban else "") + (f"?32{name[:27]}" if name else "") + (f"?33{name[27:54]}" if name[27:] else "")
    return [(":86:" if at == 0 else "") + whole[at : at + 61] for at in range(0, len(whole), 61)]


def coda(lines: Sequence[Sent], number: int, opening: Decimal, *, account: str = ACCOUNTS["coda"], version: str = "2") -> bytes:
    """A CODA of these lines, version 2."""
    day = lines[-1].day if lines else date(2026, 1, 1)
    closing = opening + sum((line.amount for line in lines), Decimal(0))
    zone = f"{account:<31}   EUR"
    seq = f"{number % 1000:03}"
    rows = [f"00000{day:%d%m%y}53905 {'':7}FILE{number:06}{'CREDITOR':<26}{'KREDBEBB':<11}00123456789 {'':5}{'':16}{'':16}{'':7}{version}"]
    rows.append(f"12{seq}{zone}{_signed(opening)}{day:%d%m%y}{'CREDITOR':<26}{'ACCOUNT':<35}{seq}")
    for place, line in enumerate(lines, 1):
        rows += _movement(line, place)
    rows.append(f"8{seq}{zone}{_signed(closing)}{day:%d%m%y}{'':64}0")
    debit = -sum((line.amount for line in lines if line.amount < 0), Decimal(0))
    credit = sum((line.amount for line in lines if line.amount > 0), Decimal(0))
    rows.append(f"9{'':15}{len(rows) - 1:06}{_thousandths(debit)}{_thousandths(credit)}{'':75}2")
    assert all(len(row) == 128 for row in rows), [(len(row), row) for row in rows if len(row) != 128][:2]
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


def _thousandths(amount: Decimal) -> str:
    return f"{int(amount * 1000):015}"


def _signed(amount: Decimal) -> str:
    return f"{'1' if amount < 0 else '0'}{_thousandths(abs(amount))}"


def _movement(line: Sent, place: int) -> list[str]:
    head = f"{place % 10000:04}0000"
    kind = "" if line.text else "100" if line.reference.startswith("RF") else "101" if len(line.reference) == 12 else ""
    is_ogm = bool(kind and line.reference)
    said = f"{kind}{line.reference}" if is_ogm else plain(f"{line.reference} {line.text}".strip())
    code = (
        "00199000"
        if line.reversal
        else "01350370"
        if line.code.endswith("CHRG")
        else "04141000"
        if line.code.endswith("INTR")
        else "00150000"
    )
    zone = f"{said:<149}"[:149]
    first = f"21{head}{f'B{line.id:010}':<21}{_signed(line.amount)}{line.day:%d%m%y}{code}{int(is_ogm)}{zone[:53]}{line.day:%d%m%y}0010"
    second = f"22{head}{zone[53:106]}{line.end_to_end:<35}{'':11}{'':3} {line.reason:<4}{'':4}{'':4}1 0"
    third = f"23{head}{line.iban:<34}EUR{plain(line.payer)[:35]:<35}{zone[106:149]}0 0"
    return [f"{first}1 0", second, third]
