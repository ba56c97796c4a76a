"""What a reader could follow: addresses of pages and of mail, names of hosts, pictures."""

import re

from chat.protocol.spelling import nfkc

from .texts import visible

ENDS = "com|cn|net|org|io|co|me|cc|top|xyz|vip|shop|info|app|site|online|example"
DOT = re.compile(
    r"\s*(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))\s*"
    rf"|\s*(?:\bdot\b|点|(?<=[a-z0-9])[。｡])\s*(?=(?:{ENDS})\b)"
    r"|\s?\.\s?(?=(?:com|cn|net|org)\b)"
)
"""A dot, or a way around one, before what hosts end with."""
SCHEMES = (
    "https?|ftp|mailto|tel|sms|javascript|vbscript|data|file|blob|wss?|intent|market|weixin|wechat"
    "|alipays?|whatsapp|tg"
)
END = r"[^\s<>\"'“”‘’()（）\[\]{}「」『』《》【】，。；！？、]"
URL = re.compile(rf"(?:(?<![a-z])(?:{SCHEMES})\s?:|[a-z][a-z0-9+.-]{{0,30}}://){END}+")
TARGET = re.compile(r"\]\(\s*([^()\s]+)")
"""Where a link of Markdown leads."""
MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)*")
LETTER = r"[^\W\d_\u3400-\u9fff]"
TOP = rf"(?:xn--[a-z0-9-]+|{LETTER}{{2,24}}|中国|公司|网络|网址|商城|在线|集团|中文网|我爱你)"
HOST = re.compile(
    rf"(?<![\w@-])(?:[\w-]{{1,63}}\.){{1,8}}{TOP}(?![\w-])|(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}|\blocalhost\b"
)
PICTURE = re.compile(r"!\s?\[|<\s*(?:img|picture|svg|image|object|embed|iframe)\b|data:\s*image")


def links(text: str) -> set[str]:
    """The links of a text, each written in one way."""
    plain = folded(text)
    urls = [one.rstrip(".,:;!?*_`") for one in URL.findall(plain)]
    urls += [one for one in TARGET.findall(plain) if not one.isdigit()]
    mails = [one.rstrip(".-_") for one in MAIL.findall(plain)]
    return {*(one.rstrip("/") for one in urls), *mails, *HOST.findall(plain)}


def shows_picture(text: str) -> bool:
    return PICTURE.search(folded(text)) is not None


def folded(text: str) -> str:
    return DOT.sub(".", nfkc(visible(text)).casefold())
