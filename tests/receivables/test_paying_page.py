"""The page behind a link to pay: what is open now, in four languages, and nothing that is nobody's business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import update

from einvoice.database import connect
from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.paying import links
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, INVOICES
from einvoice.settings import Settings
from tests.providers.paying import Reply
from tests.receivables import books
from tests.receivables.paying_pages import Browser, served
from tests.receivables.paying_worlds import Shop, shop


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Browser]]:
    """A shop that nobody changes, and its page."""
    with shop(tmp_path_factory.mktemp("page")) as made, served(made) as browser:
        yield made, browser


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Shop, Browser]]:
    """A shop of one's own."""
    with shop(tmp_path) as made, served(made) as browser:
        yield made, browser


def _pays(made: Shop, amount: str, invoice: int | None) -> None:
    with connect(made.engine) as connection:
        money = PaymentIn(f"t{amount}", Decimal(amount), "EUR", books.DAY, made.debtor)
        to: Any = [(made.invoices[invoice], None)] if invoice is not None else None
        post_payment(connection, made.creditor, money, books.booking(), to=to)


def test_it_shows_what_is_open_and_how_to_pay(base: tuple[Shop, Browser]) -> None:
    made, browser = base
    page = browser.get(f"/pay/{made.token}")
    assert page.status == 200
    assert 'lang="nl"' in page.text
    assert [each in page.text for each in ("€\xa0200,53", "F1", "€\xa0121,00", "F2", "BE71 0961 2345 6769", "<svg")] == [True] * 6
    assert page.buttons == ["mollie", "stripe"]
    assert "Customer" not in page.text
    assert "finance@" not in page.text


@pytest.mark.parametrize(("language", "amount"), [("en", "€200.53"), ("nl", "€\xa0200,53"), ("de", "200,53\xa0€"), ("fr", "200,53\xa0€")])
def test_in_four_languages(base: tuple[Shop, Browser], language: str, amount: str) -> None:
    made, browser = base
    page = browser.get(f"/pay/{made.token}?language={language}")
    assert f'lang="{language}"' in page.text
    assert amount in page.text
    assert f'action="?language={language}"' in page.text
    assert "{" not in re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)


def test_the_code_says_amount_and_account(base: tuple[Shop, Browser]) -> None:
    made, browser = base
    from einvoice.rendering import qr
    from einvoice.rendering.epc import epc

    code = epc("Creditor acme", "BE71096123456769", None, Decimal("200.53"), text="F1 F2").text
    assert code.splitlines()[7] == "EUR200.53"
    assert qr.svg(code) in browser.get(f"/pay/{made.token}").text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_it_is_closed_and_accessible(base: tuple[Shop, Browser]) -> None:
    made, browser = base
    page = browser.get(f"/pay/{made.token}")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    parsed = _Tags()
    parsed.feed(page.text)
    names = [tag for tag, _ in parsed.tags]
    assert not {"script", "iframe", "img", "link"} & {*names}
    assert not any(name.startswith("on") or name == "style" for tag, attributes in parsed.tags for name in attributes if tag != "svg")
    assert (names.count("h1"), names.count("main"), names.count("html")) == (1, 1, 1)
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")
    ids = {attributes["id"] for _, attributes in parsed.tags if "id" in attributes}
    assert {attributes["aria-labelledby"] for tag, attributes in parsed.tags if tag == "section"} <= ids
    assert (
        "div",
        {"class": "code", "role": "img", "aria-label": next(a["aria-label"] for _, a in parsed.tags if a.get("class") == "code")},
    ) in parsed.tags


