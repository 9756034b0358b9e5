"""Gmail and Google Workspace.

Addresses and parameters: https://developers.google.com/identity/protocols/oauth2/web-server; without
`access_type=offline` and a consent asked for anew there is no refresh token. Scope for IMAP:
https://developers.google.com/workspace/gmail/imap/xoauth2-protocol. There is no device address, because codes
typed on another device may ask for little, and not for this scope:
https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes.
"""

from datetime import timedelta

from service.sources.imap.mailbox import Server
from service.sources.oauth.provider import Provider

_API = "https://oauth2.googleapis.com"

PROVIDER = Provider(
    name="google",
    label="Google",
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url=f"{_API}/token",
    scopes=("https://mail.google.com/",),
    hosts=("imap.gmail.com", "imap.googlemail.com"),
    server=Server("imap.gmail.com"),
    authorize_with=(("access_type", "offline"), ("prompt", "consent")),
    # "Has not been used for six months"; those of an app that is still in testing end after seven days, used
    # or not, and the answer says so: https://developers.google.com/identity/protocols/oauth2#expiration
    refresh_for=timedelta(days=180),
)
