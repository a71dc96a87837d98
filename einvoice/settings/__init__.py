"""Settings: one `einvoice.toml` and `EINVOICE_*` variables.

The file is the first of: the path in EINVOICE_CONFIG; `einvoice.toml` in the current directory; `einvoice.toml` in the
user's configuration folder (`$XDG_CONFIG_HOME/einvoice`, by default `~/.config/einvoice`; `%APPDATA%\\einvoice` on Windows).
Files are not merged. A variable `EINVOICE_<SECTION>_<KEY>` wins over the file, the file over the default. A key that does not
exist raises SettingsError, with the nearest that does; so does a variable that comes near the name of a setting, while other
`EINVOICE_*` variables are left to whoever reads them. Read once; `current.cache_clear()` forgets it.

| Setting | Variable | Default | Unit |
|---|---|---|---|
| [documents] max_size | EINVOICE_DOCUMENTS_MAX_SIZE | 100 MB | bytes, or text such as "100 MB" (10^6) or "100 MiB" (2^20) |
| [artefacts] folder | EINVOICE_ARTEFACTS_FOLDER or EINVOICE_ARTEFACTS | the user's data folder | a path; `~` is the home folder |
| [database] url | EINVOICE_DATABASE_URL | a file in the user's data folder | sqlite:///FILE, postgresql://USER@HOST/NAME, or a secret |
| [database] password | EINVOICE_DATABASE_PASSWORD | none | a secret |
| [sending] mode | EINVOICE_SENDING_MODE | live | the most that the database's own mode may be: dry_run, redirect or live |
| [sending] redirect | EINVOICE_SENDING_REDIRECT | the database's | where everything goes while the mode is redirect |
| [sending] workers | EINVOICE_SENDING_WORKERS | 2 | threads that send, 1 to 64 |
| [sending] pace | EINVOICE_SENDING_PACE | no limit | how fast a channel may send, such as ["sms 60/minute"] |
| [smtp] host | EINVOICE_SMTP_HOST | none: no e-mail is sent | a name or an address |
| [smtp] port | EINVOICE_SMTP_PORT | 587; 465 with tls, 25 with none | a number |
| [smtp] security | EINVOICE_SMTP_SECURITY | starttls | starttls, tls or none |
| [smtp] user | EINVOICE_SMTP_USER | none | text |
| [smtp] password | EINVOICE_SMTP_PASSWORD | none | a secret |
| [smtp] sender | EINVOICE_SMTP_SENDER | none | the address that mail comes from and bounces go to |
| [smtp] timeout | EINVOICE_SMTP_TIMEOUT | 30 | seconds, 1 to 600 |
| [receivables] policy | EINVOICE_RECEIVABLES_POLICY | the policy of the package | a YAML file |
| [receivables] creditor | EINVOICE_RECEIVABLES_CREDITOR | the only one | the key of a creditor |
| [receivables] portal_url | EINVOICE_RECEIVABLES_PORTAL_URL | none | where debtors see their invoices, https |
| [receivables] print_folder | EINVOICE_RECEIVABLES_PRINT_FOLDER | none: no letter is written | a path |
| [receivables] templates | EINVOICE_RECEIVABLES_TEMPLATES | the templates of the package | a path |
| [rendering] templates | EINVOICE_RENDERING_TEMPLATES | the house style of the package | a folder with style.toml |
| [channels] email | EINVOICE_CHANNELS_EMAIL | smtp, where [smtp] has a host | smtp, apprise or folder |
| [channels] sms | EINVOICE_CHANNELS_SMS | none | twilio, messagebird, bird, apprise or folder |
| [channels] whatsapp | EINVOICE_CHANNELS_WHATSAPP | none | twilio, bird, whatsapp, apprise or folder |
| [channels] computer_call | EINVOICE_CHANNELS_COMPUTER_CALL | none | twilio or folder |
| [channels] letter | EINVOICE_CHANNELS_LETTER | folder, where there is a print_folder | folder |
| [channels] registered_letter | EINVOICE_CHANNELS_REGISTERED_LETTER | folder, where there is a print_folder | folder |
| [channels] peppol | EINVOICE_CHANNELS_PEPPOL | none | folder |
| [channels] folder | EINVOICE_CHANNELS_FOLDER | print_folder | where channels that are `folder` leave their messages |
| [hooks] url | EINVOICE_HOOKS_URL | none | where providers and payers reach `einvoice serve --app hooks`, https |
| [bounces] maildir | EINVOICE_BOUNCES_MAILDIR | none | a Maildir that bounces arrive in |
| [bounces] host | EINVOICE_BOUNCES_HOST | none | an IMAP server that bounces arrive at |
| [bounces] port | EINVOICE_BOUNCES_PORT | 993; 143 with starttls or none | a number |
| [bounces] security | EINVOICE_BOUNCES_SECURITY | tls | starttls, tls or none |
| [bounces] user | EINVOICE_BOUNCES_USER | none | text |
| [bounces] password | EINVOICE_BOUNCES_PASSWORD | none | a secret |
| [bounces] mailbox | EINVOICE_BOUNCES_MAILBOX | INBOX | the folder on the server |
| [bounces] tagged | EINVOICE_BOUNCES_TAGGED | no | yes where mail to NAME+ANYTHING@… arrives there, too: bounces then name their message |
| [twilio] account | EINVOICE_TWILIO_ACCOUNT | none | the account's SID |
| [twilio] token | EINVOICE_TWILIO_TOKEN | none | a secret, the auth token |
| [twilio] sms_from | EINVOICE_TWILIO_SMS_FROM | none | the number or name that SMS come from |
| [twilio] whatsapp_from | EINVOICE_TWILIO_WHATSAPP_FROM | none | the number that WhatsApp messages come from |
| [twilio] voice_from | EINVOICE_TWILIO_VOICE_FROM | none | the number that calls come from |
| [twilio] api | EINVOICE_TWILIO_API | https://api.twilio.com | an address |
| [messagebird] key | EINVOICE_MESSAGEBIRD_KEY | none | a secret, the access key |
| [messagebird] originator | EINVOICE_MESSAGEBIRD_ORIGINATOR | none | the number or name that SMS come from |
| [messagebird] signing_key | EINVOICE_MESSAGEBIRD_SIGNING_KEY | none | a secret that its webhooks are signed with |
| [messagebird] api | EINVOICE_MESSAGEBIRD_API | https://rest.messagebird.com | an address |
| [bird] key | EINVOICE_BIRD_KEY | none | a secret, the access key |
| [bird] workspace | EINVOICE_BIRD_WORKSPACE | none | the workspace's id |
| [bird] sms_channel | EINVOICE_BIRD_SMS_CHANNEL | none | the id of the channel for SMS |
| [bird] whatsapp_channel | EINVOICE_BIRD_WHATSAPP_CHANNEL | none | the id of the channel for WhatsApp |
| [bird] signing_key | EINVOICE_BIRD_SIGNING_KEY | none | a secret that its webhooks are signed with |
| [bird] api | EINVOICE_BIRD_API | https://api.bird.com | an address |
| [whatsapp] token | EINVOICE_WHATSAPP_TOKEN | none | a secret, the access token of the WhatsApp Cloud API |
| [whatsapp] phone_number | EINVOICE_WHATSAPP_PHONE_NUMBER | none | the id of the sending phone number |
| [whatsapp] template | EINVOICE_WHATSAPP_TEMPLATE | none | the name of the approved template that carries the text |
| [whatsapp] app_secret | EINVOICE_WHATSAPP_APP_SECRET | none | a secret that its webhooks are signed with |
| [whatsapp] verify_token | EINVOICE_WHATSAPP_VERIFY_TOKEN | none | a secret that the webhook is set up with |
| [whatsapp] api | EINVOICE_WHATSAPP_API | https://graph.facebook.com | an address |
| [apprise] email | EINVOICE_APPRISE_EMAIL | none | a secret, the Apprise URL that the channel goes to |
| [apprise] sms | EINVOICE_APPRISE_SMS | none | the same |
| [apprise] whatsapp | EINVOICE_APPRISE_WHATSAPP | none | the same |
| [mollie] key | EINVOICE_MOLLIE_KEY | none | a secret, the API key |
| [mollie] api | EINVOICE_MOLLIE_API | https://api.mollie.com | an address |
| [mollie] webhook_secret | EINVOICE_MOLLIE_WEBHOOK_SECRET | none | a secret that its newer webhooks are signed with |
| [stripe] key | EINVOICE_STRIPE_KEY | none | a secret, the API key |
| [stripe] webhook_secret | EINVOICE_STRIPE_WEBHOOK_SECRET | none | a secret that its webhooks are signed with |
| [stripe] api | EINVOICE_STRIPE_API | https://api.stripe.com | an address |
| [peppol] network | EINVOICE_PEPPOL_NETWORK | test | test or production |
| [peppol] via | EINVOICE_PEPPOL_VIA | as4 | as4 (our access point), or peppyrus, e-invoice.be, econnect, recommand, storecove, billit |
| [peppol] certificate | EINVOICE_PEPPOL_CERTIFICATE | none | our certificate of the Peppol PKI, a PEM file |
| [peppol] key | EINVOICE_PEPPOL_KEY | none | its private key, a PEM file |
| [peppol] key_password | EINVOICE_PEPPOL_KEY_PASSWORD | none | a secret, where the key is encrypted |
| [peppol] trust | EINVOICE_PEPPOL_TRUST | the user's data folder | where `einvoice peppol trust install` puts trust anchors |
| [peppol] revocation | EINVOICE_PEPPOL_REVOCATION | required | required, or where_reachable: trusted where no responder answers |
| [peppol] participants | EINVOICE_PEPPOL_PARTICIPANTS | none | those that we receive for, such as ["0208:0123456789"] |
| [peppol] country | EINVOICE_PEPPOL_COUNTRY | none | the country of our end users (C1), where a document does not say it |
| [peppol] url | EINVOICE_PEPPOL_URL | none | where other access points reach ours |
| [peppol] spool | EINVOICE_PEPPOL_SPOOL | beside the database | where large messages are kept |
| [peppol] inbox | EINVOICE_PEPPOL_INBOX | none | a folder that documents received are handed to; without it they wait for a program |
| [peppol] max_size | EINVOICE_PEPPOL_MAX_SIZE | 200 MB | the largest document that is sent or received |
| [peppol] timeout | EINVOICE_PEPPOL_TIMEOUT | 60 | seconds that another access point may take for a step |
| [peppol] dns | EINVOICE_PEPPOL_DNS | the machine's | name servers to ask, such as ["127.0.0.1:5353"] |
| [peppol] zone | EINVOICE_PEPPOL_ZONE | the network's | another zone of the SML |
| [peppol] directory | EINVOICE_PEPPOL_DIRECTORY | the network's | another Peppol Directory |
| [peppol] mls | EINVOICE_PEPPOL_MLS | failures | whether a Message Level Status answers failures only, or always |
| [peppyrus] key | EINVOICE_PEPPYRUS_KEY | none | a secret, the API key |
| [peppyrus] api | EINVOICE_PEPPYRUS_API | https://api.peppyrus.be/v1 | an address |
| [peppyrus] webhook_secret | EINVOICE_PEPPYRUS_WEBHOOK_SECRET | none | a secret that its webhooks are checked with |
| [einvoicebe] key | EINVOICE_EINVOICEBE_KEY | none | a secret, the API key |
| [einvoicebe] api | EINVOICE_EINVOICEBE_API | https://api.e-invoice.be | an address |
| [einvoicebe] webhook_secret | EINVOICE_EINVOICEBE_WEBHOOK_SECRET | none | a secret that its webhooks are checked with |
| [econnect] client | EINVOICE_ECONNECT_CLIENT | none | the OAuth client's id |
| [econnect] secret | EINVOICE_ECONNECT_SECRET | none | a secret, the OAuth client's |
| [econnect] party | EINVOICE_ECONNECT_PARTY | none | our party's id there |
| [econnect] api | EINVOICE_ECONNECT_API | https://psb.econnect.eu/api/v1 | an address |
| [econnect] token_url | EINVOICE_ECONNECT_TOKEN_URL | https://identity.econnect.eu/connect/token | where tokens come from |
| [econnect] webhook_secret | EINVOICE_ECONNECT_WEBHOOK_SECRET | none | a secret that its webhooks are checked with |
| [recommand] key | EINVOICE_RECOMMAND_KEY | none | the API key |
| [recommand] secret | EINVOICE_RECOMMAND_SECRET | none | a secret, the API secret |
| [recommand] company | EINVOICE_RECOMMAND_COMPANY | none | our company's id there |
| [recommand] api | EINVOICE_RECOMMAND_API | https://app.recommand.eu | an address |
| [recommand] webhook_secret | EINVOICE_RECOMMAND_WEBHOOK_SECRET | none | a secret that its webhooks carry |
| [storecove] key | EINVOICE_STORECOVE_KEY | none | a secret, the API key |
| [storecove] legal_entity | EINVOICE_STORECOVE_LEGAL_ENTITY | none | our legal entity's id there |
| [storecove] api | EINVOICE_STORECOVE_API | https://api.storecove.com/api/v2 | an address |
| [storecove] webhook_secret | EINVOICE_STORECOVE_WEBHOOK_SECRET | none | a secret that its webhooks carry |
| [billit] key | EINVOICE_BILLIT_KEY | none | a secret, the API key |
| [billit] party | EINVOICE_BILLIT_PARTY | none | our party's id there |
| [billit] api | EINVOICE_BILLIT_API | https://api.billit.be | an address |
| [billit] webhook_secret | EINVOICE_BILLIT_WEBHOOK_SECRET | none | a secret that its webhooks are signed with |
| [webhooks.NAME] url | | | where events are posted, https (http on this machine) |
| [webhooks.NAME] secret | | | a secret `whsec_…`, or a list of them while it is being replaced |
| [webhooks.NAME] events | | all | event types, such as ["invoice.sent", "dispute.*"] |
| [agencies.NAME] title | | NAME | how the agency or legal team is called |
| [agencies.NAME] takes | | all | the hand-overs of a policy that go there, such as ["collection_agency"] |
| [agencies.NAME] countries | | all | the countries of debtors, such as ["DE", "AT"] |
| [agencies.NAME] email | | none | where a dossier is mailed |
| [agencies.NAME] folder | | none | where a dossier is put |
| [agencies.NAME] language | | the creditor's | en, nl, de or fr |

A secret is given by reference: `env:NAME` for a variable, `file:PATH` (from the root or `~`) for a file that holds nothing else. It
is read when it is needed; what shows or logs settings sees the reference only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from einvoice.errors import SettingsError
from einvoice.settings.sections import (
    ALSO,
    NAMED,
    READS,
    WEBHOOK,
    Artefacts,
    Database,
    Documents,
    Receivables,
    Rendering,
    Sending,
    Settings,
    Smtp,
    Webhook,
)
from einvoice.settings.values import Hidden, Secret, size

__all__ = [
    "NAMED",
    "READS",
    "WEBHOOK",
    "Artefacts",
    "Database",
    "Documents",
    "Receivables",
    "Rendering",
    "Secret",
    "Sending",
    "Settings",
    "Smtp",
    "Webhook",
    "current",
    "load",
    "size",
]


@cache
def current() -> Settings:
    """The settings in force.

    Raises SettingsError where the file or a variable is wrong.
    """
    return load(os.environ)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment and the file it leads to say.

    Raises SettingsError.
    """
    path = _path(environ)
    settings = _with_file(Settings(), path)._replace(file=path) if path else Settings()
    return _with_environment(settings, environ)


