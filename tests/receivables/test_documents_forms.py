"""Forms of messages: every document in every language as text, mail and letter, read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.receivables.documents import forms, mail, sample
from einvoice.receivables.documents.templates import init, load
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.rendering.house import House
from einvoice.rendering.house import load as house_of
from tests.receivables.forms_samples import cases, wrong, wrong_mail

HOUSE = Path(__file__).parents[2] / "docs" / "pictures" / "house"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_is_read_back_as_it_was_composed(language: str) -> None:
    house = house_of(HOUSE) if language in ("nl", "fr") else House()
    found = {case.name: faults for case in cases((language,)) if (faults := wrong(case, house))}
    assert found == {}
    assert len(list(cases((language,)))) == 15


def test_a_form_that_lacks_something_is_found_wrong() -> None:
    content = sample.message("reminder", "en", None, 1, "email", load(None))
    page = mail.page(content, House())
    assert wrong_mail(page, content) == []
    assert wrong_mail(page._replace(html=page.html.replace(content.greeting, "")), content)
    assert wrong_mail(page._replace(html=page.html.replace("</body>", "<script></script></body>")), content)
    assert wrong_mail(page._replace(pictures=()), content)
    assert wrong_mail(page, content._replace(transfer=content.transfer and content.transfer._replace(qr="BCD")))


def test_layouts_of_the_release_pass_and_files_of_another_name_are_found(tmp_path: Path) -> None:
    init(tmp_path)
    assert list(forms.check(tmp_path)) == []
    (tmp_path / "layouts" / "mial.html").write_text("x")
    found = list(forms.check(tmp_path))
    assert [finding.code for finding in found] == ["unknown-layout"]
    assert "mail.html" in found[0].mend


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mail.html", "<p>{{ content.subjct }}</p>"),
        ("mail.html", "{% for %}"),
        ("mail.html", "{{ content.__class__.__mro__ }}"),
        ("letter.typ", "#foo"),
        ("letter.typ", '#image("/etc/passwd")'),
        ("labels.toml", "en = "),
    ],
)
def test_a_broken_layout_is_found_with_its_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / name).write_text(text)
    found = [finding for finding in forms.check(tmp_path) if finding.code == "broken-layout"]
    assert found
    assert all(str(finding.place).endswith(name) or name in str(finding) for finding in found[:1])


def test_a_layout_of_the_users_wins(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "mail.html").write_text("<html><body>ours: {{ content.subject }}</body></html>")
    (tmp_path / "layouts" / "labels.toml").write_text('[en]\ncode = "Proof"\n')
    templates = load(tmp_path)
    content = sample.message("reminder", "en", None, 1, "email", templates)
    assert forms.html(content, House(), templates) == f"<html><body>ours: {content.subject}</body></html>"
    assert content.template != sample.message("reminder", "en", None, 1, "email", load(None)).template


def test_every_text_is_escaped() -> None:
    evil = '<script>alert("x")</script>'
    content = sample.message("reminder", "en", None, 1, "email", load(None))
    table = content.table
    assert table is not None
    cells = (evil, *table.lines[0].cells[1:])
    made = content._replace(
        subject=evil, greeting=evil, opening=(evil,), remarks=(evil,), signature=(evil,), contact=evil, closing=evil, check=evil,
        table=table._replace(columns=(evil, *table.columns[1:]), lines=(table.lines[0]._replace(cells=cells), *table.lines[1:])),
    )  # fmt: skip
    page = forms.html(made, House())
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10


def test_a_mail_looked_at_outside_a_mail_program_holds_its_pictures() -> None:
    content = sample.message("reminder", "en", None, 1, "email", load(None))
    page = forms.html(content, house_of(HOUSE))
    assert page.count('src="data:image/png;base64,') == 2
    assert "cid:" not in page
