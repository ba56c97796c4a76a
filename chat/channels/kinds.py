"""The adapters, by kind."""

from chat.models import Channel

from .contract import Adapter
from .telegram.adapter import adapter as telegram
from .weixin.adapter import adapter as weixin

ADAPTERS: dict[str, Adapter] = {
    "telegram": telegram,
    "weixin": weixin,
}


def adapter_of(channel: Channel) -> Adapter:
    """The adapter of a channel."""
    return ADAPTERS[channel.kind]