def _path(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("EINVOICE_CONFIG"):
        return Path(named)
    home = environ.get("APPDATA") if os.name == "nt" else environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    for candidate in ("einvoice.toml", f"{home}/einvoice/einvoice.toml"):
        if os.path.isfile(candidate):  # noqa: PTH113 - a third of the time of Path.is_file, on every start
            return Path(candidate)
    return None


def _with_file(settings: Settings, path: Path) -> Settings:
    import tomllib  # noqa: PLC0415 - only where there is a file

    try:
        stated = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path}: the settings cannot be read: {fault}") from None
    for section, values in stated.items():
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: {section} stands outside a section; write it below [documents]")
        if section in NAMED:
            several: Any = tuple(_named(section, name, stated, path) for name, stated in values.items())
            settings = settings._replace(**{section: several})
            continue
        for key, value in values.items():
            settings = _set(settings, section, key, value, f"{path}: [{section}] {key}")
    return settings


def _named(section: str, name: str, stated: object, path: Path) -> Any:
    where, kind = f"{path}: [{section}.{name}]", NAMED[section]
    if not isinstance(stated, dict) or not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", name):
        raise SettingsError(f"{where} has no keys, or no name of at most 30 letters; write its keys below [{section}.NAME]")
    made = kind.type(name)
    for key, value in stated.items():
        made = made._replace(**{key: _read(kind.reads, key, value, f"{where} {key}")})
    for key in kind.required:
        if not getattr(made, key):
            raise SettingsError(f"{where} lacks {key}; write it below [{section}.{name}]")
    return made


