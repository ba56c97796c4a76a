"""WeChat customer service: a call only rings, and what came is fetched with a cursor.

As documented at developer.work.weixin.qq.com in November 2026; tried against
tests/fakes/weixin_kf.py.
"""

import hashlib
import logging
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone

from chat.channels import contract, sealed
from chat.channels.wechat import crypto, xml
from chat.channels.wechat.api import MIB, Api, check_aeskey, token_in
from chat.models import Channel, ChannelContact, theirs

from . import messages, sessions

log = logging.getLogger("kefu.channels")

HOST = "https://qyapi.weixin.qq.com"
MOST = 100
"""Messages of one answer: with some of the largest it stays below http.MOST."""
ASIDE = 5.0
"""Seconds for what may fail, while messages wait to be stored."""
WELCOME = 20
"""Seconds in which somebody who has entered can be welcomed."""
OLD_BELL = "95007"
"""The token of the call is refused: it is older than it seemed."""


class WeixinKf:
    keys = (
        contract.Key("corpid"),
        contract.Key("secret", secret=True),
        contract.Key("token", secret=True),
        contract.Key("aeskey", secret=True),
        contract.Key("open_kfid"),
        contract.Key("welcome", default=""),
    )
    grants: ClassVar[dict[str, tuple[timedelta, int]]] = {
        contract.MESSAGE: (timedelta(hours=48), 5)
    }
    pause = 40.0

    def check(self, channel: Channel) -> None:
        check_aeskey(sealed.keys_of(channel)["aeskey"])

    def fetches(self, channel: Channel) -> bool:
        return True

    def own_id(self, channel: Channel) -> str:
        return f"{channel.settings['corpid']} {channel.settings['open_kfid']}"

    def is_called(self, channel: Channel) -> bool:
        return True

    def called(self, channel: Channel, call: contract.Called) -> contract.Answered:
        try:
            if call.method == "GET":
                return contract.Answered(
                    body=opened(channel, call, call.query.get("echostr", "")).decode()
                )
            encrypted = xml.fields(call.body).get("Encrypt", "")
            found = xml.fields(opened(channel, call, encrypted))
        except crypto.Forged:
            return contract.Answered(403)
        except (xml.Unreadable, UnicodeDecodeError):
            return contract.Answered(400)
        rung = channel_of(channel, found.get("OpenKfId"))
        if rung is None or found.get("Event") != "kf_msg_or_event":
            return contract.Answered()
        return contract.Answered(fetch=True, rung=rung, bell=found.get("Token", ""))

    def fetch(self, channel: Channel) -> contract.Page:
        cursor = channel.cursor.get("next", "")
        answer = synced(channel, cursor, MOST)
        found = answer.get("msg_list")
        if not isinstance(found, list):
            raise contract.Failed(contract.NONSENSE, "the answer has no messages")
        own = [each for each in found if messages.is_of(each, channel.settings["open_kfid"])]
        welcome(channel, own)
        arrived = [item for item in map(messages.arrived, own) if item]
        add_names(channel, arrived)
        following = answer.get("next_cursor")
        if not isinstance(following, str) or not following:
            following = cursor
        more = answer.get("has_more") == 1 and following != cursor
        return contract.Page(arrived, {"next": following}, more)

    def download(self, channel: Channel, file: contract.File, most: int) -> tuple[bytes, str]:
        return API.download(channel, file, most)

    def send(self, channel: Channel, contact: ChannelContact, piece: contract.Outgoing) -> str:
        whom = {"touser": contact.their_id, "msgid": piece.id}
        fields = whom | API.said(channel, piece)
        return sessions.send(API, channel, contact.their_id, fields)

    def test(self, channel: Channel) -> str:
        token, _seconds = new_token(API, channel, "")
        fields = {"limit": 1, "open_kfid": channel.settings["open_kfid"]}
        if cursor := channel.cursor.get("next"):
            fields["cursor"] = cursor
        API.ask(channel, "/cgi-bin/kf/sync_msg", fields, token=token)
        return ""

    def connect(self, channel: Channel, url: str) -> None:
        """The address is entered there by hand."""


