"""eConnect, Recommand, Storecove, Billit: what may happen to a document, and whose hooks are believed, each beside its own server."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from einvoice.errors import PeppolError, SettingsError
from einvoice.outbox import State
from einvoice.settings import peppol as settings
from einvoice.settings.values import Secret
from einvoice_peppol.http import Client
from einvoice_peppol.providers import billit, econnect, recommand, storecove
from einvoice_peppol.providers.hooks import said
from einvoice_peppol.providers.keys import guid
from einvoice_peppol.providers.port import Call, Untrusted
from einvoice_peppol.providers.storecove import SCHEMES
from einvoice_peppol.providers.texts import text
from tests.providers.peppol.cases import CASES, NOW, Case, beside, submission
from tests.providers.peppol.trying import believed, tried

ALL = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
_KEY = Secret("env:A_KEY_THAT_IS_NOT_SET")


@ALL
def test_what_may_happen_to_a_document_is_known_for_what_it_is(case: Case, tmp_path: Path) -> None:
    found = tried(case, tmp_path)
    assert [name for name, is_right in found.items() if not is_right] == []
    assert len(found) == 14


@ALL
def test_only_the_providers_own_hooks_are_believed(case: Case, tmp_path: Path) -> None:
    good, forged = believed(case, tmp_path)
    assert good == 1
    assert [name for name, is_refused in forged.items() if not is_refused] == []
    assert len(forged) >= 6


@ALL
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'"text"', b"[" * 100_000], ids=["empty", "list", "cut", "bytes", "text", "deep"]
)
def test_a_hook_of_theirs_that_holds_no_object_is_refused(case: Case, tmp_path: Path, body: bytes) -> None:
    with beside(case, tmp_path) as (_, provider):
        with pytest.raises(PeppolError) as fault:
            provider.hear(case.stamped(body, NOW), NOW)
        assert not isinstance(fault.value, Untrusted)


@ALL
def test_a_hook_heard_twice_is_one(case: Case, tmp_path: Path) -> None:
    with beside(case, tmp_path) as (_, provider):
        first, second = (provider.hear(case.hook("7d6f2a1c", NOW), NOW) for _ in range(2))
        assert first[0].key == second[0].key


@ALL
def test_a_secret_that_is_no_longer_to_be_had_plans_the_document_again(case: Case, tmp_path: Path) -> None:
    with case.service().served() as base:
        outcome = case.adapter(base, lambda _: _KEY, 20.0).send(submission())
    assert outcome.state is State.PLANNED


def test_without_a_secret_nothing_of_a_hook_is_believed() -> None:
    made = (
        econnect.of(settings.EConnect("client", _KEY, "0106:12345678"), Client()),
        recommand.of(settings.Recommand("key", _KEY, "c_01"), Client()),
        storecove.of(settings.Storecove(_KEY, "290868"), Client()),
        billit.of(settings.Billit(_KEY, "574991"), Client()),
    )
    for provider in made:
        assert provider is not None
        with pytest.raises(Untrusted):
            provider.hear(Call({}, b"{}", "/peppol/hooks/x?secret="), NOW)


def test_a_provider_without_a_key_is_not_used() -> None:
    assert econnect.of(settings.EConnect(), Client()) is None
    assert recommand.of(settings.Recommand(), Client()) is None
    assert storecove.of(settings.Storecove(), Client()) is None
    assert billit.of(settings.Billit(), Client()) is None


def test_half_a_providers_settings_are_an_error_of_theirs() -> None:
    for section in (settings.EConnect("client"), settings.EConnect("client", _KEY), settings.EConnect("client", _KEY, "")):
        with pytest.raises(SettingsError):
            econnect.of(section, Client())
    for other in (settings.Recommand("key"), settings.Recommand("key", _KEY), settings.Recommand("key", _KEY, "")):
        with pytest.raises(SettingsError):
            recommand.of(other, Client())
    for entity in (None, "", "our entity", "²"):
        with pytest.raises(SettingsError):
            storecove.of(settings.Storecove(_KEY, entity), Client())
        with pytest.raises(SettingsError):
            billit.of(settings.Billit(_KEY, entity), Client())


def test_a_key_is_the_same_guid_always_and_another_key_another() -> None:
    assert guid("peppol:1") == guid("peppol:1") == "80d0ed68-ccec-572b-8f83-946fa4bb5416"
    assert len({guid(f"peppol:{number}") for number in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<a/>", "<a/>"),
        (b'<?xml version="1.0" encoding="UTF-8"?><a/>', '<?xml version="1.0" encoding="UTF-8"?><a/>'),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "<a>é</a>"),
        (b"<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>", "<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xc3\xa9</a>', None),
        (b"<a>\xe9</a>", None),
        ("<a/>".encode("utf-16"), None),
    ],
)
def test_a_document_goes_as_text_only_where_it_is_utf_8(data: bytes, found: str | None) -> None:
    assert text(data) == found


def test_a_long_hook_is_proven_by_its_hash() -> None:
    assert said(b"{}") == "{}"
    assert said(b"x" * 100_001).startswith("sha256 ")


def test_the_page_says_what_is_so() -> None:
    page = (Path(__file__).parents[2] / "docs" / "peppol-providers-more.md").read_text("utf-8")
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)]
    read = {name for block in blocks for name, section in block.items() if [settings.READS[name][key](section[key]) for key in section]}
    assert read == set(CASES)
    assert [code for code in SCHEMES if f"`{code}`" not in page] == []
