"""WeChat official accounts: called with each message and event, answered by customer-service
messages.

As documented at developers.weixin.qq.com in November 2026; tried against tests/fakes/weixin.py.
"""

from datetime import timedelta
from typing import ClassVar

from chat.channels import contract, sealed
from chat.channels.wechat import crypto, xml
from chat.channels.wechat.api import MIB, Api, check_aeskey, token_in
from chat.models import Channel, ChannelContact

from . import messages

HOST = "https://api.weixin.qq.com"


class Weixin:
    keys = (
        contract.Key("appid"),
        contract.Key("secret", secret=True),
        contract.Key("token", secret=True),
        contract.Key("aeskey", secret=True, default=""),
    )
    grants: ClassVar[dict[str, tuple[timedelta, int]]] = {
        contract.MESSAGE: (timedelta(hours=48), 5),
        messages.EVENT: (timedelta(minutes=1), 3),
    }
    pause = 0.0

    def check(self, channel: Channel) -> None:
        if aeskey := sealed.keys_of(channel)["aeskey"]:
            check_aeskey(aeskey)

    def fetches(self, channel: Channel) -> bool:
        return False

    def own_id(self, channel: Channel) -> str:
        return channel.settings["appid"]

    def is_called(self, channel: Channel) -> bool:
        return True

    def called(self, channel: Channel, call: contract.Called) -> contract.Answered:
        try:
            if call.method == "GET":
                check_signature(channel, call)
                return contract.Answered(body=call.query.get("echostr", ""))
            found = messages.arrived(opened(channel, call))
        except crypto.Forged:
            return contract.Answered(403)
        except xml.Unreadable:
            return contract.Answered(400)
        return contract.Answered(arrived=[found] if found else [])

    def fetch(self, channel: Channel) -> contract.Page:
        return contract.Page()

    def download(self, channel: Channel, file: contract.File, most: int) -> tuple[bytes, str]:
        return API.download(channel, file, most)

    def send(self, channel: Channel, contact: ChannelContact, piece: contract.Outgoing) -> str:
        fields = {"touser": contact.their_id, **API.said(channel, piece)}
        answer = API.call(channel, "/cgi-bin/message/custom/send", fields)
        if "errcode" not in answer:
            raise contract.Failed(contract.NONSENSE, "the answer does not say whether it was sent")
        return ""

    def test(self, channel: Channel) -> str:
        new_token(API, channel, "")
        return ""

    def connect(self, channel: Channel, url: str) -> None:
        """The address is entered there by hand."""


def check_signature(channel: Channel, call: contract.Called) -> None:
    query = call.query
    said = [query.get(name, "") for name in ("timestamp", "nonce")]
    token = sealed.keys_of(channel)["token"]
    crypto.check(query.get("signature", ""), token, *said)


def opened(channel: Channel, call: contract.Called) -> dict[str, str]:
    """What a call says. Raises Forged, also for a plain one where a key is set, and Unreadable."""
    found = xml.fields(call.body)
    keys = sealed.keys_of(channel)
    if not keys["aeskey"]:
        check_signature(channel, call)
        return found
    encrypted = found.get("Encrypt", "")
    said = [call.query.get(name, "") for name in ("timestamp", "nonce")]
    crypto.check(call.query.get("msg_signature", ""), keys["token"], *said, encrypted)
    return xml.fields(crypto.decrypt(keys["aeskey"], encrypted, channel.settings["appid"]))


def new_token(api: Api, channel: Channel, refused: str) -> tuple[str, float]:
    """The account's one token that all of its users share (stable_token). Only where that is the
    refused one, a new one by force, of which there are 20 a day."""
    found = ask_token(api, channel, force=False)
    return ask_token(api, channel, force=True) if found[0] == refused else found


def ask_token(api: Api, channel: Channel, *, force: bool) -> tuple[str, float]:
    secret = sealed.keys_of(channel)["secret"]
    fields = {
        "grant_type": "client_credential",
        "appid": channel.settings["appid"],
        "secret": secret,
        "force_refresh": force,
    }
    return token_in(api.ask(channel, "/cgi-bin/stable_token", fields, secret=secret))


API = Api(
    HOST,
    new_token,
    {
        "image": (("image/jpeg", "image/png", "image/gif"), 10 * MIB),
        "voice": (("audio/amr", "audio/mpeg"), 2 * MIB),
        "video": (("video/mp4",), 10 * MIB),
    },
)
adapter = Weixin()