def opened(channel: Channel, call: contract.Called, encrypted: str) -> bytes:
    """What is encrypted in a call. Raises Forged."""
    keys, query = sealed.keys_of(channel), call.query
    said = [query.get(name, "") for name in ("timestamp", "nonce")]
    crypto.check(query.get("msg_signature", ""), keys["token"], *said, encrypted)
    return crypto.decrypt(keys["aeskey"], encrypted, channel.settings["corpid"])


def channel_of(channel: Channel, open_kfid: str | None) -> Channel | None:
    """The channel of the account that a call names: a company has one address for all its accounts,
    that of any of their channels."""
    if open_kfid in (channel.settings["open_kfid"], None):
        return channel
    found = Channel.objects.filter(theirs(channel.ent_id), kind=channel.kind, active=True)
    same = found.filter(settings__corpid=channel.settings["corpid"])
    return same.filter(settings__open_kfid=open_kfid).first()


def synced(channel: Channel, cursor: str, most: int) -> dict[str, Any]:
    """Their answer about what came after the cursor, "" for all that they still have."""
    fields: dict[str, Any] = {"limit": most, "open_kfid": channel.settings["open_kfid"]}
    if cursor:
        fields["cursor"] = cursor
    if bell := sealed.bell_of(channel):
        try:
            return API.call(channel, "/cgi-bin/kf/sync_msg", fields | {"token": bell})
        except contract.Failed as failed:
            if failed.code != OLD_BELL:
                raise
    return API.call(channel, "/cgi-bin/kf/sync_msg", fields)


def welcome(channel: Channel, found: list[dict[str, Any]]) -> None:
    """Welcomes those who have just entered. Their code serves once, so a repeat welcomes nobody;
    and where it does not work, messages do not wait for it."""
    words = channel.settings.get("welcome")
    now = timezone.now().timestamp()
    for each in found if words else []:
        code = messages.welcome_code(each)
        if not code or now - messages.at(each) > WELCOME:
            continue
        ours = hashlib.sha256(each["msgid"].encode()).hexdigest()[:32]
        fields = {"code": code, "msgid": ours, "msgtype": "text", "text": {"content": words}}
        try:
            API.call(channel, "/cgi-bin/kf/send_msg_on_event", fields, ASIDE)
        except contract.Failed as failed:
            log.info("somebody was not welcomed: %s", failed.code)
            return


def add_names(channel: Channel, arrived: list[Any]) -> None:
    """Names those who are not known yet, as far as that works."""
    ids = dict.fromkeys(each.who for each in arrived)
    known = set(channel.contacts.filter(their_id__in=ids).values_list("their_id", flat=True))
    new = [who for who in ids if who not in known]
    if not new:
        return
    fields = {"external_userid_list": new, "need_enter_session_context": 0}
    try:
        answer = API.call(channel, "/cgi-bin/kf/customer/batchget", fields, ASIDE)
    except contract.Failed as failed:
        log.info("names are not known: %s", failed.code)
        return
    names = messages.names_in(answer)
    for each in arrived:
        each.name = names.get(each.who, "")


def new_token(api: Api, channel: Channel, refused: str) -> tuple[str, float]:
    """The access token, the same for all as long as it holds (gettoken)."""
    secret = sealed.keys_of(channel)["secret"]
    query = {"corpid": channel.settings["corpid"], "corpsecret": secret}
    return token_in(api.ask(channel, "/cgi-bin/gettoken", secret=secret, **query))


API = Api(
    HOST,
    new_token,
    {
        "image": (("image/jpeg", "image/png"), 10 * MIB),
        "voice": (("audio/amr",), 2 * MIB),
        "video": (("video/mp4",), 10 * MIB),
        "file": ((), 20 * MIB),
    },
)
adapter = WeixinKf()
