"""Documents that a person asks for: the agreement of a payment plan, thanks for a payment."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from einvoice.cli import main
from einvoice.database import connect, reading
from einvoice.receivables import ledger, policy
from einvoice.receivables.cases import plans
from einvoice.receivables.cases.case import At
from einvoice.receivables.ledger import parties
from einvoice.receivables.store.tables import PAPERS
from einvoice.settings import current
from tests.receivables import books
from tests.receivables.letters import written

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
AT = At(NOW.date(), NOW, "ann")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A debtor with an approved plan and a payment, in the database of the settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    with books.database(tmp_path) as engine:
        with connect(engine) as connection:
            creditor = books.creditor(connection, iban="BE71096123456769", email="ar@acme.example", phone="+31 20 000 00 00", language="en")
            debtor = books.debtor(connection, creditor, language="nl")
            parties.save_person(connection, creditor, "ann", name="Ann")
            invoice = books.invoice(connection, debtor, "F1", "1210.00")
            paid = books.invoice(connection, debtor, "F2", "121.00")
            payment = ledger.PaymentIn("b1", Decimal("121.00"), "EUR", NOW.date(), debtor)
            ledger.post_payment(connection, creditor, payment, books.booking(), to=[(paid, None)])
            plan = plans.propose(connection, debtor, [invoice], policy.default(), AT._replace(by="debtor"))
            plans.approve(connection, plan, AT)
            second = books.debtor(connection, creditor, "c2")
            half = ledger.PaymentIn("b2", Decimal("10.00"), "EUR", NOW.date(), second)
            ledger.post_payment(connection, creditor, half, books.booking(), to=[(books.invoice(connection, second, "F4", "100.00"), None)])
            plans.propose(connection, second, [books.invoice(connection, second, "F3", "5000.00")], policy.default(), AT)
        yield engine
    current.cache_clear()


def test_an_agreement_is_written_and_kept_once(engine: Engine) -> None:
    for _ in range(2):
        assert main(["receivables", "paper", "agreement", "1", "--keep", "-o", "a.pdf"]) == 0
    said = written(Path("a.pdf").read_bytes())
    assert "1.210,00" in said.replace("\u00a0", " ")
    assert not [word for word in ("Controlecode", "akkoord?") if word in said]
    with reading(engine) as connection:
        (row,) = connection.execute(select(PAPERS)).all()
    assert (row.kind, row.data) == ("agreement", Path("a.pdf").read_bytes())


@pytest.mark.parametrize("form", ["html", "text"])
def test_thanks_name_the_payment(engine: Engine, form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["receivables", "paper", "thanks", "c1", "--format", form, "-o", "t"]) == 0
    assert "121,00" in Path("t").read_text("utf-8")
    assert not capfdbinary.readouterr().out


@pytest.mark.parametrize(
    "words",
    [("agreement", "2"), ("agreement", "99"), ("agreement", "x"), ("thanks", "c2"), ("thanks", "nobody"), ("thanks", "c1", "--keep")],
    ids=" ".join,
)
def test_what_cannot_be_written_is_refused(engine: Engine, words: tuple[str, ...]) -> None:
    assert main(["receivables", "paper", *words, "-o", "x"]) == 2
    assert not Path("x").exists()


def test_bytes_go_where_they_are_sent(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    assert main(["receivables", "paper", "agreement", "1"]) == 0
    assert out.buffer.getvalue().startswith(b"%PDF")


def test_nothing_is_written_to_who_is_insolvent(engine: Engine) -> None:
    from datetime import date

    from einvoice.receivables.store.tables import DEBTORS

    with connect(engine) as connection:
        connection.execute(DEBTORS.update().values(insolvent_on=date(2026, 10, 1)))
    for words in (("agreement", "1"), ("thanks", "c1")):
        assert main(["receivables", "paper", *words, "-o", "x"]) == 2
