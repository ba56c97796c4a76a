"""A channel layer that loses what it is given, for tests: Redis promises nothing else."""

import random

from channels_redis.pubsub import RedisPubSubChannelLayer


class LossyLayer(RedisPubSubChannelLayer):
    """Drops each `group_send` with the chance `loss` (0 to 1), without a word."""

    def __init__(self, *args, loss: float, **options):
        super().__init__(*args, **options)
        self.loss = loss

    async def group_send(self, group: str, message: dict) -> None:
        if random.random() >= self.loss:
            await self._get_layer().group_send(group, message)
