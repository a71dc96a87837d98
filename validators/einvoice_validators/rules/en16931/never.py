"""The ids of the official artefacts that can never fire, in UBL and in CII, each with the reason: they are not to be mended."""

from __future__ import annotations

from einvoice_validators.rules.en16931 import never_cii_model, never_syntax, never_ubl_model

UBL: dict[str, str] = {**never_ubl_model.NEVER, **never_syntax.NEVER_UBL}
CII: dict[str, str] = {**never_cii_model.NEVER, **never_syntax.NEVER_CII}
