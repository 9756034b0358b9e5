"""Files sent to the page: received safely, looked at, chosen for, imported, and told about."""

import re
import zipfile
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO

import pytest
from factories import HOSTILE, write_mails
from hypothesis import given
from hypothesis import strategies as st

from service.archive import imports
from service.archive.message import Side
from service.archive.organise import projects, put_on_side, who_wrote
from service.db.session import reading, writing
from service.pipeline import staged
from service.pipeline.import_queue import Reading
from service.pipeline.receive import safe_name

NEW_MAIL = (
    b"From: Olga <olga@agency.example>\nTo: igor@clinic.example\nDate: Fri, 06 Mar 2026 10:00:00 +0100\n"
    b"Message-ID: <new@mail.example>\nSubject: Contract\n\nThe contract is attached.\n"
)
CHAT = b"02.03.26, 10:01 - Ewa: zeppelin\n02.03.26, 10:02 - Kasia: dobrze\n"
UNDECIDED = CHAT.replace(b".", b"/")


@pytest.fixture
def client(sign_in):
    """An administrator's browser, at a service that imports what is queued."""
    client = sign_in("olga")
    with client.app.state.queue.working():
        yield client


@pytest.fixture
def send(client, seeded):
    """Send files; returns the page of their import once it has been looked at."""

    def send(*files):
        answer = client.post("/imports", files=[("files", file) for file in files])
        assert answer.status_code == 303, answer.text
        look(client, seeded, answer.headers["location"])
        return answer.headers["location"]

    return send


@pytest.fixture
def upload(client, send):
    """Send files and import them as a person does who has nothing to choose."""

    def upload(*files, **chosen):
        page = send(*files)
        assert client.post(f"{page}/choice", data=chosen).headers["location"] == page
        assert client.app.state.queue.wait(60)
        return page

    return upload


def look(client, seeded, page, **wish):
    found = book(seeded, page)
    client.app.state.previews.of(found, staged.Wish(**wish), wait_s=60)


def book(seeded, page):
    with reading(seeded.house.engine) as session:
        return imports.find(session, int(page.rpartition("/")[2]))


def counts(seeded, page):
    return book(seeded, page).counts


def left_over(seeded):
    """Return the folders of uploads but that of the one that waits since the beginning."""
    return [
        path
        for path in (seeded.house.settings.data / "uploads").iterdir()
        if path.is_dir() and "Priya" not in "".join(map(str, (path / "files").iterdir()))
    ]


def test_an_uploaded_mail_is_archived_and_counted(upload, client, seeded):
    page = upload(("contract.eml", NEW_MAIL))
    found = book(seeded, page)
    assert (found.state, found.counts.new, found.actor) == ("done", 1, "olga")
    text = client.get(page).text
    assert "Everything in it could be read." in text
    assert re.search(r'<a href="/conversations/\d+">Contract</a>', text)
    assert "hx-trigger" not in text
    assert ">contract.eml</a>" in client.get("/imports").text
    assert left_over(seeded) == []


def test_the_same_upload_again_adds_nothing(upload, seeded):
    upload(("contract.eml", NEW_MAIL))
    found = counts(seeded, upload(("contract.eml", NEW_MAIL)))
    assert (found.new, found.known) == (0, 1)


def test_several_files_come_together(upload, client, seeded, tmp_path):
    write_mails(tmp_path, ("clinic-1", "hotel-1"))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(tmp_path / "hotel-1.eml", "hotel-1.eml")
        archive.writestr("notes.bin", b"\x00\x01\x02")
    page = upload(("clinic-1.eml", (tmp_path / "clinic-1.eml").read_bytes()), ("more.zip", packed.getvalue()))
    found = counts(seeded, page)
    assert (found.read, found.known, found.passed_over) == (2, 2, 1)
    text = client.get(page).text
    assert "clinic-1.eml, more.zip" in text
    assert "more.zip!/notes.bin" in text
    assert str(tmp_path) not in text
    assert str(seeded.house.settings.data) not in text


def test_before_the_import_the_page_shows_what_was_recognised(send, client):
    page = send(("_chat.txt", CHAT), ("noise.bin", b"\0\1"))
    text = client.get(page).text
    for shown in ("_chat.txt", "WhatsApp (txt)", "noise.bin: no format recognises it", "Ewa", "Kasia"):
        assert shown in text
    assert re.search(r"Messages</span> 2<", text)
    assert "2 Mar – 2 Mar" in text
    assert "Look and import" in client.get("/imports").text


