"""Instagram messages, as "Download your information" gives them in JSON.

In: the `messages` folder of an export, one of its trees, one conversation, or one `message_N.json` or
`message_N.html`.
Out: one record per message, notice or call. Never: takes Messenger's, which look the same, for its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from service.sources.meta_messages import read_threads
from service.sources.meta_page import claims_media, is_page
from service.sources.meta_threads import Platform, head_of_first
from service.sources.raw_message import AddressKind, Record
from service.sources.source import Export, Sample

_SHAPE = re.compile(rb'"messages"\s*:\s*\[\s*\{\s*"(?:sender_id_INTERNAL|sender_name|timestamp_ms)"\s*:')
_OWN = re.compile(rb'your_instagram_activity|"original_content_owner"')
_SHARED = re.compile(rb'"link"\s*:\s*"https:\\?/\\?/www\.instagram\.com')
_OTHER = re.compile(rb"your_facebook_activity|facebook\.com|stickers_used")
_PLATFORM = Platform("instagram", "instagram", AddressKind.INSTAGRAM)


class Instagram:
    """The shape of Messenger; known by the folder that it lies in, or by what it links to."""

    name = _PLATFORM.format
    label = "Instagram (JSON, HTML)"
    channel = _PLATFORM.channel

    def score(self, sample: Sample) -> float:
        """Look for the folder of an Instagram export, or its name in the paths of media."""
        lies_there = any("instagram" in part.lower() for part in sample.path.parts[-6:])
        if is_page(sample):
            return 0.95 if lies_there else 0.0
        head = head_of_first(sample.path) if sample.is_folder else sample.head
        if not _SHAPE.search(head) or "your_facebook_activity" in sample.path.parts:
            return 0.0
        own = _OWN.search(head) or (_SHARED.search(head) and not _OTHER.search(head))
        return 0.95 if lies_there or own else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim the folders of media beside a page."""
        return claims_media(export, beside)

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every message, each conversation from its oldest message on."""
        yield from read_threads(export, _PLATFORM)


SOURCE = Instagram()
