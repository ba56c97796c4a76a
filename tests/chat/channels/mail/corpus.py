"""Some five hundred mails: every client, language and defect, each with what is to come of it.

`mails()` gives cases of raw bytes with texts that must stand in the own text (`own`), in the quoted
one (`quoted`), and the names of its parts. All texts are unlike each other, so that what is cut,
doubled or put elsewhere is seen.
"""

import base64
import itertools
import quopri
from collections.abc import Iterator
from dataclasses import dataclass, field

EN, ZH = "Yes, the blue one please.\nFrom: here it fits", "好的，蓝色的。\n镕基 说可以"
ASKED = {"en": "Which colour do you want?", "zh": "您要什么颜色？"}
PERSON, SHOP = "ann@customer.example", "shop@example.com"


@dataclass
class Case:
    name: str
    raw: bytes
    own: list[str]
    quoted: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def fields(names: str, sent: str, bold: bool = False, comma: str = ":") -> str:
    values = f"Shop <{SHOP}>", sent, PERSON, "Re: Order"
    star = "*" if bold else ""
    lines = (f"{star}{n}{comma}{star} {v}" for n, v in zip(names.split(), values, strict=True))
    return "\n".join(lines)


EN_NAMES, ZH_NAMES = "From Sent To Subject", "发件人 发送时间 收件人 主题"
CLIENTS = {
    "gmail-en": ("On Mon, Nov 30, 2026 at 8:07 PM Shop <shop@example.com> wrote:\n\n", True),
    "gmail-en-wrapped": ("On Mon, Nov 30, 2026 at 8:07 PM Shop\n<shop@example.com> wrote:\n", True),
    "gmail-zh": ("Shop <shop@example.com> 于2026年11月30日周一 20:07写道：\n\n", True),
    "gmail-tw": ("Shop <shop@example.com> 於 2026年11月30日 週一 下午8:07寫道：\n\n", True),
    "apple-en": ("> On 30 Nov 2026, at 20:07, Shop <shop@example.com> wrote:\n> \n", True),
    "apple-zh": ("> 在 2026年11月30日，20:07，Shop <shop@example.com> 写道：\n> \n", True),
    "ios-zh": ("在 2026年11月30日 20:07，Shop <shop@example.com> 写道：\n\n", True),
    "thunderbird-en": ("On 11/30/26 20:07, Shop wrote:\n", True),
    "thunderbird-zh": ("在 2026/11/30 20:07, Shop 写道:\n", True),
    "163-en": ('At 2026-11-30 20:07:13, "Shop" <shop@example.com> wrote:\n\n', True),
    "163-zh": ('在 2026-11-30 20:07:13，"Shop" <shop@example.com> 写道：\n\n', True),
    "163-plain-zh": ('在 2026-11-30 20:07:13，"Shop" <shop@example.com> 写道：\n', False),
    "outlook-en": (fields(EN_NAMES, "Monday, November 30, 2026 8:07 PM") + "\n\n", False),
    "outlook-zh": (fields(ZH_NAMES, "2026年11月30日 20:07", comma="：") + "\n\n", False),
    "outlook-rule": ("_" * 32 + "\n" + fields(EN_NAMES, "Monday, November 30, 2026") + "\n", False),
    "outlook-bold": (fields(EN_NAMES, "Monday, November 30, 2026", bold=True) + "\n\n", False),
    "outlook-old-en": ("-----Original Message-----\n" + fields(EN_NAMES, "Monday") + "\n\n", False),
    "outlook-old-zh": ("-----邮件原件-----\n" + fields(ZH_NAMES, "2026年11月30日") + "\n\n", False),
    "qq-zh": (
        "\n------------------ 原始邮件 ------------------\n"
        + fields(ZH_NAMES, "2026年11月30日(星期一) 晚上8:07"),
        False,
    ),
    "qq-en": (
        "------------------ Original ------------------\n"
        + fields("From Date To Subject", "Mon, Nov 30, 2026 08:07 PM"),
        False,
    ),
    "foxmail-zh": ("\n \n" + fields(ZH_NAMES, "2026-11-30 20:07", comma="："), False),
    "foxmail-en": ("\n" + fields("From Date To Subject", "2026-11-30 20:07"), False),
}
"""What stands above a quote, and whether its lines are marked."""
CHARSETS = {"en": ("utf-8", "us-ascii", "iso-8859-1"), "zh": ("utf-8", "gb2312", "gbk", "gb18030")}
CODINGS = "8bit", "base64", "quoted-printable"


