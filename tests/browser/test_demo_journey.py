"""What a project manager does in the demo, from the first page to signing out."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
NEW_MAIL = """\
From: Priya Nair <priya@harbourfinch.example>
To: Dan Whitlock <dan@kreska.example>
Date: Fri, 20 Nov 2026 16:00:00 +0000
Message-ID: <journey@harbourfinch.example>
Subject: Late check-out option
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hi Dan, a short note about parking meters on the promenade.
"""


@pytest.fixture
def page(context) -> Page:
    page = context.new_page()
    page.goto("/")
    return page


def test_a_manager_finds_what_was_agreed_and_its_words(page):
    expect(page.get_by_role("heading", name="What was agreed")).to_be_visible()
    page.get_by_label("Search what was agreed").fill("after:2026-10-20 from:Игорь согласовали")
    row = page.locator("table.ledger tbody tr").filter(has_text="Согласовано").first
    expect(row).to_be_visible()
    expect(page).to_have_url(re.compile("q=after"))
    quote = row.locator("a.quote")
    words = quote.inner_text()
    row.locator("a.title").click()
    history = page.get_by_role("heading", name="How it came about").locator("..")
    step = history.locator("blockquote").filter(has_text=words).first
    step.get_by_role("link", name="in the conversation").click()
    here = page.locator(".message.here")
    expect(here).to_be_in_viewport()
    expect(here).to_contain_text(words)


def test_a_manager_sees_what_exists_only_by_voice_and_gets_a_recap(page):
    page.locator(".strip").get_by_role("link", name=re.compile("only by voice")).click()
    card = page.locator(".card").filter(has_text="late check-out").first
    expect(card).to_contain_text("working day")
    card.get_by_role("link", name="Draft a recap").click()
    expect(page.locator("#recap-text")).to_have_value(re.compile("late check-out"))
    page.get_by_role("link", name="Alerts").click()
    expect(page.locator("table tbody tr").first).to_contain_text("Not confirmed in writing")


def test_the_recap_is_copied_with_one_click(page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/gaps")
    page.get_by_role("link", name="Draft a recap").first.click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#recap-text").input_value()


def test_a_manager_brings_in_a_mail_and_finds_it(page, tmp_path):
    mail = tmp_path / "late check-out.eml"
    mail.write_text(NEW_MAIL, "utf-8")
    page.get_by_role("link", name="Imports").click()
    page.locator("input[type=file]").set_input_files([mail, SAMPLE / "mail" / "inbox.mbox"])
    page.get_by_role("button", name="Import", exact=True).click()
    facts = page.locator("dl.facts")
    expect(facts).to_contain_text("Finished", timeout=60_000)
    expect(facts.locator("div", has_text="New")).to_have_text(re.compile(r"New\s*1"))
    page.get_by_label("Search all messages").fill("parking meter")
    page.keyboard.press("Enter")
    expect(page.locator("mark.found")).to_have_text(["parking", "meters"])


def test_a_reader_takes_another_language_and_leaves(page):
    page.get_by_role("button", name="RU", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.get_by_role("heading", name="Что согласовано")).to_be_visible()
    page.get_by_role("button", name="PL", exact=True).click()
    expect(page.get_by_role("heading", name="Co uzgodniono")).to_be_visible()
    page.get_by_role("button", name="Wyloguj").click()
    expect(page.get_by_role("heading", name="Zaloguj się")).to_be_visible()
    page.goto("/gaps")
    expect(page.get_by_label("Hasło")).to_be_visible()


def test_the_keyboard_alone_is_enough(page):
    page.keyboard.press("/")
    expect(page.get_by_label("Search what was agreed")).to_be_focused()
    page.keyboard.type("status:verbal_only")
    expect(page.locator("table.ledger .status").first).to_have_text("Only by voice")
    page.locator("body").press("Home")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/gaps", "/alerts", "/conversations", "/imports", "/search"])
def test_no_page_is_wider_than_a_phone(context, address, scheme):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_reading_needs_no_script(browser, demo_address):
    context = browser.new_context(base_url=demo_address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Search what was agreed").fill("status:verbal_only")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("table.ledger .status").first).to_have_text("Only by voice")
    page.locator("a.title").first.click()
    expect(page.get_by_role("heading", name="How it came about")).to_be_visible()
    context.close()
