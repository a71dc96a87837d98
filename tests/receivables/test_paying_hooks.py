"""Webhooks of payment providers: believed with a right signature only, once, and in time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from einvoice.errors import ReceivablesError
from einvoice.receivables.incoming.hooks.mollie import MollieHook
from einvoice.receivables.incoming.hooks.stripe import StripeHook
from einvoice.receivables.incoming.port import News, Request, Untrusted
from einvoice.receivables.paying.providers import hooks, providers
from einvoice.settings import Secret, Settings
from einvoice.settings.providers import Mollie, Stripe
from tests.providers import mollie, stripe
from tests.receivables.paying_worlds import NOW, SECRET

_SESSION = {"id": "cs_test_a1", "payment_intent": "pi_1"}


def test_the_classic_webhook_tells_an_id_and_nothing_is_believed_of_it() -> None:
    (news,) = MollieHook().heard(mollie.classic("tr_abc"), NOW).news
    assert (news.kind, news.provider) == ("payment", "tr_abc")
    (later,) = MollieHook().heard(mollie.classic("tr_abc"), NOW + timedelta(seconds=1)).news
    assert news.key != later.key


@pytest.mark.parametrize("body", [b"", b"id=", b"id=cs_1", b"id=tr_../x", b"\xff", b"id=tr_" + b"a" * 5_000, b"a=1&" * 20 + b"id=tr_a"])
def test_what_is_no_webhook_of_mollie_is_refused(body: bytes) -> None:
    with pytest.raises(ReceivablesError):
        MollieHook().heard(Request("POST", "https://x/hooks/mollie", {"content-type": "application/x-www-form-urlencoded"}, body), NOW)


def test_the_newer_webhook_is_believed_by_its_signature() -> None:
    signed = mollie.event("tr_abc", SECRET)
    (news,) = MollieHook(SECRET).heard(signed, NOW).news
    assert (news.key, news.provider, news.text) == ("event_1", "tr_abc", "payment.paid")
    bare = signed._replace(headers={**signed.headers, "x-mollie-signature": signed.headers["x-mollie-signature"].removeprefix("sha256=")})
    assert MollieHook(SECRET).heard(bare, NOW).news == (news,)


@pytest.mark.parametrize("signature", [None, "", "sha256=", "sha256=" + "0" * 64, "ä"])
def test_the_newer_webhook_without_a_right_signature_is_not(signature: str | None) -> None:
    signed = mollie.event("tr_abc", SECRET)
    headers = {name: value for name, value in signed.headers.items() if name != "x-mollie-signature"}
    if signature is not None:
        headers["x-mollie-signature"] = signature
    with pytest.raises(Untrusted):
        MollieHook(SECRET).heard(signed._replace(headers=headers), NOW)
    with pytest.raises(Untrusted):
        MollieHook().heard(signed, NOW)
    with pytest.raises(Untrusted):
        MollieHook(SECRET).heard(signed._replace(body=signed.body + b" "), NOW)


def test_a_snapshot_of_a_payment_is_news_each_time_it_changes() -> None:
    made: list[News] = []
    for status in ("open", "paid"):
        body = json.dumps({"resource": "payment", "id": "tr_abc", "status": status}).encode()
        import hashlib
        import hmac

        headers = {"content-type": "application/json", "x-mollie-signature": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
        made += MollieHook(SECRET).heard(Request("POST", "https://x/hooks/mollie", headers, body), NOW).news
    assert [news.provider for news in made] == ["tr_abc", "tr_abc"]
    assert len({news.key for news in made}) == 2


def test_events_about_other_things_tell_nothing() -> None:
    assert MollieHook(SECRET).heard(mollie.event("pl_abc", SECRET, kind="payment-link.paid"), NOW).news == ()
    assert StripeHook(SECRET).heard(stripe.event("invoice.paid", {"id": "in_1"}, SECRET, NOW), NOW).news == ()
    assert StripeHook(SECRET).heard(stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": None}, SECRET, NOW), NOW).news == ()


@pytest.mark.parametrize(
    ("kind", "ref"),
    [
        ("checkout.session.completed", "cs_test_a1"),
        ("checkout.session.async_payment_succeeded", "cs_test_a1"),
        ("checkout.session.async_payment_failed", "cs_test_a1"),
        ("checkout.session.expired", "cs_test_a1"),
        ("charge.refunded", "pi_1"),
        ("refund.updated", "pi_1"),
        ("charge.dispute.created", "pi_1"),
        ("charge.dispute.closed", "pi_1"),
        ("charge.dispute.funds_reinstated", "pi_1"),
    ],
)
def test_events_of_stripe_name_what_changed(kind: str, ref: str) -> None:
    (news,) = StripeHook(SECRET).heard(stripe.event(kind, _SESSION, SECRET, NOW, 7), NOW).news
    assert (news.key, news.kind, news.provider, news.text) == ("evt_7", "payment", ref, kind)


@pytest.mark.parametrize("change", [{"age": 301}, {"age": -301}, {"scheme": "v0"}])
def test_old_events_and_other_schemes_are_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(Untrusted):
        StripeHook(SECRET).heard(stripe.event("charge.refunded", _SESSION, SECRET, NOW, **change), NOW)
    assert StripeHook(SECRET).heard(stripe.event("charge.refunded", _SESSION, SECRET, NOW, age=299), NOW).news


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "t=1,v1=ä", "t=99999999999999,v1=00"])
def test_events_without_a_right_signature_are_not_believed(header: str | None) -> None:
    signed = stripe.event("charge.refunded", _SESSION, SECRET, NOW)
    headers = {"stripe-signature": header} if header is not None else {}
    with pytest.raises(Untrusted):
        StripeHook(SECRET).heard(signed._replace(headers=headers), NOW)
    with pytest.raises(Untrusted):
        StripeHook("other").heard(signed, NOW)
    with pytest.raises(Untrusted):
        StripeHook(SECRET).heard(signed._replace(body=signed.body.replace(b"pi_1", b"pi_2")), NOW)


def test_of_two_signatures_one_right_one_is_enough() -> None:
    signed = stripe.event("charge.refunded", _SESSION, SECRET, NOW)
    both = signed.headers["stripe-signature"].replace(",v1=", f",v1={'0' * 64},v1=")
    assert StripeHook(SECRET).heard(signed._replace(headers={"stripe-signature": both}), NOW).news


def test_the_settings_say_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAY_KEY", "test_key")
    key = Secret("env:PAY_KEY")
    assert providers(Settings()) == {}
    assert hooks(Settings()) == {}
    both = Settings(mollie=Mollie(key=key), stripe=Stripe(key=key))
    assert list(providers(both)) == ["mollie", "stripe"]
    assert list(hooks(both)) == ["mollie"]
    assert list(hooks(Settings(stripe=Stripe(key=key, webhook_secret=key)))) == ["stripe"]