def encoded(text: str, coding: str, charset: str) -> bytes:
    charset = {"gb2312": "gbk"}.get(charset, charset)
    content = text.replace("\n", "\r\n").encode(charset)
    if coding == "base64":
        return base64.encodebytes(content).replace(b"\n", b"\r\n")
    if coding == "quoted-printable":
        return quopri.encodestring(content)
    return content


def plain(text: str, coding: str = "8bit", charset: str = "utf-8", kind: str = "plain") -> bytes:
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}"
    return head.encode() + b"\r\n\r\n" + encoded(text, coding, charset)


def multipart(kind: str, *parts: bytes, boundary: str = "=_b", end: bool = True) -> bytes:
    found = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\nPreamble\r\n'.encode()
    for part in parts:
        found += f"--{boundary}\r\n".encode() + part + b"\r\n"
    return found + (f"--{boundary}--\r\nEpilogue".encode() if end else b"")


def mail(body: bytes, number: int = 0, subject: bytes = b"Re: Order") -> bytes:
    head = f"From: Ann <{PERSON}>\r\nTo: {SHOP}\r\nMessage-ID: <{number}@c.example>\r\n"
    return head.encode() + b"Subject: " + subject + b"\r\nMIME-Version: 1.0\r\n" + body


def html_of(own: str, quoted: str) -> str:
    lines = "".join(f"<div>{line}</div>" for line in own.split("\n"))
    return f"<html><head><style>p{{}}</style></head><body>{lines}<br>{quoted}</body></html>"


def mails() -> Iterator[Case]:
    numbers = itertools.count(1)
    yield from replies(numbers)
    yield from rich(numbers)
    yield from defects(numbers)


def replies(numbers) -> Iterator[Case]:
    for (client, (head, is_marked)), lang in itertools.product(CLIENTS.items(), ("en", "zh")):
        own, asked = (EN, ASKED["en"]) if lang == "en" else (ZH, ASKED["zh"])
        quote = head + (marked(asked) if is_marked else asked)
        for charset, coding in itertools.product(CHARSETS[lang], CODINGS):
            text = f"{own}\n\n{quote}\n"
            try:
                body = plain(text, coding, charset)
            except UnicodeEncodeError:
                continue
            name = f"{client}-{lang}-{charset}-{coding}"
            yield Case(name, mail(body, next(numbers)), own.split("\n"), [asked])


def rich(numbers) -> Iterator[Case]:
    """HTML alone and beside plain text, pictures, files."""
    for lang, own in (("en", EN), ("zh", ZH)):
        asked, lines = ASKED[lang], own.split("\n")
        gmail = f'<div class="gmail_quote">On 30 Nov 2026 at 20:07 Shop &lt;{SHOP}&gt; wrote:<br>'
        gmail += f"<blockquote>{asked}</blockquote></div>"
        outlook = "<hr><div>" + "<br>".join(fields(EN_NAMES, "Monday").split("\n")).replace(
            f"<{SHOP}>", f"&lt;{SHOP}&gt;"
        )
        outlook += f"</div><p>{asked}</p>"
        file = b"Content-Type: text/plain\r\nContent-Disposition: attachment;\r\n"
        file += b" filename*=UTF-8''%E5%8D%95.txt\r\n\r\nOne"
        picture = b"Content-Type: image/png; name=p.png\r\nContent-ID: <p@1>\r\n"
        picture += b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
        for quote, charset, coding in itertools.product(
            (gmail, outlook), CHARSETS[lang][:2] if lang == "zh" else ("utf-8",), CODINGS
        ):
            html = plain(html_of(own, quote), coding, charset, "html")
            text = plain(
                f"{own}\n\nOn 30 Nov 2026 at 20:07 Shop wrote:\n{marked(asked)}", coding, charset
            )
            shapes = {
                "html": (html, []),
                "alternative": (multipart("alternative", text, html), []),
                "empty-plain": (multipart("alternative", plain("  \n"), html), []),
                "related": (multipart("related", html, picture), ["p.png"]),
                "mixed": (
                    multipart("mixed", multipart("alternative", text, html, boundary="i"), file),
                    ["单.txt"],
                ),
                "unended": (multipart("mixed", text, file, end=False), ["单.txt"]),
                "apple": (
                    multipart("alternative", text, multipart("mixed", html, picture, boundary="i")),
                    ["p.png"],
                ),
            }
            for shape, (body, parts) in shapes.items():
                name = f"{shape}-{lang}-{charset}-{coding}"
                yield Case(name, mail(body, next(numbers)), lines, [asked], parts)


