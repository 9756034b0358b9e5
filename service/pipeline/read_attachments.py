"""Make the words of attachments searchable. In: attachments that wait. Out: how many were read.

Never: holds up ingest, lets one file keep the others from being read. Files are read outside of the writing
transaction, in a child process. A message's texts and its place in the index change together, so the index
never speaks of words that are not kept.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.attachments import store
from service.attachments.attachment_text import Reading, TextState
from service.attachments.ocr import Tesseract, find_tesseract
from service.attachments.reader import Given
from service.attachments.store import Place, Waiting
from service.attachments.supervise import Limits, Supervisor, supervised
from service.db.session import reading, writing
from service.errors import ArchiveError
from service.pipeline.installation import Installation
from service.search.attached import attachments_rewritten
from service.sources.mime import read_mail
from service.sources.raw_message import RawMessage

AT_ONCE = 50
"""Attachments asked for at once."""
LARGEST = 64 * 1024 * 1024
"""Bytes: larger files are films, drawings and backups."""
OCR_SHARE = 0.8
"""Of the time of one step: the child says itself what took too long, before it is sent away."""

Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)


def read_attachments(
    house: Installation,
    progress: Progress = lambda _done, _total: None,
    most: int | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Read attachments that wait, the newest first, and return how many were read.

    It ends after about `most`, or when `goes_on` says no; whole messages are always finished. An attachment
    whose bytes cannot be had now keeps waiting. Raises ScriptaError where no child process can be started.
    """
    limits = Limits(house.settings.attachment_seconds, house.settings.attachment_memory)
    tesseract = find_tesseract(OCR_SHARE * limits.seconds)
    total = _prepare(house, tesseract)
    done = 0
    with supervised(limits) as supervisor:
        desk = _Desk(house, supervisor, tesseract)
        for message_id, files in _waiting(house):
            if not goes_on() or (most is not None and done >= most):
                break
            desk.read(message_id, files)
            done += len(files)
            progress(done, max(done, total))
    return done


def _prepare(house: Installation, tesseract: Tesseract | None) -> int:
    """Let wait again what can be read now, and count what waits."""
    with writing(house.engine) as session:
        if tesseract is not None:
            store.wait_for_tesseract(session)
        return store.count_waiting(session)


def _waiting(house: Installation) -> Iterator[tuple[int, list[Waiting]]]:
    """Yield the attachments of one message after the other; what keeps waiting is not met twice."""
    before: Place | None = None
    while True:
        with reading(house.engine) as session:
            found = store.waiting(session, AT_ONCE, before)
        if not found:
            return
        before = found[-1].place
        for message_id, files in groupby(found, key=lambda one: one.message_id):
            yield message_id, list(files)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where attachments are read."""

    house: Installation
    supervisor: Supervisor
    tesseract: Tesseract | None

    def read(self, message_id: int, files: Sequence[Waiting]) -> None:
        try:
            readings = {
                file.position: self._reading(file, content) for file, content in self._contents(files)
            }
        except ArchiveError:
            log.exception("Attachments of message %d cannot be read now; they keep waiting", message_id)
            return
        with (
            writing(self.house.engine) as session,
            attachments_rewritten(session, [message_id]),
        ):
            store.put(session, message_id, readings)

    def _contents(self, files: Sequence[Waiting]) -> Iterator[tuple[Waiting, bytes | None]]:
        """Yield each attachment with its bytes; those inside the original are decoded one by one."""
        inside = [file for file in files if file.blob_sha256 is None]
        mail = self._original(inside[0]) if inside else None
        for file in files:
            if file.blob_sha256 is not None:
                yield file, None if _is_too_large(file) else self._blob(file.blob_sha256)
            elif mail is None or file.position >= len(mail.attachments):
                yield file, b""
            else:
                load = mail.attachments[file.position].load
                yield file, load() if load else b""

    def _original(self, file: Waiting) -> RawMessage | None:
        whole = self._blob(file.original_sha256)
        mail = read_mail(whole, format_name=file.format, position=0, where=str(file.message_id))
        return mail if isinstance(mail, RawMessage) else None

    def _blob(self, name: str) -> bytes:
        with reading(self.house.engine) as session:
            return self.house.blobs.read(session, name)

    def _reading(self, file: Waiting, content: bytes | None) -> Reading:
        if content is None or len(content) > LARGEST:
            return Reading(
                TextState.REFUSED, why=f"is larger than {LARGEST // 1024**2} MiB: open it yourself"
            )
        return self.supervisor.read(Given(content, file.name, file.media_type, self.tesseract))


def _is_too_large(file: Waiting) -> bool:
    return (file.size or 0) > LARGEST
