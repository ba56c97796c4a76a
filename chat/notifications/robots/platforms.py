"""What each platform takes and answers, as its documentation says in November 2026.

Most answer 200 whatever happened: what counts is the code in the answer. Of a message all texts are
plain; a platform's own markup in them, such as `<!channel>`, means nothing there.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import orjson

from .failures import (
    ANSWER,
    DOWN,
    IP,
    KEY,
    KEYWORD,
    OFF,
    RATE,
    REFUSED,
    SIGN,
    failed,
    later,
)


class Message(NamedTuple):
    """`link` is "" where nothing says under which address Kefu is reached; `act` names it."""

    title: str
    lines: list[str]
    link: str = ""
    act: str = ""


Signed = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Platform:
    """`hosts` are names, or all below one where it begins with a dot, and `path` how their paths
    begin; `example` is shown to people. `judge(status, body)` raises Later or Failed unless the
    message was taken."""

    hosts: tuple[str, ...]
    path: str
    example: str
    body: Callable[[Message], dict[str, Any]]
    judge: Callable[[int, bytes], None]
    sign: Callable[[str, dict[str, Any], str, float], Signed] | None = None


MARKS = str.maketrans("<>@[]*_`~#|\\!", "＜＞＠［］＊＿｀～＃｜＼！")
"""Of markdown and mentions, which have no other escape on every platform."""


def plain(text: str) -> str:
    return text.translate(MARKS)


def feishu(message: Message) -> dict[str, Any]:
    lines = [[{"tag": "text", "text": plain(line)}] for line in message.lines]
    if message.link:
        lines.append([{"tag": "a", "text": plain(message.act), "href": message.link}])
    post = {"title": plain(message.title), "content": lines}
    return {"msg_type": "post", "content": {"post": {"zh_cn": post}}}


def markdown(message: Message, between: str) -> str:
    lines = [f"**{plain(message.title)}**", *map(plain, message.lines)]
    if message.link:
        lines.append(f"[{plain(message.act)}]({message.link})")
    return between.join(lines)


def dingtalk(message: Message) -> dict[str, Any]:
    text = {"title": plain(message.title), "text": markdown(message, "\n\n")}
    return {"msgtype": "markdown", "markdown": text, "at": {"isAtAll": False}}


def wecom(message: Message) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": markdown(message, "\n")}}


def slack(message: Message) -> dict[str, Any]:
    lines = [f"*{escaped(message.title)}*", *map(escaped, message.lines)]
    if message.link:
        lines.append(f"<{message.link}|{escaped(message.act)}>")
    return {"text": "\n".join(lines), "unfurl_links": False, "unfurl_media": False}


def escaped(text: str) -> str:
    """By Slack's three entities, after which no mention is left; its other marks as elsewhere."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").translate(MARKS)


def teams(message: Message) -> dict[str, Any]:
    first = {"type": "TextBlock", "text": plain(message.title), "weight": "Bolder", "wrap": True}
    blocks = [{"type": "TextBlock", "text": plain(line), "wrap": True} for line in message.lines]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [first, *blocks],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": message.act, "url": message.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    attached = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attached]}


def sign_feishu(url: str, body: dict[str, Any], secret: str, now: float) -> Signed:
    stamp = str(int(now))
    return url, {"timestamp": stamp, "sign": digest(f"{stamp}\n{secret}", ""), **body}


def sign_dingtalk(url: str, body: dict[str, Any], secret: str, now: float) -> Signed:
    stamp = str(int(now * 1000))
    sign = quote_plus(digest(secret, f"{stamp}\n{secret}"))
    return f"{url}&timestamp={stamp}&sign={sign}", body


def digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


FEISHU = {
    19001: KEY,
    19021: SIGN,
    19022: IP,
    19024: KEYWORD,
    11232: RATE,
    99991400: RATE,
}
DINGTALK = {
    300001: KEY,
    300005: KEY,
    400101: KEY,
    400013: OFF,
    400102: OFF,
    130101: RATE,
    410100: RATE,
    -1: DOWN,
}
WECOM = {93000: KEY, 93004: OFF, 93008: OFF, 45009: RATE, 45033: RATE, -1: DOWN}
WAIT = {RATE: 60.0, DOWN: 0.0}
"""Seconds until the next try after a code that passes by itself: all limits are by minute."""
MUTED = 600.0
"""Seconds for which DingTalk takes nothing after more than 20 messages in a minute."""


