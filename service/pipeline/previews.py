"""Previews of staged uploads, made in the background and remembered. In: an import. Out: Looked.

They live in memory and die with the process: whoever asks next has them made again.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from service.archive.imports import Import
from service.errors import ScriptaError
from service.pipeline.ingest import Wish
from service.pipeline.installation import Installation
from service.pipeline.preview import Preview, preview, with_sides
from service.pipeline.staged import files_of

REMEMBERED = 60
AT_ONCE = 2
"""Others wait: each reads files for up to 20 seconds."""

_Key = tuple[int, str | None, str | None]


@dataclass(slots=True)
class Looked:
    """One preview, made or in the making."""

    preview: Preview | None = None
    """None until it is made."""
    trouble: str = ""
    """Why it could not be made."""
    done: threading.Event = field(default_factory=threading.Event)


class Previews:
    """The previews of one process."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._room = threading.Semaphore(AT_ONCE)
        self._made: OrderedDict[_Key, Looked] = OrderedDict()

    def of(self, one: Import, wish: Wish | None = None, *, wait_s: float = 0.0) -> Looked:
        """Return the preview of a staged upload; where nobody asked for it yet, it is begun.

        Of the wish only format and order of dates count. Raises ConfigError for one that cannot be meant.
        """
        wish = wish or Wish()
        wish.check()
        key = (one.id, wish.format_name, wish.date_order)
        with self._lock:
            looked = self._made.get(key)
            if looked is None:
                looked = self._made[key] = Looked()
                while len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
                args = (one, Wish(wish.format_name, None, wish.date_order), looked)
                threading.Thread(target=self._make, args=args, name=f"preview-{one.id}", daemon=True).start()
        looked.done.wait(wait_s)
        if looked.preview is None:
            return looked
        # Another upload may have said meanwhile who is who.
        return replace(looked, preview=with_sides(self._house, looked.preview))

    def forget(self, import_id: int) -> None:
        """Drop what was made for an upload."""
        with self._lock:
            for key in [key for key in self._made if key[0] == import_id]:
                del self._made[key]

    def _make(self, one: Import, wish: Wish, looked: Looked) -> None:
        try:
            with self._room:
                looked.preview = preview(self._house, files_of(self._house, one), wish)
        except (ScriptaError, OSError) as error:
            looked.trouble = str(error)
        finally:
            looked.done.set()