def test_while_it_is_looked_at_the_page_asks_again(client):
    client.app.state.previews._room.acquire()
    client.app.state.previews._room.acquire()
    page = client.post("/imports", files=[("files", ("_chat.txt", CHAT))]).headers["location"]
    text = client.get(f"{page}?date_order=day-first&zone=Europe/Moscow&project=Site").text
    client.app.state.previews._room.release(2)
    assert f'hx-get="{page}"' in text
    assert "every 1s" in text
    assert 'name="zone" value="Europe/Moscow"' in text
    assert ">Discard<" in text
    assert ">Import</button>" not in text


def test_only_what_the_export_does_not_say_is_asked(send, client):
    mail, chat, unclear = (
        client.get(send(one)).text
        for one in (("a.eml", NEW_MAIL), ("_chat.txt", CHAT), ("_chat.txt", UNDECIDED))
    )
    assert [('id="zone"' in text, 'name="date_order"' in text) for text in (mail, chat, unclear)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert 'zone, else Europe/Warsaw" autocomplete' in chat
    assert "<option>Europe/Moscow</option>" in chat
    assert "02/03/26" in unclear
    for meaning in ("Monday, 2 March 2026", "Tuesday, 3 February 2026"):
        assert meaning in unclear
    # Enter imports at once where nothing must be answered.
    assert '<button class="main" autofocus>' in chat
    assert '<button class="main">' in unclear


def test_the_order_of_dates_shows_what_the_chat_then_holds(send, client, seeded):
    page = send(("_chat.txt", UNDECIDED))
    look(client, seeded, page, date_order="month-first")
    text = client.get(f"{page}?date_order=month-first&zone=Europe/Moscow&project=Site").text
    assert "3 Feb – 3 Feb" in text
    assert 'value="month-first" required checked' in text
    assert 'value="Europe/Moscow"' in text
    assert 'value="Site"' in text
    assert "Kasia" in text


def test_what_was_chosen_holds(upload, seeded):
    chosen = {
        "zone": "Europe/Moscow",
        "date_order": "day-first",
        "project": "New site",
        "kind-0": "name",
        "value-0": "Ewa",
        "sure-0": "other",
        "side-0": "client",
        "kind-1": "name",
        "value-1": "Kasia",
        "sure-1": "other",
        "side-1": "other",
    }
    assert counts(seeded, upload(("_chat.txt", UNDECIDED), **chosen)).new == 2
    with reading(seeded.house.engine) as session:
        sides = {one.name: one.side for one in who_wrote(session)}
        assert {one.name: one.conversations for one in projects(session)}["New site"] == 1
    assert (sides["Ewa"], sides["Kasia"]) == ("client", "other")


def test_who_is_who_is_preset_and_a_guess_is_marked(send, client, seeded):
    with writing(seeded.house.engine) as session:
        put_on_side(session, "name", "Ewa", Side.CLIENT)
    # Igor is known by his mail only: who has the same name in a chat may be another.
    text = client.get(send(("_chat.txt", CHAT.replace(b"Kasia", b"Igor Samoilov")))).text
    ewa, igor = (part.partition("</li>")[0] for part in text.split('class="name"><b>')[1:])
    checked = r'value="(\w+)" checked'
    assert (re.findall(checked, ewa), re.findall(checked, igor)) == (["client"], ["client"])
    assert ("a guess" in ewa, "a guess" in igor) == (False, True)
    assert 'name="sure-1" value="other"' in text


def test_two_people_of_one_name_are_told_apart(send, client):
    lines = [
        '{"id": 1, "type": "message", "date": "2026-03-02T10:00:00", "date_unixtime": "1772442000", '
        f'"from": "Anna", "from_id": "user{number}", "text": "x"}}'
        for number in (1, 2)
    ]
    chat = f'{{"name": "Site", "type": "personal_chat", "id": 7, "messages": [{",".join(lines)}]}}'
    text = client.get(send(("result.json", chat.encode()))).text
    assert set(re.findall(r'name="kind-\d" value="(\w+)"', text)) == {"address"}
    assert len(set(re.findall(r'name="value-\d" value="(\w+)"', text))) == 2


def test_names_that_try_to_be_markup_stay_text(client, seeded):
    page = f"/imports/{seeded.staged}"
    look(client, seeded, page)
    text = client.get(page).text
    assert "Priya &lt;script&gt;" in text
    assert HOSTILE not in text


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"zone": "Mars/Olympus"}, "is no time zone"),
        ({"date_order": "sideways"}, "day-first or month-first"),
        ({"format": "nope"}, "no format"),
        ({"kind-0": "planet", "value-0": "mars", "side-0": "client"}, "A side is given by"),
        ({"kind-0": "name", "value-0": "mars", "side-0": "enemy"}, "A side is agency"),
        ({f"x-{number}": "y" for number in range(600)}, "too many fields"),
        ({"project": "x" * 300_000}, "too large"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_explained_and_nothing_is_lost(send, client, seeded, chosen, said):
    page = send(("_chat.txt", CHAT))
    answer = client.post(f"{page}/choice", data={"project": "Kept"} | chosen)
    assert answer.status_code == 422
    assert said in answer.text
    assert book(seeded, page).state == "staged"
    if "project" not in chosen and len(chosen) < 10:
        assert 'value="Kept"' in answer.text


def test_an_address_with_nonsense_in_it_is_explained(send, client):
    page = send(("_chat.txt", CHAT))
    for query in ("format=nope", "date_order=sideways"):
        answer = client.get(f"{page}?{query}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


def test_what_nothing_recognises_can_be_read_as_something(send, client, seeded):
    page = send(("holiday.bin", b"\x00\x01\x02\x03"))
    text = client.get(page).text
    assert "Nothing in it was recognised" in text
    assert '<option value="mbox">' in text
    assert ">Import</button>" not in text
    look(client, seeded, page, format_name="mbox")
    again = client.get(f"{page}?format=mbox").text
    assert '<option value="mbox" selected>' in again
    assert '<input type="hidden" name="format" value="mbox">' in again


def test_a_discarded_upload_leaves_nothing(send, client, seeded):
    page = send(("_chat.txt", CHAT))
    assert client.post(f"{page}/discard").headers["location"] == "/imports"
    assert left_over(seeded) == []
    assert "Nothing of it was kept." in client.get(page).text
    # Whoever comes too late sees what became of it.
    for late in ("discard", "choice"):
        assert client.post(f"{page}/{late}").headers["location"] == page
    assert counts(seeded, page).read == 0


def test_what_is_queued_shows_how_many_are_before_it(sign_in):
    client = sign_in("olga")
    pages = [
        client.post("/imports", files=[("files", ("_chat.txt", CHAT))]).headers["location"] for _ in range(3)
    ]
    for page in pages:
        client.post(f"{page}/choice")
    assert "2 imports are before it." in client.get(pages[2]).text
    assert "Waits for its turn" in client.get("/imports").text
    assert client.post(f"{pages[1]}/discard").status_code == 303
    assert "1 import is before it." in client.get(pages[2]).text


def test_a_running_import_shows_how_far_it_is(sign_in, seeded):
    client = sign_in("olga")
    number = seeded.staged
    with writing(seeded.house.engine) as session:
        imports.move_on(session, number, imports.State.RUNNING)
        total = imports.find(session, number).total_bytes
        imports.note_progress(session, number, imports.Counts(read=1234, new=1234), total // 2)
    for text in (client.get(f"/imports/{number}").text, client.get("/imports").text):
        assert re.search(r'<progress max="100" value="(49|50)\.\d"', text)
        assert "1,234 messages read" in text
        assert "every 1s" in text


def test_a_run_of_the_command_line_shows_its_numbers(sign_in, seeded):
    with writing(seeded.house.engine) as session:
        number = imports.begin(session, "/home/olga/mail", "cli")
        imports.note_progress(session, number, imports.Counts(read=7, new=7), 100)
    client = sign_in("olga")
    text = client.get(f"/imports/{number}").text
    assert "<dt>Read</dt><dd>7</dd>" in text
    assert "hx-trigger" not in text
    assert "/home/olga/mail" in client.get("/imports").text


def test_after_the_archive_agreements_are_found(upload, client):
    page = upload(("contract.eml", NEW_MAIL))
    queue = client.app.state.queue
    queue.unread.add(int(page.rpartition("/")[2]))
    queue.reading = Reading(3, 8)
    text = client.get(page).text
    assert "Finding agreements" in text
    assert '<progress max="8" value="3"' in text
    assert "every 1s" in text


def test_what_could_not_be_read_can_be_had_as_it_came(upload, client, sign_in, seeded):
    broken = b"PK\x03\x04 no zip at all"
    page = upload(("cut.zip", broken), ("a.eml", NEW_MAIL))
    assert book(seeded, page).state == "incomplete"
    text = client.get(page).text
    assert "cut.zip" in text
    (link,) = re.findall(rf'href="({page}/unreadable/\d+)"', text)
    answer = client.get(link)
    assert answer.content == broken
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    other = link.replace(page, "/imports/1")
    assert client.get(other).status_code == 404
    assert client.get(f"{page}/unreadable/999").status_code == 404
    assert sign_in("igor").get(link).status_code == 403


def test_an_import_that_failed_says_why(upload, client, seeded, monkeypatch):
    def fill_up(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staged, "ingest", fill_up)
    page = upload(("a.eml", NEW_MAIL))
    assert book(seeded, page).state == "failed"
    text = client.get(page).text
    assert "No space left on device" in text
    assert "send them again" in text
    assert left_over(seeded) == []


def test_what_the_script_sends_leads_to_the_page_of_the_import(client):
    answer = client.post("/imports", files=[("files", ("_chat.txt", CHAT))], headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(answer.headers["hx-redirect"]).status_code == 200


@pytest.mark.parametrize("is_scripted", [True, False])
def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(client, seeded, is_scripted):
    headers = {"HX-Request": "true"} if is_scripted else {}
    answer = client.post("/imports", files=[("files", ("large.mbox", b"x" * 300_000))], headers=headers)
    # What htmx shows must come as a success.
    assert answer.status_code == (200 if is_scripted else 422)
    assert "larger than 200,000 bytes" in answer.text
    assert left_over(seeded) == []


def test_no_more_are_taken_than_may_wait(client, monkeypatch):
    monkeypatch.setattr(staged, "MOST_WAITING", 1)
    answer = client.post("/imports", files=[("files", ("a.eml", NEW_MAIL))])
    assert answer.status_code == 422
    assert "import or discard some" in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"not a form", "multipart/form-data; boundary=b", "broke off or is damaged"),
        (
            b"--b\r\nContent-Disposition: form-data; name=files; filename=a.eml\r\n\r\nFrom",
            "multipart/form-data; boundary=b",
            "broke off before its end",
        ),
        (b"a=b", "application/x-www-form-urlencoded", "This was no upload"),
        (b"", "multipart/form-data", "This was no upload"),
        (
            b'--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "No file was sent",
        ),
        (
            b"".join(
                b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(60)
            ),
            "multipart/form-data; boundary=b",
            "More than 50 fields",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="zone"\r\n\r\n' + b"x" * 70_000 + b"\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            "more than 65,536 bytes",
        ),
    ],
)
def test_a_damaged_upload_is_explained_and_leaves_nothing(client, seeded, body, kind, said):
    answer = client.post("/imports", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert said in answer.text
    assert left_over(seeded) == []


def test_a_name_that_climbs_out_stays_in_its_folder(upload, seeded):
    assert book(seeded, upload(("../../../evil.eml", NEW_MAIL))).place == "evil.eml"
    assert not list(seeded.house.settings.data.parent.rglob("evil.eml"))


def test_files_of_one_name_do_not_overwrite_each_other(upload, seeded):
    page = upload(("mail.eml", NEW_MAIL), ("mail.eml", NEW_MAIL.replace(b"<new@", b"<newer@")))
    found = book(seeded, page)
    assert (found.place, found.counts.new) == ("mail.eml, mail (2).eml", 2)


def test_attachments_are_downloads_with_their_own_names(upload, client):
    parts = MIMEMultipart()
    for name, value in (("From", "priya@hotel.example"), ("Message-ID", "<files@mail.example>")):
        parts[name] = value
    parts["Subject"] = "Vouchers"
    parts.attach(MIMEText("See the zeppelin sketch."))
    sketch = MIMEApplication(b"%PDF-1.7 sketch", "pdf")
    sketch.add_header("Content-Disposition", "attachment", filename="Szkic żółty.pdf")
    parts.attach(sketch)
    upload(("vouchers.eml", parts.as_bytes()))
    (message,) = re.findall(r"\?at=(\d+)", client.get("/search?q=zeppelin").text)
    answer = client.get(f"/messages/{message}/attachments/0")
    assert answer.content == b"%PDF-1.7 sketch"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Szkic____ty.pdf\"; filename*=UTF-8''Szkic%20%C5%BC%C3%B3%C5%82ty.pdf"
    )
    assert client.get(f"/messages/{message}/attachments/1").status_code == 404


@given(st.text(max_size=400))
def test_a_safe_name_is_one_plain_part_of_a_path(name):
    safe = safe_name(name)
    assert safe
    assert safe not in {".", ".."}
    assert "/" not in safe
    assert "\\" not in safe
    assert "\0" not in safe
    assert len(safe.encode()) <= 255
