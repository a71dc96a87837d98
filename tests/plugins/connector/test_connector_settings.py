"""Settings of the connector: what is stated is read, what nobody knows is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.errors import SettingsError
from einvoice.settings import Secret
from einvoice_plugins.connector.cli import verbs
from einvoice_plugins.connector.settings import Files, Invoices, Ledger, Settings, View, load

ALL = """
folder = "hot"
[files]
settle = 0.5
ready = true
[invoices]
syntax = "cii"
profile = "xrechnung"
pdf = false
book = true
[ledger]
creditor = "acme"
columns = { "Rel.nr" = "debtor" }
ignore = ["*"]
dates = "DD-MM-YYYY"
[views.open]
url = "env:ERP"
query = "SELECT 1 AS id;"
key = "id"
kind = "invoices"
batch = 10
"""


def _load(folder: Path, text: str) -> Settings:
    place = folder / "connector.toml"
    place.write_text(text, "utf-8")
    return load(place)


def test_everything_that_is_stated_is_read(tmp_path: Path) -> None:
    assert _load(tmp_path, ALL) == Settings(
        tmp_path / "hot",
        Files(0.5, ready=True),
        Invoices(syntax="cii", profile="xrechnung", pdf=False, book=True),
        Ledger("acme", columns={"Rel.nr": "debtor"}, ignore=("*",), dates="DD-MM-YYYY"),
        (View("open", Secret("env:ERP"), "SELECT 1 AS id", "id", "invoices", 10),),
    )


def test_what_is_not_stated_is_the_default(tmp_path: Path) -> None:
    assert _load(tmp_path, "") == Settings(tmp_path)


def test_the_settings_to_begin_with_are_right(tmp_path: Path) -> None:
    assert _load(tmp_path, verbs._SETTINGS).invoices.profile == "peppol"
    assert _load(tmp_path, verbs._SETTINGS.replace("\n# ", "\n")).views[0].name == "open"


@pytest.mark.parametrize(
    "text",
    [
        "folders = 'x'",
        "folder = 7",
        "[file]\nsettle = 1",
        "[files]\nsettles = 1",
        "[files]\nsettle = 0",
        "[files]\nready = 1",
        "[invoices]\nprofile = 'none'",
        "[invoices]\nsend = 'yes'",
        "[ledger]\ndates = 'sometimes'",
        "[ledger]\nignore = 'x'",
        "[ledger]\ncolumns = ['x']",
        "files = 3",
        "views = 3",
        "[views.open]\nurl = 'env:ERP'",
        "[views.open]\nurl = 'postgresql://me:secret@host/erp'\nquery = 'SELECT 1'\nkey = 'id'\nkind = 'invoices'",
        "[views.open]\nurl = 'env:ERP'\nquery = 'DELETE FROM x'\nkey = 'id'\nkind = 'invoices'",
        "[views.open]\nurl = 'env:ERP'\nquery = 'SELECT 1; DELETE FROM x'\nkey = 'id'\nkind = 'invoices'",
        "[views.open]\nurl = 'env:ERP'\nquery = 'SELECT 1'\nkey = 'id; x'\nkind = 'invoices'",
        "[views.open]\nurl = 'env:ERP'\nquery = 'SELECT 1'\nkey = 'id'\nkind = 'orders'",
        "[views.'a b']\nurl = 'env:ERP'",
        "[views.open",
    ],
)
def test_what_is_wrong_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        _load(tmp_path, text)


def test_a_password_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        _load(tmp_path, "[views.open]\nurl = 'mysql://me:secret@host/erp'")
    assert "secret" not in str(raised.value)


def test_no_settings_name_the_mend(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="init"):
        load(tmp_path / "none.toml")
