"""A folder's place is a URL that anybody can read."""

from service.sources.imap.address import folder_place
from service.sources.imap.mailbox import Security, Server


def test_the_port_is_named_where_it_is_unusual():
    assert folder_place(Server("h", 993), "a", "INBOX", 1) == "imap://a@h/INBOX;UIDVALIDITY=1"
    assert folder_place(Server("h", 1993), "a", "INBOX", 1) == "imap://a@h:1993/INBOX;UIDVALIDITY=1"
    assert (
        folder_place(Server("h", 143, Security.STARTTLS), "a", "INBOX", 1) == "imap://a@h/INBOX;UIDVALIDITY=1"
    )


def test_names_cannot_be_taken_for_other_parts_of_the_address():
    place = folder_place(Server("::1"), "a:b@c/d;e", "x;UIDVALIDITY=9?#%/Ż", 7)
    assert place == "imap://a%3Ab%40c%2Fd%3Be@[::1]/x%3BUIDVALIDITY=9%3F%23%25/%C5%BB;UIDVALIDITY=7"


def test_a_server_without_uidvalidity_has_none_in_its_places():
    assert folder_place(Server("h"), "a", "INBOX", 0) == "imap://a@h/INBOX"