def judge_feishu(status: int, body: bytes) -> None:
    found = object_in(status, body)
    codes = [found[name] for name in ("code", "StatusCode") if name in found]
    said = found.get("msg") or found.get("StatusMessage") or ""
    if not codes or any(type(code) is not int for code in codes):
        raise failed(ANSWER, body)
    code = next((code for code in codes if code), 0)
    # One code for what cannot be read, and for what comes too often.
    meant = RATE if code == 9499 and "many" in str(said) else FEISHU.get(code)
    settle(code, meant, said)


def judge_dingtalk(status: int, body: bytes) -> None:
    found = object_in(status, body)
    if found.get("punish"):
        raise later(RATE, MUTED)
    code, said = code_in(found, body), str(found.get("errmsg", ""))
    meant = DINGTALK.get(code)
    if code == 310000:
        # The security settings, of which only the words tell which one.
        about = {"keyword": KEYWORD, "sign": SIGN, "timestamp": SIGN, "whitelist": IP, "ip ": IP}
        meant = next((what for word, what in about.items() if word in said), SIGN)
    settle(code, meant, said, MUTED)


def judge_wecom(status: int, body: bytes) -> None:
    found = object_in(status, body)
    code = code_in(found, body)
    settle(code, WECOM.get(code), found.get("errmsg", ""))


def judge_slack(status: int, body: bytes) -> None:
    text = body.strip()
    if status == 200 and text == b"ok":
        return
    if status in (403, 404, 410):
        raise failed(OFF if text in (b"channel_is_archived", b"action_prohibited") else KEY, text)
    raise failed(REFUSED, text or status)


def judge_teams(status: int, body: bytes) -> None:
    """A workflow answers 202; a connector 200 and 1, or 200 and what went wrong."""
    text = body.strip()
    if status == 202 or (status == 200 and text in (b"", b"1")):
        return
    if b"HTTP error 429" in text:
        raise later(RATE, WAIT[RATE])
    if status in (401, 403, 404, 410):
        raise failed(KEY, text)
    raise failed(REFUSED, text or status)


def object_in(status: int, body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict):
        return found
    if status in (401, 403, 404, 410):
        raise failed(KEY, body)
    raise failed(ANSWER, body or status)


def code_in(found: dict[str, Any], body: bytes) -> int:
    if type(found.get("errcode")) is not int:
        raise failed(ANSWER, body)
    return found["errcode"]


def settle(code: int, meant: str | None, said: object, muted: float = 0.0) -> None:
    """Raises what a code comes to; 0 is well."""
    if not code:
        return
    if meant in WAIT:
        raise later(meant, max(WAIT[meant], muted if meant == RATE else 0.0))
    raise failed(meant or REFUSED, f"{code} {said}")


PLATFORMS = {
    "feishu": Platform(
        ("open.feishu.cn", "open.larksuite.com"),
        "/open-apis/bot/",
        "https://open.feishu.cn/open-apis/bot/v2/hook/…",
        feishu,
        judge_feishu,
        sign_feishu,
    ),
    "dingtalk": Platform(
        ("oapi.dingtalk.com",),
        "/robot/send?access_token=",
        "https://oapi.dingtalk.com/robot/send?access_token=…",
        dingtalk,
        judge_dingtalk,
        sign_dingtalk,
    ),
    "wecom": Platform(
        ("qyapi.weixin.qq.com",),
        "/cgi-bin/webhook/send?key=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        wecom,
        judge_wecom,
    ),
    "slack": Platform(
        ("hooks.slack.com",),
        "/services/",
        "https://hooks.slack.com/services/…",
        slack,
        judge_slack,
    ),
    "teams": Platform(
        (".webhook.office.com", ".logic.azure.com", ".environment.api.powerplatform.com"),
        "/",
        "https://….environment.api.powerplatform.com/…",
        teams,
        judge_teams,
    ),
}
