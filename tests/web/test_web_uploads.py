import re
import zipfile
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO

import pytest
from factories import write_mails
from hypothesis import given
from hypothesis import strategies as st

from service.web.receive import safe_name
from service.web.uploads import State

NEW_MAIL = (
    b"From: Olga <olga@agency.example>\nTo: igor@clinic.example\nDate: Fri, 06 Mar 2026 10:00:00 +0100\n"
    b"Message-ID: <new@mail.example>\nSubject: Contract\n\nThe contract is attached.\n"
)


@pytest.fixture
def upload(sign_in):
    client = sign_in("olga")

    def send(*files, **fields):
        answer = client.post("/imports", files=[("files", file) for file in files], data=fields)
        uploads = client.app.state.uploads
        uploads.wait(60)
        assert answer.status_code == 303
        return uploads.jobs()[0], client.get("/imports").text

    return send


def left_over(seeded):
    folder = seeded.house.settings.data / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


def test_an_uploaded_mail_is_archived_and_counted(upload, seeded):
    job, page = upload(("contract.eml", NEW_MAIL))
    assert (job.state, job.report.counts.new) == (State.DONE, 1)
    assert "Read: 1 · new: 1" in page
    assert ">contract.eml</a>" in page
    assert left_over(seeded) == []


def test_the_same_upload_again_adds_nothing_and_is_the_same_place(upload):
    first, _ = upload(("contract.eml", NEW_MAIL))
    job, _ = upload(("contract.eml", NEW_MAIL))
    assert (job.report.counts.new, job.report.counts.known) == (0, 1)
    assert job.report.place == first.report.place


def test_several_files_come_together(upload, visitor, tmp_path):
    write_mails(tmp_path, ("clinic-1", "hotel-1"))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(tmp_path / "hotel-1.eml", "hotel-1.eml")
    job, page = upload(
        ("clinic-1.eml", (tmp_path / "clinic-1.eml").read_bytes()),
        ("more.zip", packed.getvalue()),
        ("notes.bin", b"\x00\x01\x02"),
    )
    counts = job.report.counts
    assert (counts.read, counts.known, counts.passed_over) == (2, 2, 1)
    assert "clinic-1.eml + 2" in page
    assert "passed over: 1" in page
    detail = visitor.get(f"/imports/{job.report.import_id}").text
    assert "clinic-1.eml + 2/notes.bin" in detail
    assert str(tmp_path) not in detail


def test_a_file_that_nothing_understands_is_listed_with_its_reason(upload, sign_in):
    job, page = upload(("holiday.bin", b"\x00\x01\x02\x03"))
    assert job.report.counts.unreadable == 1
    assert "unreadable: 1" in page
    detail = sign_in("olga").get(f"/imports/{job.report.import_id}").text
    assert "holiday.bin" in detail
    assert "no format recognises it" in detail


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(upload, seeded):
    job, page = upload(("large.mbox", b"x" * 300_000))
    assert job.state is State.FAILED
    assert "larger than 200,000 bytes" in page
    assert left_over(seeded) == []


def test_a_form_without_a_file_is_explained(upload, seeded):
    _, page = upload(("", b""))
    assert "No file was chosen" in page
    assert left_over(seeded) == []


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
    ],
)
def test_a_damaged_upload_is_explained_and_leaves_nothing(sign_in, seeded, body, kind, said):
    client = sign_in("olga")
    answer = client.post("/imports", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 303
    assert said in client.get("/imports").text
    assert left_over(seeded) == []


def test_an_unknown_zone_is_explained_and_leaves_nothing(upload, seeded):
    job, page = upload(("contract.eml", NEW_MAIL), zone="Mars/Olympus")
    assert job.state is State.FAILED
    assert "is no time zone" in page
    assert left_over(seeded) == []


def test_a_name_that_climbs_out_stays_in_its_folder(upload, seeded):
    job, _ = upload(("../../../evil.eml", NEW_MAIL))
    assert job.names == ("evil.eml",)
    assert not list(seeded.house.settings.data.parent.rglob("evil.eml"))


def test_files_of_one_name_do_not_overwrite_each_other(upload):
    other = NEW_MAIL.replace(b"<new@", b"<newer@")
    job, _ = upload(("mail.eml", NEW_MAIL), ("mail.eml", other))
    assert job.names == ("mail.eml", "mail (2).eml")
    assert job.report.counts.new == 2


def test_attachments_are_downloads_with_their_own_names(upload, visitor):
    parts = MIMEMultipart()
    for name, value in (("From", "priya@hotel.example"), ("Message-ID", "<files@mail.example>")):
        parts[name] = value
    parts["Subject"] = "Vouchers"
    parts.attach(MIMEText("See the zeppelin sketch."))
    sketch = MIMEApplication(b"%PDF-1.7 sketch", "pdf")
    sketch.add_header("Content-Disposition", "attachment", filename="Szkic żółty.pdf")
    parts.attach(sketch)
    upload(("vouchers.eml", parts.as_bytes()))
    (message,) = re.findall(r"\?at=(\d+)", visitor.get("/search?q=zeppelin").text)
    answer = visitor.get(f"/messages/{message}/attachments/0")
    assert answer.content == b"%PDF-1.7 sketch"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Szkic____ty.pdf\"; filename*=UTF-8''Szkic%20%C5%BC%C3%B3%C5%82ty.pdf"
    )
    assert visitor.get(f"/messages/{message}/attachments/1").status_code == 404


@given(st.text(max_size=400))
def test_a_safe_name_is_one_plain_part_of_a_path(name):
    safe = safe_name(name)
    assert safe
    assert safe not in {".", ".."}
    assert "/" not in safe
    assert "\\" not in safe
    assert "\0" not in safe
    assert len(safe.encode()) <= 255