def defects(numbers) -> Iterator[Case]:
    own = ["Plain words"]
    bodies = {
        "unknown-charset": b"Content-Type: text/plain; charset=utf8mb4\r\n\r\nPlain words",
        "no-charset": b"Content-Type: text/plain; charset=\r\n\r\nPlain words",
        "evil-charset": b"Content-Type: text/plain; charset=idna\r\n\r\nPlain words",
        "null-charset": b'Content-Type: text/plain; charset="\0"\r\n\r\nPlain words',
        "bad-type": b"Content-Type: ;;;\r\n\r\nPlain words",
        "bad-coding": b"Content-Transfer-Encoding: x-unknown\r\n\r\nPlain words",
        "no-boundary": b"Content-Type: multipart/mixed\r\n\r\nPlain words",
        "unused-boundary": b"Content-Type: multipart/mixed; boundary=q\r\n\r\nPlain words",
        "bad-id": b"Message-ID: <a@[127.0.0.1>\r\n\r\nPlain words",
        "newline-in-word": b"X-A: =?utf-8?B?YQ0KQmNjOiB4?=\r\n\r\nPlain words",
        "bad-word": b"X-A: =?utf-8?B?====?= =?nope?Q?=ZZ?=\r\n\r\nPlain words",
        "bare-lf": b"X-A: b\n\nPlain words",
        "no-colon": b"nonsense\r\nX: y\r\n\r\nPlain words",
        "long-header": b"X-A: " + b"a" * 300_000 + b"\r\n\r\nPlain words",
        "nul": b"\r\nPlain words\0",
        "half-letter": b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlain words\xe4\xb8",
        "bad-base64": b"Content-Transfer-Encoding: base64\r\n\r\nUGxhaW4gd29yZHM",
        "two-types": b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nPlain words",
    }
    for name, body in bodies.items():
        yield Case(name, mail(body, next(numbers)), own)
    subject = "Re: 订单 朱镕基".encode("gb18030")
    yield Case("raw-gbk", mail(plain("朱镕基", charset="gb2312"), 0, subject), ["朱镕基"])
    deep = plain("Deepest")
    for number in range(40):
        deep = multipart("mixed", deep, boundary=f"d{number}")
    yield Case("deep", mail(multipart("mixed", plain("Plain words"), deep)), own)
    many = [b"Content-Type: text/plain; name=a.txt\r\n\r\nA"] * 2_000
    body = multipart("mixed", plain("Plain words"), *many)
    yield Case("many", mail(body), own, parts=["a.txt"] * 199)
    nested = b"".join(
        f"Content-Type: multipart/mixed; boundary=n{n}\r\n\r\n--n{n}\r\n".encode()
        for n in range(2_000)
    )
    yield Case("bomb", mail(nested), [])
    yield Case("elements", mail(plain("<div><b>" * 50_000 + "Plain words", kind="html")), own)
    bottom = f"On 30 Nov 2026 at 20:07 Shop wrote:\n{marked('Which?')}\n\nPlain words"
    yield Case("bottom", mail(plain(bottom)), own, ["Which?"])
    between = "> Which?\nBlue\n> How many?\nTwo"
    yield Case("between", mail(plain(between)), ["> Which?", "Blue", "> How many?", "Two"])
    letter = "From: Berlin\nTo: Munich\nDate: Monday\nPlain words"
    yield Case("letter", mail(plain(letter)), letter.split("\n"))
    said = "On 3 May your colleague wrote:\nPlain words"
    yield Case("said", mail(plain(said)), said.split("\n"))
    forward = f"See below\n\n{fields(EN_NAMES, 'Monday')}\n\nPlain words"
    yield Case("forward", mail(plain(forward), 0, b"Fwd: Order"), ["See below", "Plain words"])
    long = "\n\n".join(f"Paragraph {number} " + "x" * 990 for number in range(40))
    yield Case("long", mail(plain(long)), ["Paragraph 0 ", "Paragraph 39 "])
    yield Case("empty", b"", [])
    yield Case("noise", bytes(range(256)) * 40, [])
