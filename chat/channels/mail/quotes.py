"""What of a mail's text its author wrote, and what is quoted below or above it.

Nothing is cut: all lines are in one of the two. Where it is not sure, all of it is the author's.
"""

import re

PERSON = r"[^\n]{0,300}?"
INTRODUCTIONS = [
    # Gmail, Apple Mail, Thunderbird, 163 in English
    rf"(on|at)\b{PERSON}\d{PERSON}\b(wrote|writes):",
    rf"{PERSON}<[^<>\s]+@[^<>\s]+>\s+(wrote|writes):",
    # The same in Chinese: 在 2026年11月30日 …写道：, 于2026年11月30日周一 20:07写道：, 163's
    rf"(在|于)\s*\d{PERSON}(写道|寫道|写到)\s*[:：]",
    rf"{PERSON}[于於]\s*\d{PERSON}(写道|寫道|写到)\s*[:：]",
    rf"{PERSON}(<[^<>\s]+@[^<>\s]+>|＜[^＞]+＞){PERSON}(写道|寫道|写到)\s*[:：]",
]
INTRODUCTION = re.compile(rf"\s*({'|'.join(INTRODUCTIONS)})\s*", re.IGNORECASE)
CERTAIN = re.compile(r"[<＜][^<>\s]+@|\d[:：]\d\d")
"""An address or a time, without which such a sentence before no > may be their own."""
LONGEST = 600
"""Characters of such a sentence."""
SEPARATOR = re.compile(
    # Outlook: -----Original Message-----, QQ: ------------------ 原始邮件 ------------------
    r"\s*-{2,}\s*(original( message)?|原始邮件|邮件原件|(回复的)?原邮件|原始郵件)\s*-{2,}\s*",
    re.IGNORECASE,
)
RULE = re.compile(r"\s*(_{10,}|-{10,}|—{5,}|\*{10,})\s*")
FIELD = re.compile(
    r"[*\s]*(?P<name>from|sent|date|to|cc|subject|发件人|發件人|寄件者|发送时间|發送時間|寄件日期"
    r"|发送日期|日期|时间|收件人|收件者|抄送|副本|主题|主題|主旨)\s{0,9}\*?\s{0,9}[:：]\*?\s*(?P<value>.*)",
    re.IGNORECASE,
)
SENDER = {"from", "发件人", "發件人", "寄件者"}
SENT = {*("sent", "date", "发送时间", "發送時間", "寄件日期", "发送日期", "日期", "时间")}
SUBJECT = {"subject", "主题", "主題", "主旨"}
SPAN = 12
"""Lines in which the fields of a quoted mail stand; long ones take several."""
FORWARD = re.compile(r"\s*(fwd?|wg|转发|轉寄|轉發)\s*[:：]", re.IGNORECASE)


def divide(text: str, subject: str = "") -> tuple[str, str]:
    """The own text and the quoted rest. What somebody forwards is theirs to show."""
    if FORWARD.match(subject):
        return text, ""
    lines = text.split("\n")
    start, end = quote_in(lines)
    if start is None:
        return text, ""
    before = "\n".join(lines[:start]).strip("\n")
    after = "\n".join(lines[end:]).strip("\n")
    quoted = "\n".join(lines[start:end]).strip("\n")
    return "\n\n".join(filter(None, (before, after))), quoted


def quote_in(lines: list[str]) -> tuple[int | None, int]:
    """The first and the last line (exclusive) of what is quoted; None for none."""
    for at, line in enumerate(lines):
        if is_marked(line):
            return marked(lines, at, at)
        if not line.strip():
            continue
        if body := introduced(lines, at):
            following = next_text(lines, body)
            if following < len(lines) and is_marked(lines[following]):
                return marked(lines, at, following)
            if CERTAIN.search(" ".join(lines[at:body])):
                return at, len(lines)
        if SEPARATOR.fullmatch(line) and is_head(lines, at + 1):
            return at, len(lines)
        if is_head(lines, at):
            rule = at > 0 and bool(RULE.fullmatch(lines[at - 1]))
            return at - rule, len(lines)
    return None, 0


def is_marked(line: str) -> bool:
    return line.lstrip().startswith(">")


def marked(lines: list[str], start: int, first: int) -> tuple[int | None, int]:
    """A quote whose lines begin with >. What is written between its lines would say nothing without
    them: then nothing is folded."""
    last = max(at for at in range(first, len(lines)) if is_marked(lines[at]))
    end = first
    while end < len(lines) and (is_marked(lines[end]) or not lines[end].strip()):
        end += 1
    return (start, last + 1) if end > last else (None, 0)


def introduced(lines: list[str], at: int) -> int:
    """The line after a sentence such as "On … wrote:", which may take three lines; 0 for none."""
    for count in (1, 2, 3):
        some = lines[at : at + count]
        if len(some) < count or not some[-1].strip() or sum(map(len, some)) > LONGEST:
            return 0
        if some[-1].rstrip().endswith((":", "：")):
            if INTRODUCTION.fullmatch(" ".join(line.strip() for line in some)):
                return at + count
    return 0


def next_text(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def is_head(lines: list[str], at: int) -> bool:
    """Whether the fields of a mail stand here: who sent it, next when or its subject, and then the
    other. Fewer may be somebody's own words."""
    at = next_text(lines, at)
    first = FIELD.fullmatch(lines[at]) if at < len(lines) else None
    if first is None or first["name"].lower() not in SENDER or not first["value"].strip():
        return False
    after = next_text(lines, at + 1)
    some = [FIELD.fullmatch(line) for line in lines[after : at + SPAN]]
    names = [one["name"].lower() if one else "" for one in some]
    follows = bool(names) and names[0] in SENT | SUBJECT
    return follows and not SENT.isdisjoint(names) and not SUBJECT.isdisjoint(names)
