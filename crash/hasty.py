"""The product for `bin/crash --channels` and `--webhooks`, in more haste: what was not sent is
tried again after a second or two, and who ended is followed after some seconds. So a cycle needs no
minutes to settle, and what happens between several processes that send happens more often."""

from datetime import timedelta

from kefu.asgi import application

__all__ = ["application"]

# After the import above, which sets Django up.
from chat.background import channels
from chat.channels import deliveries, health
from chat.channels.wechat import errors
from chat.channels.weixin_kf.adapter import WeixinKf
from chat.webhooks import deliveries as webhooks

LEASE, FETCH = timedelta(seconds=5), 1.0

deliveries.DELAYS = webhooks.DELAYS = [0.5, 1, *[2] * 30]
health.LEASE = webhooks.LEASE = LEASE
channels.MOST_RETRY = 2.0
errors.BUSY = dict.fromkeys(errors.BUSY, 1.0)
WeixinKf.pause = FETCH
