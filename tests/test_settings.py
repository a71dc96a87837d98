"""Settings: the file, the variables, which wins, and what a mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice import settings
from einvoice.errors import SettingsError, UnsafeXML
from einvoice.formats.guard import parse


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's own file nor his variables count."""
    monkeypatch.chdir(tmp_path)


def _load(**environ: str) -> settings.Settings:
    return settings.load({"HOME": "/nowhere", **environ})


def _file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_the_defaults_hold() -> None:
    assert _load() == settings.Settings()
    assert _load().documents.max_size == 100_000_000
    assert _load().file is None


def test_the_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    _file(tmp_path / "einvoice.toml", '[documents]\nmax_size = "5 MB"\n')
    assert _load().documents.max_size == 5_000_000
    assert _load(EINVOICE_DOCUMENTS_MAX_SIZE="7000").documents.max_size == 7_000


def test_the_named_file_comes_first_then_here_then_the_user_s(tmp_path: Path) -> None:
    users = _file(tmp_path / "config" / "einvoice" / "einvoice.toml", "[documents]\nmax_size = 1\n")
    places = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "APPDATA": str(tmp_path / "config")}
    assert _load(**places).file == users
    _file(tmp_path / "einvoice.toml", "[documents]\nmax_size = 2\n")
    assert _load(**places).documents.max_size == 2
    named = _file(tmp_path / "other.toml", "[documents]\nmax_size = 3\n")
    assert _load(**places, EINVOICE_CONFIG=str(named)).documents.max_size == 3