def _with_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    variables = _variables()
    for name in environ:
        if name.startswith("EINVOICE_"):
            if name in variables:
                section, key = variables[name]
                settings = _set(settings, section, key, environ[name], name)
            elif name != "EINVOICE_CONFIG" and (near := _nearest(name, variables, cutoff=0.8)):
                raise SettingsError(f"{name}: there is no such setting; did you mean {near}?")
    return settings


def _variables() -> dict[str, tuple[str, str]]:
    """The variables of each setting, with its section and key."""
    return {
        name: (section, key)
        for section, keys in READS.items()
        for key in keys
        for name in (f"EINVOICE_{section}_{key}".upper(), *ALSO.get((section, key), ()))
    }


def _set(settings: Settings, section: str, key: str, value: object, where: str) -> Settings:
    read = _read(READS[_known(section, {**READS, **{name: {} for name in NAMED}}, where)], key, value, where)
    return settings._replace(**{section: getattr(settings, section)._replace(**{key: read})})


def _read(keys: Mapping[str, Callable[[object], Any]], key: str, value: object, where: str) -> Any:
    try:
        return keys[_known(key, keys, where)](value)
    except Hidden as fault:
        raise SettingsError(f"{where}: {fault}") from None
    except ValueError as fault:
        raise SettingsError(f"{where} is {value!r}: {fault}") from None


def _known(name: str, names: Mapping[str, object], where: str) -> str:
    if name in names:
        return name
    near = _nearest(name, names, cutoff=0.5)
    raise SettingsError(f"{where}: there is no setting {name}; " + (f"did you mean {near}?" if near else f"known are {', '.join(names)}"))


def _nearest(name: str, names: Mapping[str, object], *, cutoff: float) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    return next(iter(get_close_matches(name, names, n=1, cutoff=cutoff)), None)
