import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from service.errors import ConfigError
from service.sources.oauth.choose import provider_named, providers
from service.sources.oauth.provider import is_protected
from service.sources.oauth.sign_in import REDIRECT_PATH, App, begin_device, begin_redirect

BACK = "https://scripta.example.com/back"


def asked_of(name: str, app: App) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(begin_redirect(provider_named(name), app, BACK).url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("imap.gmail.com", "google"),
        ("IMAP.GoogleMail.com.", "google"),
        ("outlook.office365.com", "microsoft"),
        ("imap-mail.outlook.com", "microsoft"),
    ],
)
def test_the_provider_is_known_by_the_mail_server(host, name):
    assert [one.name for one in providers() if one.serves(host)] == [name]


@pytest.mark.parametrize(
    "host", ["imap.agency.example", "imap.gmail.com.evil.example", "notoutlook.office365.com", ""]
)
def test_other_mail_servers_take_passwords(host):
    assert not any(one.serves(host) for one in providers())


def test_a_provider_serves_the_mail_server_that_it_names():
    assert [provider.name for provider in providers() if provider.serves(provider.server.host)] == [
        provider.name for provider in providers()
    ]


def test_an_unknown_provider_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match="google, microsoft"):
        provider_named("yahoo")


def test_google_is_asked_for_mail_and_for_a_token_that_outlives_the_browser():
    page, asked = asked_of("google", App("id-1", "hidden"))
    assert page == "https://accounts.google.com/o/oauth2/v2/auth"
    assert asked["scope"] == ["https://mail.google.com/"]
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert (asked["client_id"], asked["redirect_uri"]) == (["id-1"], [BACK])
    assert "client_secret" not in asked


def test_google_gives_no_mail_to_codes_typed_on_another_device():
    with pytest.raises(ConfigError, match="sign in with the browser"):
        begin_device(provider_named("google"), App("id-1", "hidden"))


@pytest.mark.parametrize(
    ("tenant", "place"), [("", "common"), ("agency.onmicrosoft.com", "agency.onmicrosoft.com")]
)
def test_microsoft_is_asked_in_the_directory_of_the_app(tenant, place):
    page, asked = asked_of("microsoft", App("id-1", tenant=tenant))
    assert page == f"https://login.microsoftonline.com/{place}/oauth2/v2.0/authorize"
    assert asked["scope"] == ["https://outlook.office.com/IMAP.AccessAsUser.All offline_access"]


@pytest.mark.parametrize("tenant", ["../evil", "a/b", "a?b", "a b", "ä", "x" * 101])
def test_a_tenant_that_is_none_is_refused_by_its_setting(tenant):
    with pytest.raises(ConfigError, match="SCRIPTA_MICROSOFT_TENANT"):
        begin_redirect(provider_named("microsoft"), App("id-1", tenant=tenant), BACK)


def test_how_long_an_unused_sign_in_lasts_is_what_the_vendors_say():
    lasting = {provider.name: provider.refresh_for for provider in providers()}
    assert lasting == {"google": timedelta(days=180), "microsoft": timedelta(days=90)}


@pytest.mark.parametrize(
    "address",
    [
        "https://login.example/token",
        "http://127.0.0.1:9/token",
        "http://[::1]:9/token",
        "http://localhost/token",
    ],
)
def test_addresses_that_nobody_can_listen_to_are_taken(address):
    assert is_protected(address)
    assert replace(provider_named("google"), token_url=address).token_url == address


@pytest.mark.parametrize(
    "address",
    [
        "http://login.example/token",
        "http://127.0.0.1.evil.example/token",
        "http://localhost.evil.example/",
        "http://10.0.0.1/token",
        "https://anna:password@login.example/token",
        "https://login.example/to\nken",
        "https://login.example/to ken",
        "javascript:alert(1)",
        "ftp://login.example",
        "https://",
        "https://[::1",
        "//login.example",
        "",
    ],
)
@pytest.mark.parametrize("place", ["authorize_url", "token_url", "device_url"])
def test_other_addresses_make_no_provider(address, place):
    with pytest.raises(ConfigError, match="write an https address"):
        replace(provider_named("microsoft"), **{place: address})


def test_the_instructions_name_every_setting_and_the_way_back():
    page = (Path(__file__).parents[3] / "deploy" / "OAUTH.md").read_text("utf-8")
    env = (Path(__file__).parents[3] / "deploy" / "env.example").read_text("utf-8")
    apps = "|".join(provider.name.upper() for provider in providers())
    settings = set(re.findall(rf"SCRIPTA_(?:{apps})_[A-Z_]+", env))
    assert settings <= set(re.findall(r"SCRIPTA_[A-Z_]+", page))
    assert len(settings) >= 2 * len(providers())
    assert f"https://scripta.example.com{REDIRECT_PATH}" in page