@pytest.mark.parametrize(("text", "size"), [(1, 1), ("12", 12), ("100 MB", 10**8), ("1.gb", None), ("3KiB", 3_072), (" 2 gb ", 2 * 10**9)])
def test_sizes(text: object, size: int | None) -> None:
    if size is None:
        with pytest.raises(ValueError, match="size"):
            settings.size(text)
    else:
        assert settings.size(text) == size


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "", "ten", "10 MBit", "٣", None, []])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match="size"):
        settings.size(value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[document]\nmax_size = 1\n", "documents"),
        ("[documents]\nmaxsize = 1\n", "max_size"),
        ("[documents]\nmax_size = 'huge'\n", "100 MB"),
        ("[zebra]\nx = 1\n", "documents"),
        ("[file]\nx = 1\n", "documents"),
        ("max_size = 1\n", "section"),
        ("[documents\n", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_names_the_file_and_the_mend(tmp_path: Path, text: str, hint: str) -> None:
    _file(tmp_path / "einvoice.toml", text)
    with pytest.raises(SettingsError, match=hint) as caught:
        _load()
    assert "einvoice.toml" in str(caught.value)


def test_a_mistake_in_a_variable_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="EINVOICE_DOCUMENTS_MAX_SIZE"):
        _load(EINVOICE_DOCUMENTS_MAXSIZE="1")
    with pytest.raises(SettingsError, match="EINVOICE_DOCUMENTS_MAX_SIZE"):
        _load(EINVOICE_DOCUMENTS_MAX_SIZE="all")
    assert _load(EINVOICE_SCALE="0.1") == settings.Settings()


def test_a_file_that_is_named_but_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        _load(EINVOICE_CONFIG=str(tmp_path / "absent.toml"))


def test_the_limit_governs_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_DOCUMENTS_MAX_SIZE", "1 kB")
    settings.current.cache_clear()
    try:
        with pytest.raises(UnsafeXML, match="max_size"):
            parse(b"<a>" + b" " * 1_000)
    finally:
        settings.current.cache_clear()


WHOLE = """
[database]
url = "postgresql://einvoice@localhost/einvoice"
password = "env:DATABASE_PASSWORD"
[sending]
mode = "redirect"
redirect = "test@example.com"
workers = 4
[smtp]
host = "mail.example.com"
port = 465
security = "tls"
user = "us"
password = "file:/run/secrets/smtp"
sender = "invoices@example.com"
timeout = 5
[receivables]
policy = "/etc/policy.yaml"
creditor = "us"
portal_url = "https://portal.example.com/"
print_folder = "/var/print"
templates = "/etc/templates"
[webhooks.shop]
url = "https://shop.example.com/hook?x=1"
secret = ["env:HOOK", "env:HOOK_BEFORE"]
events = ["dispute.*", "invoice.sent"]
[webhooks.local]
url = "http://127.0.0.1:8080/"
secret = "env:HOOK"
"""


def test_every_section(tmp_path: Path) -> None:
    _file(tmp_path / "einvoice.toml", WHOLE)
    found = _load()
    assert found.database == settings.Database("postgresql://einvoice@localhost/einvoice", settings.Secret("env:DATABASE_PASSWORD"))
    assert found.sending == settings.Sending("redirect", "test@example.com", 4)
    assert found.smtp[:5] == ("mail.example.com", 465, "tls", "us", settings.Secret("file:/run/secrets/smtp"))
    assert found.smtp[5:] == ("invoices@example.com", 5)
    assert found.receivables.policy == Path("/etc/policy.yaml")
    assert [hook.name for hook in found.webhooks] == ["shop", "local"]
    assert found.webhooks[0].secret == (settings.Secret("env:HOOK"), settings.Secret("env:HOOK_BEFORE"))
    assert found.webhooks[1].events == ("*",)
    assert _load(EINVOICE_SMTP_PORT="25", EINVOICE_SENDING_MODE="dry_run").smtp.port == 25


PLAIN = [
    ("[smtp]\npassword = 'SWORDFISH'\n", "password"),
    ("[smtp]\npassword = 'env:SWORD FISH'\n", "password"),
    ("[smtp]\npassword = 'file:SWORDFISH'\n", "password"),
    ("[smtp]\npassword = ['SWORDFISH']\n", "password"),
    ("[database]\npassword = 'SWORDFISH'\n", "password"),
    ("[database]\nurl = 'postgresql://us:SWORDFISH@host/x'\n", "url"),
    ("[database]\nurl = 'postgresql://host/x?user=us&password=SWORDFISH'\n", "url"),
    ("[database]\nurl = 'postgresql:us:SWORDFISH@host'\n", "url"),
    ("[webhooks.a]\nsecret = 'whsec_SWORDFISH'\n", "secret"),
    ("[webhooks.a]\nurl = 'https://us:SWORDFISH@host/'\n", "url"),
    ("[smtp]\npasword = 'SWORDFISH'\n", "pasword"),
]


@pytest.mark.parametrize(("text", "key"), PLAIN)
def test_a_plain_secret_is_refused_and_never_repeated(tmp_path: Path, text: str, key: str) -> None:
    _file(tmp_path / "einvoice.toml", text)
    with pytest.raises(SettingsError, match=key) as caught:
        _load()
    assert "FISH" not in str(caught.value)
    assert "einvoice.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["EINVOICE_SMTP_PASSWORD", "EINVOICE_DATABASE_PASSWORD", "EINVOICE_DATABASE_URL"])
def test_a_plain_secret_in_a_variable_is_refused_too(name: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        _load(**{name: "postgresql://us:SWORDFISH@host/x" if name.endswith("URL") else "SWORDFISH"})
    assert "FISH" not in str(caught.value)


def test_a_secret_is_revealed_by_reveal_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_SECRET", "SWORDFISH")
    kept = _file(tmp_path / "secret", "TROUT\n")
    references = {"EINVOICE_SMTP_PASSWORD": "env:SMTP_SECRET", "EINVOICE_DATABASE_PASSWORD": f"file:{kept}"}
    found = _load(**references)
    for shown in (repr(found), str(found.smtp), f"{found.smtp.password}", str(found._asdict())):
        assert "SWORDFISH" not in shown
        assert "TROUT" not in shown
    assert found.smtp.password is not None
    assert found.smtp.password.reveal() == "SWORDFISH"
    assert found.database.password is not None
    assert found.database.password.reveal() == "TROUT"


@pytest.mark.parametrize("reference", ["env:NOT_SET", "file:/nowhere/secret"])
def test_a_reference_to_nothing_names_itself(reference: str) -> None:
    with pytest.raises(SettingsError, match=reference):
        settings.Secret(reference).reveal()


def test_the_address_of_the_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("WHOLE_URL", "postgresql://us:p@host/x")
    monkeypatch.setenv("ONLY_PASSWORD", "p@ss/word")
    assert _load().database.address() == f"sqlite:///{tmp_path / 'einvoice' / 'einvoice.db'}"
    assert _load(EINVOICE_DATABASE_URL="env:WHOLE_URL").database.address() == "postgresql://us:p@host/x"
    password = {"EINVOICE_DATABASE_PASSWORD": "env:ONLY_PASSWORD"}
    with_password = _load(EINVOICE_DATABASE_URL="postgresql://us@host/x", **password)
    assert with_password.database.address() == "postgresql://us:p%40ss%2Fword@host/x"
    with pytest.raises(SettingsError, match="names no user"):
        _load(EINVOICE_DATABASE_URL="sqlite:///x.db", **password).database.address()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[sending]\nmode = 'loud'\n", "dry_run, redirect, live"),
        ("[sending]\nworkers = 0\n", "from 1 to 64"),
        ("[sending]\nworkers = true\n", "from 1 to 64"),
        ("[smtp]\nport = 70000\n", "from 1 to 65535"),
        ("[smtp]\nhost = ''\n", "not empty"),
        ("[receivables]\nportal_url = 'http://example.com'\n", "https://"),
        ("[webhooks]\nurl = 'https://example.com'\n", "has no keys"),
        ("[webhooks.a]\nurl = 'https://example.com'\n", "lacks secret"),
        ("[webhooks.a]\nsecret = 'env:X'\n", "lacks url"),
        ("[webhooks.a]\nevent = ['*']\n", "did you mean events"),
        ("[webhooks.a]\nevents = []\n", "invoice.sent"),
        ("[webhook.a]\nevents = []\n", "did you mean webhooks"),
    ],
)
def test_mistakes_in_the_later_sections(tmp_path: Path, text: str, hint: str) -> None:
    _file(tmp_path / "einvoice.toml", text)
    with pytest.raises(SettingsError, match=hint):
        _load()


def test_the_table_names_every_setting() -> None:
    lines = (settings.__doc__ or "").splitlines()
    told = {line.split("|")[1].strip() for line in lines if line.startswith("| [")}
    assert told == {f"[{section}] {key}" for section, keys in settings.READS.items() for key in keys} | {
        f"[{section}.NAME] {key}" for section, kind in settings.NAMED.items() for key in kind.reads
    }
