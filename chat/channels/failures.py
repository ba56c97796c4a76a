"""What a failure of a channel means, in words, for whoever has set it up. Why one message was not
delivered stands in chat/templatetags/channels.py; where nothing stands here, that counts."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.models import Channel
from chat.templatetags.channels import CAUSES, meaning

from . import contract

KINDS = Channel.Kind
OURS = {
    contract.UNREACHABLE: gettext_noop("there is no connection to the service"),
    contract.LATE: gettext_noop("the service did not answer in time"),
    contract.NONSENSE: gettext_noop("the service gave an answer that cannot be read"),
    contract.FORBIDDEN: gettext_noop("its address is neither public nor in CHANNEL_ALLOW"),
    contract.SEALED: gettext_noop("the server's SECRET_KEY has changed: enter the keys anew"),
    contract.KEY: gettext_noop("a setting is refused"),
    contract.CERTIFICATE: gettext_noop("its certificate is not valid"),
    contract.SIGN_IN: gettext_noop("the mailbox does not let the server sign in"),
    contract.MAILBOX: gettext_noop("the mailbox does not open"),
}
"""Our own codes, which are not shown."""
REFUSED = gettext_noop("the service refuses it")
ACCOUNT_OR_SENDER = gettext_noop("the mail server refuses the account or the sender")
ACCOUNT = gettext_noop("the account id is refused")
PLACE = gettext_noop("this server's address is missing in the IP list there")
BUSY = gettext_noop("the service is called too often")
WEIXIN = {
    "40001": gettext_noop("the secret is refused"),
    "40013": ACCOUNT,
    "40014": gettext_noop("the access token is refused"),
    "40125": gettext_noop("AppSecret is refused"),
    "40164": PLACE,
    "42001": gettext_noop("the access token is refused"),
    "45009": BUSY,
    "45011": BUSY,
    "48001": gettext_noop("the account has no right to send messages: it is not verified"),
    "48002": gettext_noop("the secret has no right to this: let the API manage the account"),
    "60020": PLACE,
    "95000": gettext_noop("there is no such account (open_kfid)"),
    "95004": gettext_noop("there is no such account (open_kfid)"),
}
BY_KIND: dict[str, dict[str, str]] = {
    KINDS.TELEGRAM: {
        "401": gettext_noop("the bot's token is refused"),
        "404": gettext_noop("the bot's token is refused"),
        "409": gettext_noop("another program fetches this bot's messages"),
        "429": BUSY,
    },
    KINDS.WEIXIN: WEIXIN,
    KINDS.WEIXIN_KF: WEIXIN,
    KINDS.MAIL: {
        "530": gettext_noop("the mail server asks for another way to sign in"),
        "534": gettext_noop("the mail server asks for a password for programs"),
        "535": gettext_noop("user name or password are refused"),
        "invalid_grant": gettext_noop("the refresh token is refused: sign in there anew"),
        "invalid_client": gettext_noop("the OAuth client is refused"),
    },
}
"""Codes of the other sides, as their documentation says in November 2026."""
PLACED = contract.UNREACHABLE, contract.LATE
"""Codes of ours whose words add something for mail alone: whether IMAP or SMTP is meant."""


def words(kind: str, code: str, said: str = "") -> str:
    """Why something failed by a channel of this kind, with the other side's code; for an unknown
    one what the other side `said`, too. A code may have several parts (550 5.1.1), of which the
    last known one counts. What is refused of our account is none of a reader's mailbox."""
    if code in OURS:
        adds = code != contract.SEALED and (kind == KINDS.MAIL or code not in PLACED)
        return f"{_(OURS[code])}: {said}" if said and adds else _(OURS[code])
    bare = code.removeprefix(contract.SENDS)
    own = code != bare
    meant = meaning(bare, ({} if own else CAUSES) | BY_KIND.get(kind, {}))
    if meant and not any(letter.isdigit() for letter in bare):
        return _(meant)
    text = _(meant or (ACCOUNT_OR_SENDER if own else REFUSED))
    if said and not meant:
        text = f"{text}: {said}"
    return _("%(words)s (%(code)s)") % {"words": text, "code": bare}
