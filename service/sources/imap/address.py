"""Say where a folder is, for people and the ledger. Out: an IMAP URL (RFC 5092). Never: a password in it."""

from urllib.parse import quote

from service.sources.imap.mailbox import Security, Server

_USUAL_PORT = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
# RFC 5092, 11: what may stand unescaped in a user and in a mailbox.
_IN_USER = "!$'()*+,&="
_IN_FOLDER = _IN_USER + ":@/"


def folder_place(server: Server, user: str, folder_name: str, uid_validity: int) -> str:
    """Return the URL of a folder as it is now; the same name with another UIDVALIDITY is another folder.

    >>> folder_place(Server("imap.studio.pl"), "anna@studio.pl", "INBOX", 385759045)
    'imap://anna%40studio.pl@imap.studio.pl/INBOX;UIDVALIDITY=385759045'
    """
    host = f"[{server.host}]" if ":" in server.host else server.host
    port = "" if server.port == _USUAL_PORT[server.security] else f":{server.port}"
    validity = f";UIDVALIDITY={uid_validity}" if uid_validity else ""
    return f"imap://{quote(user, _IN_USER)}@{host}{port}/{quote(folder_name, _IN_FOLDER)}{validity}"
