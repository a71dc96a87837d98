"""Writes countries.json: the names of the countries in four languages, as Unicode CLDR has them, which Babel carries.

`python -m einvoice.rendering.countries_derive` needs the package Babel. The codes are those of the code list `iso-3166-1`; for the three
that are no ISO codes the names are ours. AN, which ISO withdrew, has no name there.
"""

from __future__ import annotations

import json
from pathlib import Path

from einvoice_schemas.codelists import code_list
from einvoice_schemas.terms import LANGUAGES

OTHERS = {
    "1A": {"en": "Kosovo", "nl": "Kosovo", "de": "Kosovo", "fr": "Kosovo"},
    "EL": {"en": "Greece", "nl": "Griekenland", "de": "Griechenland", "fr": "Grèce"},
    "XI": {"en": "Northern Ireland", "nl": "Noord-Ierland", "de": "Nordirland", "fr": "Irlande du Nord"},
}


def derive() -> dict[str, object]:
    """The table, as the file holds it."""
    import babel  # noqa: PLC0415 - only who derives the table needs it

    names = {language: babel.Locale(language).territories for language in LANGUAGES}
    known = [code for code in code_list("iso-3166-1").codes if code in OTHERS or code in names["en"]]
    codes = {code: OTHERS.get(code) or {language: names[language][code] for language in LANGUAGES} for code in known}
    return {
        "title": "Countries by ISO 3166-1 alpha-2, with 1A, EL and XI",
        "source": f"Unicode CLDR, territory names, as Babel {babel.__version__} carries them",
        "codes": codes,
    }


def main() -> None:
    """Writes the file anew."""
    table = derive()
    codes = table.pop("codes")
    assert isinstance(codes, dict)
    head = "".join(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in table.items())
    rows = ",\n".join(f"  {json.dumps(code)}: {json.dumps(row, ensure_ascii=False)}" for code, row in codes.items())
    Path(__file__).with_name("countries.json").write_text(f'{{\n{head} "codes": {{\n{rows}\n }}\n}}\n', "utf-8")


if __name__ == "__main__":
    main()
