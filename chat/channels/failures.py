"""What a failure means, in words: of a whole channel, or of one message."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.models import Channel

from .contract import (
    DAILY,
    FORBIDDEN,
    GONE,
    KEY,
    LATE,
    NONSENSE,
    SEALED,
    SENDS,
    UNREACHABLE,
)

KINDS = Channel.Kind
OURS = {
    UNREACHABLE: gettext_noop("there is no connection to the service"),
    LATE: gettext_noop("the service did not answer in time"),
    NONSENSE: gettext_noop("the service gave an answer that cannot be read"),
    FORBIDDEN: gettext_noop("its address is neither public nor in CHANNEL_ALLOW"),
    SEALED: gettext_noop("the server's SECRET_KEY has changed: enter the keys anew"),
    KEY: gettext_noop("a setting is refused"),
    DAILY: gettext_noop("ten automatic mails were sent to them today"),
    GONE: gettext_noop("there is nobody any more whom this would reach"),
    "file_gone": gettext_noop("the file is not there any more"),
    "file_kind": gettext_noop("the service takes no file of this kind and size"),
    "too_large": gettext_noop("it is too large for the service"),
    "automatic": gettext_noop("no program answers an automatic mail"),
}
"""Our own codes. They are no more than a name, so they are not shown."""
SECRET, ACCOUNT = gettext_noop("the secret is refused"), gettext_noop("the account id is refused")
PLACE = gettext_noop("this server's address is missing in the IP list of the account")
OVER = gettext_noop("the time in which they may be answered is over")
USED_UP = gettext_noop("all messages are used up until they write again")
BUSY = gettext_noop("the service is called too often")
WEIXIN = {
    "40001": SECRET,
    "40013": ACCOUNT,
    "40014": gettext_noop("the access token is refused"),
    "40125": gettext_noop("AppSecret is refused"),
    "40164": PLACE,
    "42001": gettext_noop("the access token is refused"),
    "43004": gettext_noop("they do not follow the account any more"),
    "45009": BUSY,
    "45011": BUSY,
    "45015": OVER,
    "45047": USED_UP,
    "48001": gettext_noop("the account has no right to send messages: it is not verified"),
    "48002": gettext_noop("the secret has no right to this: let the API manage the account"),
    "60020": PLACE,
    "95000": gettext_noop("there is no such account (open_kfid)"),
    "95001": USED_UP,
    "95002": OVER,
    "95004": gettext_noop("there is no such account (open_kfid)"),
    "95013": gettext_noop("the session is over until they write again"),
    "95016": gettext_noop("they refuse messages"),
    "95018": gettext_noop("the session is over, or somebody has it in WeCom"),
    "fail_type 4": OVER,
    "fail_type 5": gettext_noop("the session is over until they write again"),
    "fail_type 6": USED_UP,
    "fail_type 10": gettext_noop("they refuse messages"),
}
BY_KIND = {
    KINDS.TELEGRAM: {
        "401": gettext_noop("the bot's token is refused"),
        "403": gettext_noop("they have blocked the bot"),
        "404": gettext_noop("the bot's token is refused"),
        "409": gettext_noop("another program fetches this bot's messages"),
        "429": BUSY,
    },
    KINDS.WEIXIN: WEIXIN,
    KINDS.WEIXIN_KF: WEIXIN,
    KINDS.MAIL: {
        "5.1.1": gettext_noop("this mailbox does not exist"),
        "5.2.2": gettext_noop("their mailbox is full"),
        "530": gettext_noop("the mail server asks for another way to sign in"),
        "534": gettext_noop("the mail server asks for a password for programs"),
        "535": gettext_noop("user name or password are refused"),
        "550": gettext_noop("this mailbox does not exist, or refuses us"),
        "552": gettext_noop("their mailbox is full, or the mail is too large"),
        "554": gettext_noop("their mail server has refused it"),
        "invalid_grant": gettext_noop("the refresh token is refused: sign in there anew"),
        "invalid_client": gettext_noop("the OAuth client is refused"),
    },
}
"""Codes of the other sides, as their documentation says in November 2026."""
TALKING = {KEY, FORBIDDEN, NONSENSE}
"""Codes whose words say more than what stands here."""


def words(kind: str, code: str, said: str = "") -> str:
    """Why something failed by a channel of this kind, with the other side's code; for an unknown
    one what the other side `said`. A code may have several parts (550 5.1.1), of which the last
    known one counts."""
    if code in OURS:
        return f"{_(OURS[code])}: {said}" if said and code in TALKING else _(OURS[code])
    bare = code.removeprefix(SENDS)
    known = BY_KIND.get(KINDS(kind), {}) if kind in KINDS.values else {}
    meant = next((known[one] for one in (bare, *reversed(bare.split())) if one in known), "")
    text = _(meant) if meant else said
    if not text:
        return _("the service refuses it (%(code)s)") % {"code": bare}
    return _("%(words)s (%(code)s)") % {"words": text, "code": bare}
