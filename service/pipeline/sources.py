"""Add, change and remove sources, for the commands, the API and the page alike.

In: what a person asks for, and who. Out: a source's id. Never: a secret in the ledger, an error or an answer.
Each change is an entry of the ledger, in the transaction that makes it.
"""

import json
from collections.abc import Mapping
from typing import Any

from service.archive.storable import storable
from service.errors import ConfigError
from service.intake import store
from service.intake.secret import Vault
from service.intake.source import State
from service.ledger.append import append
from service.ledger.entry import Fact
from service.pipeline.installation import Installation, recording
from service.pipeline.pull import connector_of, existing_source
from service.sources.oauth.choose import provider_named
from service.sources.oauth.tokens import Tokens

LONGEST = 20_000
"""Characters of settings or of a secret."""
WHERE = ("host", "port", "user", "security", "ca_file", "provider", "server")
"""Settings that say to whom a secret is shown."""
SECRETS = frozenset({"password", "secret", "token", "tokens", "access_token", "refresh_token"})
"""What somebody may take for a setting; settings are shown, and in the ledger for ever."""


def add(
    house: Installation,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    secret: str = "",
    *,
    actor: str = "cli",
) -> int:
    """Add a source and return its id; it is read from now on.

    `secret` is what the kind's connector describes, empty where a person signs in later. Raises ConfigError
    for settings that cannot work, and for a name that is taken.
    """
    wanted = _checked(kind, settings, secret)
    with recording(house) as session:
        source_id = store.add_source(session, name, kind, wanted)
        if secret:
            store.put_secret(session, source_id, Vault(house.settings.data).seal(secret))
        known = store.find_source(session, source_id)
        assert known is not None
        body = {"name": known.name, "kind": kind, "settings": wanted}
        append(session, [Fact("source.added", _subject(source_id), body, actor)])
    return source_id


def change(
    house: Installation, source_id: int, settings: Mapping[str, Any], secret: str = "", *, actor: str = "cli"
) -> None:
    """Replace the settings; an empty secret keeps the old one, and a paused source stays paused.

    Raises ConfigError for settings that cannot work, and where the kept password would go to another server:
    whoever may change a source may not learn its password so. Tokens are forgotten there, and somebody must
    sign in again.
    """
    source = existing_source(house, source_id)
    wanted = _checked(source.kind, settings, secret)
    with recording(house) as session:
        is_kept = not secret and store.secret_of(session, source_id) is not None
        goes_elsewhere = is_kept and any(source.settings.get(key) != wanted.get(key) for key in WHERE)
        if goes_elsewhere and not wanted.get("provider"):
            raise ConfigError("The server, its security or the user has changed: enter the password again.")
        store.change_source(session, source_id, wanted)
        if secret:
            store.put_secret(session, source_id, Vault(house.settings.data).seal(secret))
        elif goes_elsewhere:
            store.put_secret(session, source_id, None)
        if source.state == State.PAUSED:
            store.pause(session, source_id, paused=True)
        body = {"settings": wanted, "new_secret": bool(secret)}
        append(session, [Fact("source.changed", _subject(source_id), body, actor)])


def sign_in(house: Installation, source_id: int, tokens: Tokens, *, actor: str = "cli") -> None:
    """Keep the tokens of a sign-in at a provider; a source that waited for them is read at once."""
    secret = json.dumps({"tokens": json.loads(tokens.to_json())})
    with recording(house) as session:
        sealed = Vault(house.settings.data).seal(secret)
        store.put_secret(session, source_id, sealed, tokens.refresh_expires_at)
        append(session, [Fact("source.signed_in", _subject(source_id), {}, actor)])


def remove(house: Installation, source_id: int, *, actor: str = "cli") -> None:
    """Forget a source with its secret and its place of reading; every message of it stays."""
    source = existing_source(house, source_id)
    with recording(house) as session:
        store.remove_source(session, source_id)
        append(session, [Fact("source.removed", _subject(source_id), {"name": source.name}, actor)])


def pause(house: Installation, source_id: int, *, actor: str = "cli") -> None:
    """Stop reading a source until `resume`."""
    _pause(house, source_id, actor, paused=True)


def resume(house: Installation, source_id: int, *, actor: str = "cli") -> None:
    """Read a paused source again."""
    _pause(house, source_id, actor, paused=False)


def password_secret(password: str) -> str:
    """Return the secret of a source that takes a password; empty for an empty one.

    >>> password_secret("x"), password_secret("")
    ('{"password": "x"}', '')
    """
    return json.dumps({"password": password}) if password else ""


def _pause(house: Installation, source_id: int, actor: str, *, paused: bool) -> None:
    if (existing_source(house, source_id).state == State.PAUSED) == paused:
        return
    with recording(house) as session:
        store.pause(session, source_id, paused=paused)
        kind = "source.paused" if paused else "source.resumed"
        append(session, [Fact(kind, _subject(source_id), {}, actor)])


def _checked(kind: str, settings: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return the settings as both engines and the ledger can hold them. Raises ConfigError."""
    if misplaced := sorted(key for key in settings if str(key).lower() in SECRETS):
        raise ConfigError(f"{misplaced[0]} is no setting: settings are shown. Give a password by itself.")
    try:
        text = storable(json.dumps(dict(settings), ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ConfigError("Settings are text, whole numbers, yes or no, and lists of text.") from error
    if max(len(text), len(secret)) > LONGEST:
        raise ConfigError(f"The settings of a source have at most {LONGEST:,} characters.")
    wanted: dict[str, Any] = json.loads(text)
    connector_of(kind).check(wanted, secret)
    provider, host = str(wanted.get("provider") or ""), str(wanted.get("host") or "")
    if provider and not provider_named(provider).serves(host):
        raise ConfigError(f"{host} takes no sign-in of {provider.title()}: choose its server, or a password.")
    return wanted


def _subject(source_id: int) -> str:
    return f"source:{source_id}"
