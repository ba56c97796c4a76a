"""Bounces: a mail server says that a mail of ours did not reach its reader.

A report names the mail by its headers, and most that keep to no standard quote it; so one of ours
is found by the proof in its Message-ID or address, wherever that stands. A bounce without one is a
mail like others: stored, and answered by no program.
"""

import re

from chat.channels.contract import Arrived
from chat.mail import proofs
from chat.models import Channel

from .automatic import DAEMONS, is_automatic
from .parsing import Mail

MOST = 200_000
"""Bytes in which a proof is looked for: reports that quote a whole mail have its headers first."""
STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -](?:([45]\.\d{1,3}\.\d{1,3})[ -])?\s*(\S[^\r\n]*)")
SUBJECTS = re.compile(
    r"undeliver|delivery (?:status|failure|has failed)|returned (?:mail|to sender)|mail delivery"
    r"|failure notice|not delivered|退信|系统退信|投递失败|无法送达|无法投递",
    re.I,
)


def bounced(channel: Channel, mail: Mail) -> Arrived | None:
    """What a bounce of a message of ours says; None for any other mail. A delay is none: the mail
    may still arrive."""
    # Somebody may pass a report on, with words of their own.
    report = report_of(mail) if is_automatic(mail, channel) else None
    if report is None and not looks_like_one(mail):
        return None
    action = field(report, "Action").lower()
    if action and action != "failed":
        return None
    for what in found_in(channel, mail):
        if what.startswith(proofs.PAGE):
            continue
        code, words = reason(mail, report)
        return Arrived(f"bounce:{mail.hash}", undelivered=what, reason=code, words=words)
    return None


def looks_like_one(mail: Mail) -> bool:
    """Of a mail that is no report by its type."""
    if mail.mime == "multipart/report":
        return False
    sender = "".join(mail.from_[:1]).partition("@")[0].lower()
    empty = mail.return_path.strip() == "<>"
    named = bool(mail.header("X-Failed-Recipients")) or bool(SUBJECTS.search(mail.subject))
    return named and (empty or sender in DAEMONS or bool(mail.header("X-Failed-Recipients")))


def report_of(mail: Mail) -> str | None:
    """The text of a message/delivery-status, its lines unfolded; None where the mail has none."""
    for part in mail.parts:
        if part.mime in ("message/delivery-status", "message/global-delivery-status"):
            return re.sub(r"\r?\n[ \t]+", " ", part.content[:MOST].decode("utf-8", "replace"))
    return None


def field(report: str | None, name: str) -> str:
    """The first value of a field; "" for none."""
    found = re.search(rf"^{name}:(.*)$", report or "", re.I | re.M)
    return found[1].strip() if found else ""


def found_in(channel: Channel, mail: Mail) -> list[str]:
    """The messages of ours that a bounce names: by the mail that it returns, else by its own words
    and headers."""
    returned = [
        part.content[:MOST].decode("latin-1")
        for part in mail.parts
        if part.mime.startswith(("message/", "text/rfc822"))
    ]
    cited = " ".join([*mail.in_reply_to, *mail.references, *mail.to])
    raw = mail.raw[:MOST].decode("latin-1")
    for text in (*returned, cited, mail.text[:MOST], raw):
        if found := proofs.proven(channel, text):
            return found
    return []


def reason(mail: Mail, report: str | None) -> tuple[str, str]:
    """Why, as a code (5.1.1, or an SMTP code where there is none) and in words."""
    said = field(report, "Diagnostic-Code").partition(";")[2].strip()
    status = STATUS.search(field(report, "Status"))
    in_text = CODE.search(said or mail.text)
    words = said or (in_text[0] if in_text else mail.subject)
    if status is None and in_text:
        return in_text[2] or in_text[1], words.strip()
    return (status[1] if status else "bounced"), words.strip()
