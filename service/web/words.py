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
        "reaction": Word(later("Reaction")),
        "system": Word(later("Chat event")),
        "unknown": Word(later("Unknown record")),
    },
    "mail": {
        "signed-smime": Word(
            later("signed (S/MIME)"), later("It carries its writer’s signature; Scripta keeps it unchanged.")
        ),
        "signed-pgp": Word(
            later("signed (PGP)"), later("It carries its writer’s signature; Scripta keeps it unchanged.")
        ),
        "encrypted-smime": Word(
            later("encrypted (S/MIME): cannot be read here"),
            later("Only the reader’s key opens it; the original is kept."),
        ),
        "encrypted-pgp": Word(
            later("encrypted (PGP): cannot be read here"),
            later("Only the reader’s key opens it; the original is kept."),
        ),
        "auto-reply": Word(later("automatic reply")),
        "auto-generated": Word(later("written by a program")),
        "delivery-report": Word(later("delivery report")),
        "read-receipt": Word(later("read receipt")),
    },
    "meeting": {
        "request": Word(later("invitation")),
        "cancel": Word(later("called off")),
        "reply": Word(later("answer to an invitation")),
        "counter": Word(later("another time proposed")),
        "publish": Word(later("announced")),
        "accepted": Word(later("accepted")),
        "declined": Word(later("declined")),
        "tentative": Word(later("perhaps")),
        "delegated": Word(later("sent somebody else")),
    },
    "time": {
        "claimed": Word(later("by the sender’s clock")),
        "stamped": Word(later("by the receiving server")),
        "internal": Word(later("by the mailbox")),
        "seen": Word(later("archived")),
    },
    "origin": {
        "signed": Word(
            later("signed by the sender’s domain"),
            later("The sender’s own domain signed this mail, and it reads as it was signed (DKIM)."),
        ),
        "other_domain": Word(
            later("signed by another domain"),
            later(
                "A mailing service, a list or a forwarder vouches for it; the sender’s own domain does not."
            ),
        ),
        "broken": Word(
            later("signature broken"),
            later("It was changed after it was signed, or its domain signs with another key by now."),
        ),
        "unknown": Word(
            later("signature cannot be checked"),
            later("The key is not to be had, or the signature proves nothing either way."),
        ),
        "waiting": Word(
            later("signature not checked yet"),
            later("The key is asked for in the background; look again in a minute."),
        ),
        "unsigned": Word(
            later("not signed"),
            later("Nobody signed this mail. Your own mails are signed only after they leave your mailbox."),
        ),
    },
    "origin_reason": {
        "matches": Word(later("valid")),
        "text_changed": Word(later("the text was changed after signing")),
        "header_changed": Word(later("the header was changed after signing, or the key is another one now")),
        "partly_covered": Word(later("covers only the beginning of the text")),
        "chain_broken": Word(later("the chain of forwarders is broken")),
        "key_missing": Word(later("the key is not published any more")),
        "key_revoked": Word(later("the key was withdrawn")),
        "key_unreadable": Word(later("the key cannot be read")),
        "key_weak": Word(later("the key is too short to prove anything")),
        "no_answer": Word(later("nobody answered when asked for the key")),
        "not_asked": Word(later("keys are not asked for: SCRIPTA_DNS is off")),
        "unreadable": Word(later("the signature cannot be read")),
        "algorithm": Word(later("signed in a way that proves nothing today")),
        "sender_not_covered": Word(later("does not cover the sender")),
        "out_of_time": Word(later("was not valid when the mail came")),
        "too_many": Word(later("too many signatures to check them all")),
    },
    "channel": {
        "email": Word(later("Mail")),
        "discord": Word("Discord"),
        "google-chat": Word("Google Chat"),
        "instagram": Word("Instagram"),
        "matrix": Word("Matrix"),
        "mattermost": Word("Mattermost"),
        "messenger": Word("Messenger"),
        "other": Word(later("Other messenger")),
        "rocketchat": Word("Rocket.Chat"),
        "signal": Word("Signal"),
        "skype": Word("Skype"),
        "slack": Word("Slack"),
        "teams": Word("Microsoft Teams"),
        "telegram": Word("Telegram"),
        "viber": Word("Viber"),
        "vk": Word("VK"),
        "whatsapp": Word("WhatsApp"),
    },
    "address": {
        "mail": Word(later("Mail")),
        "phone": Word(later("Phone")),
        "facebook": Word("Messenger"),
        "other": Word(later("Other messenger")),
    },
    "why": {
        "same_messages": Word(later("same messages")),
        "same_mail": Word(later("same mail address")),
        "same_phone": Word(later("same phone number")),
        "contact_card": Word(later("on one contact card")),
        "signed_phone": Word(later("the phone under their mails")),
        "same_handle": Word(later("same handle")),
        "same_name": Word(later("same name")),
        "short_name": Word(later("same name, shortened")),
        "first_name": Word(later("same first name")),
    },
    "import": {
        "staged": Word(later("Waits for your choice")),
        "queued": Word(later("Waits for its turn")),
        "discarded": Word(later("Discarded")),
        "running": Word(later("Running")),
        "done": Word(later("Finished")),
        "incomplete": Word(later("Finished, not complete")),
        "failed": Word(later("Failed")),
    },
    "rule": {
        "unconfirmed_decision": Word(
            later("Not confirmed in writing"),
            later(
                "Something was decided by voice, and nobody confirmed it in writing within the team's limit."
            ),
        ),
        "source_failing": Word(
            later("Source not read"),
            later("It could not be read for half an hour, or somebody must sign in to it again."),
        ),
        "source_incomplete": Word(
            later("Mailbox incomplete"),
            later("Something in it has not been archived for more than a day."),
        ),
        "sign_in_expires": Word(
            later("Sign-in ends soon"),
            later("It ends within ten days; sign in again before it does."),
        ),
    },
    "source": {
        "new": Word(later("Not read yet"), later("It was added and has not been read yet.")),
        "complete": Word(later("Complete"), later("Everything that the server had is here.")),
        "incomplete": Word(
            later("Incomplete"),
            later("Something on the server is not here yet; it is tried again by itself."),
        ),
        "failing": Word(
            later("Failing"), later("The server could not be read; it is tried again by itself.")
        ),
        "sign_in": Word(later("Sign in again"), later("The server refuses the sign-in: somebody must act.")),
        "paused": Word(later("Paused"), later("Somebody stopped it; it is not read until it is resumed.")),
        "running": Word(later("Being read now"), later("A run is bringing what is new.")),
        "interrupted": Word(
            later("Interrupted"), later("A run ended without a word; the next one goes on where it stopped.")
        ),
    },
    "intake": {
        "imap": Word(later("Mailbox")),
        "folder": Word(later("Watched folder")),
        "smtp": Word(later("SMTP intake")),
        "telegram_bot": Word(later("Telegram bot")),
        "slack": Word("Slack"),
        "mattermost": Word("Mattermost"),
        "matrix": Word("Matrix"),
    },
    "outcome": {
        "archived": Word(later("Archived")),
        "known": Word(later("Already known")),
        "refused": Word(later("Refused"), later("No mail that could be read; its bytes are in quarantine.")),
        "failed": Word(later("Failed"), later("The server does not give it, or it is too large.")),
    },
    "needs": {
        "app_password": Word(
            later("It wants a password made for this app alone, not the one that you sign in with.")
        ),
        "imap_on": Word(later("IMAP must be switched on in its settings first.")),
        "sign_in": Word(later("It takes no passwords: sign in at the provider.")),
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
