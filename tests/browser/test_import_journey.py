"""A chat is dropped on the page, looked at, chosen for and imported, by hand and by keyboard."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
UNCLEAR = "02/03/26, 10:01 - Ewa: dzień dobry\n02/03/26, 10:02 - Kasia: dobrze\n"
CLEAR = UNCLEAR.replace("/", ".").replace("Ewa", "Ola")
DROP = """([name, content]) => {
    const files = new DataTransfer();
    const bytes = Uint8Array.from(atob(content), (letter) => letter.codePointAt(0));
    files.items.add(new File([bytes], name));
    const options = { bubbles: true, cancelable: true, dataTransfer: files };
    for (const event of ["dragover", "drop"]) document.querySelector("main").dispatchEvent(
        new DragEvent(event, options)
    );
}"""


@pytest.fixture
def page(context) -> Page:
    page = context.new_page()
    page.goto("/imports")
    return page


def drop(page: Page, name: str, content: str) -> None:
    """Drop a file somewhere on the page, as a file manager does."""
    page.evaluate(DROP, [name, base64.b64encode(content.encode()).decode()])


def test_a_chat_is_dropped_chosen_for_and_imported(page):
    drop(page, "WhatsApp unclear.txt", UNCLEAR)
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    question = page.get_by_role("group", name="Which comes first in its dates?")
    expect(question).to_contain_text("Nothing in it shows how 02/03/26 is meant.")
    expect(page.get_by_role("radio", name="the day: Monday, 2 March 2026")).to_be_focused()
    page.get_by_label("It prints no time zone").fill("Europe/Moscow")
    page.keyboard.press("Tab")
    page.get_by_role("radio", name="the month: Tuesday, 3 February 2026").check()
    expect(page.locator(".recognised")).to_contain_text("3 Feb – 3 Feb")
    expect(page.get_by_label("It prints no time zone")).to_have_value("Europe/Moscow")
    page.get_by_role("radio", name="the day").check()
    expect(page.locator(".recognised")).to_contain_text("2 Mar – 2 Mar")
    page.get_by_role("radiogroup", name="Kasia").get_by_role("radio", name="client").check()
    page.get_by_label("Project, an existing or a new one").fill("Dropped site")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("dl.facts")).to_contain_text("Finished", timeout=60_000)
    page.locator(".talks a").first.click()
    expect(page.locator(".message").first).to_contain_text("dzień dobry")
    expect(page.locator(".message.client")).to_contain_text("Kasia")
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("link", name="Dropped site")).to_be_visible()


def test_a_clear_chat_takes_one_key(page):
    drop(page, "WhatsApp clear.txt", CLEAR)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts")).to_contain_text("Finished", timeout=60_000)


def test_files_that_are_chosen_are_sent_at_once_and_can_be_discarded(page):
    page.locator("input[type=file]").set_input_files([SAMPLE / "mail" / "inbox.mbox"])
    expect(page.locator(".recognised")).to_contain_text("Mailbox in a file")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Import mail and chats")).to_be_visible()
    page.get_by_role("link", name="inbox.mbox").first.click()
    expect(page.locator("dl.facts")).to_contain_text("Discarded")


def test_what_is_too_large_is_not_even_sent(page):
    page.evaluate("document.getElementById('upload').dataset.limit = 10")
    drop(page, "WhatsApp clear.txt", CLEAR)
    expect(page.get_by_role("alert")).to_contain_text("larger than")
    expect(page).to_have_url(re.compile("/imports$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_upload_s_page_is_no_wider_than_a_phone(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    drop(page, f"{'A very long name of a chat ' * 4}.txt", UNCLEAR)
    expect(page.locator(".recognised")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_a_script_it_works_as_well(browser, demo_address):
    context = browser.new_context(base_url=demo_address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/imports")
    page.locator("input[type=file]").set_input_files([SAMPLE / "mail" / "inbox.mbox"])
    page.get_by_role("button", name="Send").click()
    heading = page.get_by_role("heading", name="What was recognised")
    while heading.count() == 0:
        page.reload()
    page.get_by_role("button", name="Import", exact=True).click()
    while page.locator("dl.facts").count() == 0:
        page.reload()
    expect(page.locator("dl.facts")).to_contain_text("Finished")
    context.close()
