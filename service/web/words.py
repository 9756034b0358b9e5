"""What statuses, kinds, sides and roles are called on the page. In: their names. Out: texts to translate."""

from dataclasses import dataclass

from service.web.texts import later


@dataclass(frozen=True, slots=True)
class Word:
    """A label, and one sentence that says what it means to somebody who manages projects."""

    label: str
    meaning: str = ""


WORDS: dict[str, dict[str, Word]] = {
    "status": {
        "agreed": Word(
            later("Agreed"), later("One side proposed it and the other accepted, both in writing.")
        ),
        "conditional": Word(
            later("Conditional"), later("Accepted in writing with a condition that is not met yet.")
        ),
        "open": Word(
            later("Open"), later("Proposed in writing and not answered yet. Silence is not consent.")
        ),
        "verbal_only": Word(
            later("Only by voice"),
            later(
                "Somebody wrote that it was agreed by voice; the other side has not confirmed it in writing."
            ),
        ),
        "rejected": Word(later("Rejected"), later("Refused or called off in writing.")),
        "superseded": Word(later("Superseded"), later("Was agreed, then replaced by later terms.")),
    },
    "kind": {
        "commitment": Word(later("Promise"), later("The speaker's side undertakes to do something.")),
        "request": Word(later("Request"), later("Asks the other side to do something.")),
        "proposal": Word(later("Proposal"), later("Offers terms or a result for the other side's yes.")),
        "approval": Word(later("Approval"), later("Accepts what was proposed or delivered.")),
        "rejection": Word(later("Rejection"), later("Refuses or withdraws.")),
        "decision": Word(later("Decision"), later("States an outcome as settled.")),
        "fulfilment": Word(later("Done"), later("Reports that something owed has been done.")),
    },
    "role": {
        "proposal": Word(later("Proposed")),
        "recap": Word(later("Written down after a talk")),
        "decision": Word(later("Stated as decided")),
        "answer": Word(later("Answered")),
        "condition": Word(later("Accepted with a condition")),
        "change": Word(later("New terms")),
    },
    "side": {
        "agency": Word(later("agency")),
        "client": Word(later("client")),
        "other": Word(later("other")),
    },
    "verbal": {
        "call": Word(later("Call")),
        "voice": Word(later("Voice message")),
        "meeting": Word(later("Meeting")),
        "mention": Word(later("Mentioned talk")),
    },
    "message": {
        "image": Word(later("Picture")),
        "file": Word(later("File")),
        "deleted": Word(later("Deleted message")),
        "call": Word(later("Call")),
        "voice": Word(later("Voice message")),
        "meeting": Word(later("Meeting")),
        "system": Word(later("Chat event")),
        "unknown": Word(later("Unknown record")),
    },
    "channel": {
        "email": Word(later("Mail")),
        "telegram": Word("Telegram"),
        "whatsapp": Word("WhatsApp"),
    },
    "import": {
        "running": Word(later("Running")),
        "done": Word(later("Finished")),
        "incomplete": Word(later("Finished, not all readable")),
        "failed": Word(later("Failed")),
    },
    "rule": {
        "unconfirmed_decision": Word(
            later("Not confirmed in writing"),
            later(
                "Something was decided by voice, and nobody confirmed it in writing within the team's limit."
            ),
        ),
    },
    "field": {
        "from": Word(later("written by a person whose name or address holds this")),
        "to": Word(later("sent to a person whose name or address holds this")),
        "client": Word(later("belongs to a client whose name holds this")),
        "project": Word(later("belongs to a project whose name holds this")),
        "in": Word(later("in a conversation with this in its title, or on this channel")),
        "kind": Word(later("holds a statement of this kind")),
        "status": Word(later("belongs to an agreement that stands so")),
        "has": Word(later("carries this, or this was found in it")),
        "before": Word(later("sent before this day, month or year")),
        "after": Word(later("sent on this day, month or year, or after it")),
    },
    "flag": {
        "conditional": Word(later("conditional")),
        "verbal": Word(later("by voice")),
        "change": Word(later("change")),
    },
}
