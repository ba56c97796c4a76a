"""An invented robot of a group chat: switched off and without an address, it sends nothing."""

from chat.conversations.causes import TOLD
from chat.models import Robot

NAME = "山月茶器值班群"
"""By which it is told from others."""


def store(ent_id: str) -> None:
    Robot.objects.create(ent_id=ent_id, kind="feishu", name=NAME, active=False, causes=list(TOLD))


def remove(ent_id: str) -> None:
    Robot.objects.filter(ent_id=ent_id, name=NAME, active=False, sealed="").delete()
