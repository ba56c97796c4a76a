"""The adapters, by kind."""

from chat.models import Channel

from .contract import Adapter
from .mail.adapter import adapter as mail
from .telegram.adapter import adapter as telegram
from .weixin.adapter import adapter as weixin
from .weixin_kf.adapter import adapter as weixin_kf

ADAPTERS: dict[str, Adapter] = {
    "telegram": telegram,
    "weixin": weixin,
    "weixin_kf": weixin_kf,
    "mail": mail,
}


def adapter_of(channel: Channel) -> Adapter:
    """The adapter of a channel."""
    return ADAPTERS[channel.kind]
