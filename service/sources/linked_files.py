"""Attach what an export names by a path or by a link. In: a folder and an address. Out: RawAttachment.

Never: follows a link, lets the signature of one out, reads outside the export's folder.
"""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from service.sources.media import attach, find, media_type
from service.sources.raw_message import RawAttachment

_LINK = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SIGNED = re.compile(
    r"(https?://(?:[\w-]+\.)*(?:discordapp\.(?:com|net)|discord\.com|fbcdn\.net|fbsbx\.com|cdninstagram\.com)"
    r"/[^\s?#<>\"]*)[?#][^\s<>\"]*",
    re.IGNORECASE,
)
_ONLY_A_LINK = "the export holds only a link to it, and links are not followed"
_DEEPEST = 12
"""Folders of a path that are tried: what an export names may be far above the folder that was given."""


def attach_linked(
    root: Path, address: str, *, shown: str = "", type_: str | None = None, size: int | None = None
) -> RawAttachment:
    """Return the file that `address` means, or name it as missing; `shown` is its name for people.

    A path counts from a folder that the export knows, which may be above `root`: so its end is enough.
    """
    if _LINK.match(address):
        name = shown or PurePosixPath(unquote(re.split(r"[?#]", address)[0])).name
        return RawAttachment(name, type_ or media_type(name), size, missing=_ONLY_A_LINK)
    for path in dict.fromkeys((address, unquote(address))):
        parts = path.replace("\\", "/").split("/")
        for first in range(max(0, len(parts) - _DEEPEST), len(parts)):
            end = "/".join(parts[first:])
            if find(root, end) is not None:
                return attach(root, end, shown=shown or None, type_=type_)
    return attach(root, address, shown=shown or None, type_=type_, size=size)


def without_signatures(text: str) -> str:
    """Cut what lets its holder open a link from the links of platforms that sign theirs.

    >>> without_signatures("see https://cdn.discordapp.com/attachments/1/2/plan.pdf?ex=66&hm=ab12 now")
    'see https://cdn.discordapp.com/attachments/1/2/plan.pdf now'
    """
    return _SIGNED.sub(r"\1", text) if "://" in text else text