def test_names_are_escaped(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    with connect(made.engine) as connection:
        connection.execute(update(CREDITORS).values(name="<b>&Co"))
        connection.execute(update(INVOICES).where(INVOICES.c.id == made.invoices[0]).values(number='"><script>'))
    page = browser.get(f"/pay/{made.token}")
    assert "<b>" not in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("token", ["a" * 32, "A" * 32, "x", "%00", "..%2f..%2fetc", "é", "a" * 31 + "1", "a" * 300])
def test_unknown_tokens_are_answered_alike(base: tuple[Shop, Browser], token: str) -> None:
    _, browser = base
    from urllib.parse import quote

    first, this = browser.get(f"/pay/{'b' * 32}"), browser.get(f"/pay/{quote(token, safe='%')}")
    assert (first.status, first.text, first.headers.keys()) == (404, this.text, this.headers.keys()) or this.text == "Not Found"
    assert this.status == 404
    assert browser.press(f"/pay/{'b' * 32}", "mollie").text == first.text


def test_what_is_paid_or_covered_is_not_asked_for(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    _pays(made, "121.00", 0)
    page = browser.get(f"/pay/{made.token}?language=en")
    assert "€79.53" in page.text
    assert "F1" not in page.text
    _pays(made, "79.50", None)
    assert "€0.03" in browser.get(f"/pay/{made.token}?language=en").text
    _pays(made, "0.03", None)
    page = browser.get(f"/pay/{made.token}?language=en")
    assert ("Paid. Thank you." in page.text, page.buttons, "<svg" in page.text) == (True, [], False)


def test_pressing_a_button_leads_to_the_provider(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    page = browser.press(f"/pay/{made.token}", "mollie", Sec_Fetch_Site="same-origin")
    assert page.status == 200
    url = made.rows()[0].url
    assert f'content="0; url={url}"' in page.text
    assert f'href="{url}"' in page.text
    assert browser.press(f"/pay/{made.token}", "mollie", Origin="https://pay.example").status == 200
    assert len(made.rows()) == 1


@pytest.mark.parametrize(
    "headers", [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_forms_of_other_pages_are_refused(here: tuple[Shop, Browser], headers: dict[str, str]) -> None:
    made, browser = here
    assert browser.press(f"/pay/{made.token}", "mollie", **headers).status == 403
    assert made.rows() == []


def test_back_from_the_provider_it_is_paid_and_reminders_stop(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    browser.press(f"/pay/{made.token}", "stripe")
    assert browser.get(f"/pay/{made.token}").buttons == ["mollie", "stripe"]
    made.stripe.pay(made.ref())
    _again(made, browser)
    assert made.open() == [Decimal("0.00")] * 2


def _again(made: Shop, browser: Browser) -> None:
    """Returns five seconds later: a provider is not asked more often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("einvoice.serving.pay.monotonic", lambda: monotonic() + 6)
        assert browser.get(f"/pay/{made.token}").buttons == []


def test_while_a_payment_is_under_way_there_is_no_button(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    browser.press(f"/pay/{made.token}", "stripe")
    made.stripe.pay(made.ref(), later=True)
    browser.get(f"/pay/{made.token}")
    page = browser.get(f"/pay/{made.token}?language=en")
    assert (page.buttons, "<svg" in page.text, "under way" in page.text) == ([], False, True)
    assert browser.press(f"/pay/{made.token}", "mollie").status == 409


def test_a_provider_in_trouble_is_told_without_its_words(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    made.mollie.trouble = [Reply(500, {"detail": "secret"}), Reply(500, {})]
    page = browser.press(f"/pay/{made.token}", "mollie")
    assert (page.status, "secret" in page.text, page.buttons) == (503, False, ["mollie", "stripe"])
    assert browser.press(f"/pay/{made.token}", "paypal").status == 400


def test_without_the_address_of_the_hooks_nothing_is_offered(tmp_path: Path) -> None:
    with shop(tmp_path) as made, served(made, Settings()) as browser:
        page = browser.get(f"/pay/{made.token}")
        assert (page.buttons, "BE71" in page.text) == ([], True)
        assert browser.press(f"/pay/{made.token}", "mollie").status == 400


def test_who_asks_too_often_waits(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    statuses = [browser.press(f"/pay/{made.token}", "mollie").status for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    looks = [browser.get(f"/pay/{made.token}").status for _ in range(61)]
    assert (looks.count(200), looks[-1]) == (60, 429)
    assert browser.press(f"/pay/{made.token}", "mollie").headers["retry-after"] == "60"


def test_bodies_have_an_end(here: tuple[Shop, Browser]) -> None:
    made, browser = here
    assert browser.press(f"/pay/{made.token}", "m" * 10_000).status == 413


def test_a_link_is_kept_once(here: tuple[Shop, Browser]) -> None:
    made, _ = here
    with connect(made.engine) as connection:
        row = links.row(made.creditor, made.debtor, made.invoices[:1], "EUR", None, "fr", made.token, books.DAY)
        links.keep(connection, [row, row])
        found = links.asked(connection, made.token)
        assert found is not None
        assert (found.language, len(found.owed)) == ("nl", 2)
        connection.execute(update(DEBTORS).values(name="x"))
    assert links.url("https://pay.example/", made.token) == f"https://pay.example/pay/{made.token}"
