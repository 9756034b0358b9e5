"""Facebook Messenger, as "Download your information" gives it in JSON (chats without end-to-end encryption).

In: the `messages` folder of an export, one of its trees, one conversation, or one `message_N.json` or
`message_N.html`.
Out: one record per message, notice or call. Never: takes Instagram's, which look the same, for its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from service.sources.meta_messages import read_threads
from service.sources.meta_page import claims_media, is_page
from service.sources.meta_threads import Platform, head_of_first
from service.sources.raw_message import AddressKind, Record
from service.sources.source import Export, Sample

_SIGNS = (
    re.compile(rb'^\s*\{\s*"participants"\s*:\s*\[\s*(?:\{\s*"name"\s*:|\])'),
    re.compile(rb'"messages"\s*:\s*\[\s*\{\s*"(?:sender_id_INTERNAL|sender_name|timestamp_ms)"\s*:'),
)
_PLATFORM = Platform("messenger", "messenger", AddressKind.FACEBOOK)


class Messenger:
    """Times are exact; there are no ids, no replies and no edits."""

    name = _PLATFORM.format
    label = "Facebook Messenger (JSON, HTML)"
    channel = _PLATFORM.channel

    def score(self, sample: Sample) -> float:
        """Look for the keys of a conversation, whatever the file is called."""
        if is_page(sample):
            return 0.9
        head = head_of_first(sample.path) if sample.is_folder else sample.head
        found = sum(sign.search(head.removeprefix(b"\xef\xbb\xbf")) is not None for sign in _SIGNS)
        return (0.0, 0.8, 0.9)[found]

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders of media beside a page."""
        return claims_media(export, beside)

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message, each conversation from its oldest message on."""
        yield from read_threads(export, _PLATFORM)


SOURCE = Messenger()
