"""The page says of a file that its words are only in an image."""

from email.message import EmailMessage

from service.accounts.scope import EVERYTHING
from service.attachments.attachment_text import Reading, TextState
from service.attachments.store import put
from service.db.session import reading, writing
from service.pipeline.ingest import Wish, ingest
from service.search.attached import attachments_rewritten
from service.search.find import find


def test_words_that_are_only_in_an_image_are_marked_and_found(seeded, sign_in, tmp_path):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@x.example", "olga@agency.example", "Skany"
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 10:00:00 +0100", "<skany@x.example>"
    mail.set_content("w zalaczniku")
    for name in ("skan.png", "umowa.txt"):
        mail.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=name)
    (tmp_path / "skany.eml").write_bytes(mail.as_bytes())
    ingest(seeded.house, [tmp_path / "skany.eml"], Wish(actor="test"))
    with reading(seeded.house.engine) as session:
        (hit,) = find(session, "skany", scope=EVERYTHING).hits
    with writing(seeded.house.engine) as session, attachments_rewritten(session, [hit.message_id]):
        scanned = Reading(TextState.READ, "<b>zaliczka</b>", from_image=True)
        put(session, hit.message_id, {0: scanned, 1: Reading(TextState.READ, "umowa")})
    olga = sign_in("olga")
    page = olga.get(f"/conversations/{hit.conversation_id}").text
    assert page.count("only in an image") == 1
    assert page.index("skan.png") < page.index("only in an image") < page.index("umowa.txt")
    found = olga.get("/search?q=zaliczka").text
    assert "skan.png: " in found
    assert "<b>zaliczka" not in found
