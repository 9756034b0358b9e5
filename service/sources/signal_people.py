"""Who is who in a Signal export. In: its recipient, chat and account frames. Out: addresses, conversations.

Never: uses a secret (a group's master key, a profile key) as an identity.
"""

import base64
import binascii
import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from service.sources.json_values import members, objects, word
from service.sources.raw_message import AddressKind, RawAddress, RawConversation

NOTE_TO_SELF = "Note to Self"


def service_id(value: Any) -> str:
    """Return an ACI or PNI as Signal shows it; the export has its 16 bytes in base64, older ones text.

    >>> service_id("KJJUWi4GSZ6R7Ke6X7eMwQ=="), service_id(None)
    ('2892545a-2e06-499e-91ec-a7ba5fb78cc1', '')
    """
    text = word(value)
    for raw in (text, *_base64(text)):
        try:
            return str(uuid.UUID(raw))
        except ValueError:
            continue
    return text.lower()


def _base64(text: str) -> tuple[str, ...]:
    content = from_base64(text)
    # A PNI in a group has one byte before it that says so.
    return (content[-16:].hex(),) if len(content) in (16, 17) else ()


def from_base64(value: Any) -> bytes:
    """Return the bytes that protobuf's JSON has in base64; none for what is none."""
    text = word(value).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


@dataclass(slots=True)
class People:
    """The recipients and chats of an export, known before its messages are read."""

    addresses: dict[str, RawAddress] = field(default_factory=dict)
    """By recipient id."""
    names: dict[str, str] = field(default_factory=dict)
    """By ACI, for mentions and what happens in groups."""
    conversations: dict[str, RawConversation] = field(default_factory=dict)
    """By recipient id."""
    chats: dict[str, str] = field(default_factory=dict)
    """Recipient ids by chat id."""
    me: str = ""
    """The recipient id of the account that was exported."""
    my_name: str = ""
    in_groups: Counter[str] = field(default_factory=Counter)

    def take(self, frame: dict[str, Any]) -> None:
        """Learn from one frame; those that define nobody teach nothing."""
        if "account" in frame:
            account = members(frame["account"])
            self.my_name = _joined(account, "givenName", "familyName") or word(account.get("username"))
        if "recipient" in frame:
            self._recipient(members(frame["recipient"]))
        if "chat" in frame:
            chat = members(frame["chat"])
            self.chats[word(chat.get("id"))] = word(chat.get("recipientId"))

    def finish(self) -> None:
        """Name the account's own user: by its id where the groups give it away, else by name."""
        unknown = [member for member in self.in_groups if member not in self.names]
        name = self.my_name or "You"
        # Whoever is in the groups and no contact can only be the owner, if it is one.
        value = unknown[0] if len(unknown) == 1 else name
        if self.me:
            self.addresses[self.me] = RawAddress(AddressKind.SIGNAL, value, name)
            self.conversations[self.me] = RawConversation("note-to-self", NOTE_TO_SELF)
            self.names.setdefault(value, name)

    def person(self, recipient: Any) -> RawAddress | None:
        """Return whom a recipient id means; None for no id."""
        key = word(recipient)
        if not key or key == "0":
            return None
        nameless = RawAddress(AddressKind.SIGNAL, f"recipient {key}", f"Recipient {key}")
        return self.addresses.get(key, nameless)

    def conversation(self, chat: Any) -> RawConversation:
        """Return the chat of a message, also one that the export does not define."""
        key = word(chat)
        nameless = RawConversation(f"chat {key}", f"Chat {key}")
        return self.conversations.get(self.chats.get(key, ""), nameless)

    def _recipient(self, recipient: dict[str, Any]) -> None:
        key = word(recipient.get("id"))
        if isinstance(contact := recipient.get("contact"), dict):
            self._contact(key, contact)
        elif isinstance(group := recipient.get("group"), dict):
            self._group(key, group)
        elif "self" in recipient:
            self.me = key
        elif "releaseNotes" in recipient:
            self._named(key, "release-notes", "Signal")
        elif isinstance(link := recipient.get("callLink"), dict):
            self._named(key, f"call-link-{key}", word(link.get("name")) or "Call link")
        elif isinstance(item := recipient.get("distributionList"), dict):
            name = word(members(item.get("distributionList")).get("name"))
            self._named(key, service_id(item.get("distributionId")), name or "Story")

    def _named(self, key: str, value: str, name: str) -> None:
        self.addresses[key] = RawAddress(AddressKind.SIGNAL, value, name)
        self.conversations[key] = RawConversation(value, name)

    def _contact(self, key: str, contact: dict[str, Any]) -> None:
        aci, phone = service_id(contact.get("aci")), _phone(contact.get("e164"))
        pni = service_id(contact.get("pni"))
        name = _name(contact) or phone or word(contact.get("username"))
        if not aci and phone:
            address = RawAddress(AddressKind.PHONE, phone, name)
        else:
            value = (
                aci or (f"pni:{pni}" if pni else "") or word(contact.get("username")) or f"recipient {key}"
            )
            address = RawAddress(AddressKind.SIGNAL, value, name or "Unknown")
        self.addresses[key] = address
        self.conversations[key] = RawConversation(address.value, address.name)
        for known in filter(None, (aci, pni)):
            self.names[known] = address.name

    def _group(self, key: str, group: dict[str, Any]) -> None:
        snapshot = members(group.get("snapshot"))
        title = word(members(snapshot.get("title")).get("title")) or "Group"
        secret = word(group.get("masterKey"))
        value = f"group:{hashlib.sha256(secret.encode()).hexdigest()[:32]}" if secret else f"group {key}"
        self.addresses[key] = RawAddress(AddressKind.SIGNAL, value, title)
        self.conversations[key] = RawConversation(value, title)
        for member in objects(snapshot.get("members")):
            if aci := service_id(member.get("userId")):
                self.in_groups[aci] += 1


def _name(contact: dict[str, Any]) -> str:
    """Return the name that Signal shows: a nickname, the address book's, the person's own."""
    nickname = _joined(members(contact.get("nickname")), "given", "family")
    system = _joined(contact, "systemGivenName", "systemFamilyName")
    profile = _joined(contact, "profileGivenName", "profileFamilyName")
    return nickname or system or word(contact.get("systemNickname")) or profile


def _joined(value: dict[str, Any], *keys: str) -> str:
    return " ".join(filter(None, (word(value.get(key)) for key in keys)))


def _phone(value: Any) -> str:
    number = word(value).removeprefix("+")
    return f"+{number}" if number and number != "0" else ""
