"""Say how a mail is signed or encrypted. In: its parts and text. Out: one word for `detail`. Never: verifies.

S/MIME (RFC 8551), PGP/MIME (RFC 3156), and PGP's older armour inside the text (RFC 9580, 6.2).
"""

import re

from service.sources.mime_parts import Part
from service.sources.smime import MEDIA_TYPES as PKCS7_MIME
from service.sources.smime import SIGNATURE_TYPES, signed_content

SIGNED_SMIME, SIGNED_PGP = "signed-smime", "signed-pgp"
ENCRYPTED_SMIME, ENCRYPTED_PGP = "encrypted-smime", "encrypted-pgp"
PROTECTIONS = (SIGNED_SMIME, SIGNED_PGP, ENCRYPTED_SMIME, ENCRYPTED_PGP)
_ARMOUR = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----[ \t]*$", re.MULTILINE)


def protection_of(part: Part, text: str) -> str:
    """Return what protects the mail, the outermost first; empty where nothing does."""
    found = _of_part(part)
    if not found and "-----BEGIN PGP" in text and (armour := _ARMOUR.search(text)):
        return SIGNED_PGP if armour[1] else ENCRYPTED_PGP
    return found


def _of_part(part: Part) -> str:
    if part.media_type == "multipart/encrypted":
        return ENCRYPTED_PGP
    if part.media_type == "application/pgp-signature":
        return SIGNED_PGP
    if part.media_type in SIGNATURE_TYPES:
        return SIGNED_SMIME
    if part.media_type in PKCS7_MIME and not part.children:
        return _of_container(part)
    # A detached signature stands beside what it signs, before whatever was signed inside that.
    own = (child for child in reversed(part.children) if not child.children)
    inner = (child for child in part.children if child.children)
    return next(filter(None, map(_of_part, (*own, *inner))), "")


def _of_container(part: Part) -> str:
    kind = part.parameters.get("smime-type", "").lower()
    if kind in {"certs-only", "compressed-data"}:
        return ""
    return SIGNED_SMIME if kind == "signed-data" or signed_content(part.content()) else ENCRYPTED_SMIME
