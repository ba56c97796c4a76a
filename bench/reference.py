"""The textbook Channels chat on our tables: what `bin/bench` compares with.

Written as Channels' tutorial and documentation say, neither padded nor tuned:

- `AsyncJsonWebsocketConsumer` with `group_add` in `connect`, `group_discard` in `disconnect` and
  one `group_send` for a message (tutorial, parts 2 and 3): one group for each conversation, so
  that an agent's socket joins all the groups of that agent;
- database work in `database_sync_to_async` ("Database Access"), one ORM transaction a message;
- our database settings, which keep a connection for a minute. With BENCH_KEEP=1 it is kept for
  good, which the documentation leaves to the reader: a second row, hardly different from the first
  for that reason. (With `startproject`'s CONN_MAX_AGE of 0, Channels would close the connection
  after each piece of database work.)
- the channel layer of the tutorial, `channels_redis.core.RedisChannelLayer`, where there is a
  Redis, and the in-memory layer where there is none.

It does what ours does for a message (the conversation locked, its seq taken, the row, the others'
unread by one UPDATE, the last activity; answered after the commit; posted to everyone in the
group, each told the own unread), with none of our limits and no login: who connects says who
they are. So it serves the benchmark only. Without our database settings SQLite would refuse
concurrent writers ("database is locked").
"""

import os
from urllib.parse import parse_qs

if os.environ.get("KEFU_BENCH") != "1":
    raise SystemExit("bench/reference.py asks nobody for a password; only bin/bench starts it")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from chat.models import ChatGroup, Conversation, GroupMember, GroupMessage  # noqa: E402

if os.environ.get("BENCH_KEEP") == "1":
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None
if settings.REDIS_URL:
    layer = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [settings.REDIS_URL]},
    }
    settings.CHANNEL_LAYERS = {"default": layer}


class ReferenceConsumer(AsyncJsonWebsocketConsumer):
    """A visitor's or agent's socket: `?who=<uuid>`."""

    async def connect(self):
        query = parse_qs(self.scope["query_string"].decode())
        self.who = query["who"][0]
        self.joined = await self.seats()
        for group in self.joined:
            await self.channel_layer.group_add(f"chat.{group}", self.channel_name)
        await self.accept()
        await self.send_json({"type": "hello", "groups": list(self.joined)})

    async def disconnect(self, code):
        for group in self.joined:
            await self.channel_layer.group_discard(f"chat.{group}", self.channel_name)

    async def receive_json(self, content):
        if content["type"] == "ping":
            return await self.send_json({"type": "pong"})
        message, unread = await self.store(
            content["group"], content["client_id"], content["content"]
        )
        await self.send_json(
            {
                "type": "message.accepted",
                "client_id": message["client_id"],
                "group": message["group"],
                "seq": message["seq"],
                "id": message["id"],
                "created_at": message["created_at"],
            }
        )
        await self.channel_layer.group_send(
            f"chat.{message['group']}",
            {"type": "message.posted", "message": message, "unread": unread},
        )

    async def message_posted(self, event):
        message = event["message"]
        await self.send_json({"type": "message.posted", "message": message})
        if self.who != message["sender"]:
            unread = event["unread"][self.who]
            await self.send_json({"type": "unread", "group": message["group"], "unread": unread})

    @database_sync_to_async
    def seats(self) -> dict[str, str]:
        """{group: the member's name there}."""
        seats = GroupMember.objects.filter(member_id=self.who)
        return dict(seats.values_list("group_id", "member_name"))

    @database_sync_to_async
    @transaction.atomic
    def store(self, group: str, client_id: str, content: str) -> tuple[dict, dict[str, int]]:
        """Stores a message; returns it as clients get it, and everybody's unread count."""
        ChatGroup.objects.get(uuid=group, member_id=self.who)
        conversation = Conversation.objects.select_for_update().get(uuid=group)
        conversation.last_seq += 1
        conversation.public_seq = conversation.message_seq = conversation.last_seq
        conversation.last_activity = timezone.now()
        conversation.save(update_fields=["last_seq", "public_seq", "message_seq", "last_activity"])
        row = GroupMessage.objects.create(
            ent_id=conversation.ent_id,
            sender=self.who,
            sender_name=self.joined[group],
            group_id=group,
            message_content=content,
            created_at=conversation.last_activity,
            seq=conversation.last_seq,
            client_id=client_id,
        )
        others = ChatGroup.objects.filter(uuid=group).exclude(member_id=self.who)
        others.update(unread=F("unread") + 1)
        unread = dict(ChatGroup.objects.filter(uuid=group).values_list("member_id", "unread"))
        message = {
            "id": row.id,
            "group": group,
            "seq": row.seq,
            "kind": "message",
            "sender": row.sender,
            "sender_name": row.sender_name,
            "sender_avatar": row.sender_avatar,
            "sender_role": "visitor" if self.who == conversation.visitor_id else "agent",
            "content": content,
            "client_id": client_id,
            "created_at": row.created_at.isoformat(),
            "attachment": None,
            "data": None,
        }
        return message, unread


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter([path("ws/reference/", ReferenceConsumer.as_asgi())]),
    }
)
