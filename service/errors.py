"""Every error that Scripta raises on purpose.

    ScriptaError
    ├── ConfigError          a setting is missing or wrong
    ├── SourceError          an input cannot be read at all
    │   ├── UnknownFormat    no format recognises the file
    │   ├── UnsafeArchive    a zip with hostile names or sizes
    │   ├── ZoneNeeded       times without a zone, and none was given
    │   ├── Unreachable      a server does not answer, or breaks off: tried again
    │   │   └── Throttled    a server asks to be left alone for a while
    │   ├── SignInRefused    a server refuses the password or token: a person must act
    │   ├── SourceBusy       another run holds the source
    │   ├── UploadRefused    what was sent is no upload, or broke off
    │   │   ├── UploadTooLarge   it has more bytes than one may have
    │   │   └── TooManyUploads   too many wait already
    │   └── RunStopped       the service or a person ends a run over a source
    ├── DatabaseError        the database cannot be reached, opened or written
    ├── ArchiveError         the store of originals failed
    ├── LedgerError          the ledger cannot be trusted or written
    │   └── LedgerBroken     verification found a bad entry
    ├── ChannelError         an alert was not delivered
    ├── SearchError          a query that cannot be understood
    ├── PeopleError          people cannot be made one, told apart or named so
    │   └── SidesDiffer      two people are on different sides: somebody must say which one holds
    └── AccessDenied         the person may not see or do this

Bad input inside a readable source is not an error but a value: `service.sources.raw_message.Unreadable`.
Messages say what happened, where, and what to do next.
"""


class ScriptaError(Exception):
    """Something Scripta refuses to do; the message says what, where and what to do next."""


class ConfigError(ScriptaError):
    """A setting is missing or wrong."""


class SourceError(ScriptaError):
    """An input cannot be read at all."""


class UnknownFormat(SourceError):
    """No format recognises the file."""


class UnsafeArchive(SourceError):
    """A zip holds names that leave its folder, links, or far more bytes than it should."""


class ZoneNeeded(SourceError):
    """The export prints times without a zone, and none was given."""


class Unreachable(SourceError):
    """A server does not answer, breaks off or answers nonsense; it is tried again by itself."""


class Throttled(Unreachable):
    """A server asks to be left alone for a while."""


class SignInRefused(SourceError):
    """A server refuses the password or token; never tried again before a person acts."""


class SourceBusy(SourceError):
    """Another run holds the source."""


class UploadRefused(SourceError):
    """What was sent is no upload, or broke off before its end."""


class UploadTooLarge(UploadRefused):
    """An upload has more bytes than one may have."""


class TooManyUploads(UploadRefused):
    """So many uploads wait for somebody's choice, or for their turn, that no more are taken."""


class RunStopped(SourceError):
    """The service ends, or a person pauses or changes the source: the next run goes on from there."""


class DatabaseError(ScriptaError):
    """The database cannot be reached, opened or written."""


class ArchiveError(ScriptaError):
    """The store of originals failed."""


class LedgerError(ScriptaError):
    """The ledger cannot be trusted or written."""


class LedgerBroken(LedgerError):
    """Verification found an entry that does not match its proof."""


class SearchError(ScriptaError):
    """A query that cannot be understood."""


class PeopleError(ScriptaError):
    """People cannot be made one, parted, told apart or named as somebody asks."""


class SidesDiffer(PeopleError):
    """Two people who are to be one are on different sides: the caller must say which one holds."""


class ChannelError(ScriptaError):
    """An alert was not delivered; it is tried again."""


class AccessDenied(ScriptaError):
    """The person may not see or do this."""
