import pytest

from service.config import load
from service.errors import ConfigError

HIDDEN = {
    "SCRIPTA_DATABASE_URL": "postgresql://scripta:hidden@localhost/scripta",
    "SCRIPTA_NOTIFY_URL": "tgram://hidden/1",
    "SCRIPTA_GOOGLE_CLIENT_SECRET": "google-hidden",
    "SCRIPTA_MICROSOFT_CLIENT_SECRET": "microsoft-hidden",
}


def test_the_apps_of_mailbox_providers_are_none_unless_set():
    settings = load(environment={})
    assert {settings.google_client_id, settings.microsoft_client_id, settings.microsoft_tenant} == {""}
    assert settings.public_url == "http://127.0.0.1:8000"


def test_secrets_are_read_and_not_shown():
    settings = load(environment=HIDDEN)
    kept = (settings.database_url, settings.notify_url)
    assert (*kept, settings.google_client_secret, settings.microsoft_client_secret) == tuple(HIDDEN.values())
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    "address", ["https://scripta.example.com", "http://localhost:8000/", "https://a.example/scripta/"]
)
def test_the_public_address_is_kept_without_its_last_slash(address):
    assert load(environment={"SCRIPTA_PUBLIC_URL": address}).public_url == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "scripta.example.com",
        "ftp://scripta.example.com",
        "https://",
        "https://anna@scripta.example.com",
        "https://scripta.example.com?next=1",
        "https://scripta.example.com/#x",
        "https://scripta.example.com:99999",
        "https://[::1",
        "https://scripta.example.com/\n",
    ],
)
def test_a_public_address_that_is_none_is_refused_by_name(address):
    with pytest.raises(ConfigError, match="SCRIPTA_PUBLIC_URL"):
        load(environment={"SCRIPTA_PUBLIC_URL": address})


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), ("off", "off"), ("127.0.0.1:5353", "127.0.0.1:5353"), ("[::1]:53", "::1:53")],
)
def test_signing_keys_are_asked_for_where_the_setting_says(text, kept):
    assert load(environment={"SCRIPTA_DNS": text}).dns == kept


@pytest.mark.parametrize(
    "text", ["no", "127.0.0.1", "localhost:53", "127.0.0.1:0", "127.0.0.1:99999", ":53", "1.1.1.1:²"]
)
def test_a_resolver_that_is_no_address_is_refused(text):
    with pytest.raises(ConfigError, match="SCRIPTA_DNS"):
        load(environment={"SCRIPTA_DNS": text})
