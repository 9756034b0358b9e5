"""Microsoft 365 and Outlook.com.

Addresses: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code. Scope and server for IMAP:
https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
"""

from datetime import timedelta

from service.sources.imap.mailbox import Server
from service.sources.oauth.provider import Provider

_LOGIN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"

PROVIDER = Provider(
    name="microsoft",
    label="Microsoft",
    authorize_url=f"{_LOGIN}/authorize",
    token_url=f"{_LOGIN}/token",
    device_url=f"{_LOGIN}/devicecode",
    # The second gives the refresh token; the resource must be Exchange itself, not Microsoft Graph.
    scopes=("https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"),
    hosts=("outlook.office365.com", "imap-mail.outlook.com"),
    server=Server("outlook.office365.com"),
    tenant="common",
    # Each refresh gives a token for another 90 days:
    # https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime
    refresh_for=timedelta(days=90),
)
