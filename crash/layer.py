"""A channel layer for tests that loses messages, as Redis may."""

import random

from channels_redis.pubsub import RedisPubSubChannelLayer


class LossyLayer(RedisPubSubChannelLayer):
    """Drops each `group_send` silently with the probability `loss` (0 to 1)."""

    def __init__(self, *args, loss: float, **options):
        super().__init__(*args, **options)
        self.loss = loss

    async def group_send(self, group: str, message: dict) -> None:
        if random.random() >= self.loss:
            await self._get_layer().group_send(group, message)
