"""Three conversations that go on by other channels than the page, as invented as the others. Their
channels are switched off and have no keys, so what is answered there is sent to nobody."""

import random
from datetime import datetime, timedelta

from accounts.models import DEFAULT_TEAM
from chat.conversations import outgoing
from chat.models import Channel, ChannelContact, ChannelDelivery
from chat.protocol import channels

from . import people
from .shop import Shop
from .story import Story

MARK = "invented"
"""The setting by which the demo's channels are told from others."""
SENT = ChannelDelivery.State.SENT
CHANNELS = {
    channels.TELEGRAM: ("Telegram", "@hillmoon_tea_bot"),
    channels.WEIXIN_KF: ("微信客服", "山月茶器客服"),
    channels.MAIL: ("邮件", "service@hillmoon.example"),
}
"""By kind: the name, and the account there."""


def tell(shop: Shop, now: datetime, chance: random.Random) -> list[Story]:
    """The conversations, as they stand now."""
    return [make(shop, now, chance) for make in (by_telegram, by_wechat, by_mail)]


def begin(
    shop: Shop, kind: str, name: str, language: str, at: datetime, chance: random.Random
) -> Story:
    visitor = people.visitor(shop.enterprise.code, language, name, at, chance)
    visitor.path, visitor.referrer, visitor.browser, visitor.device = [], "", "", ""
    visitor.address = ""
    team = shop.teams[DEFAULT_TEAM]
    story = Story(team, shop.places[team.pk], visitor, at)
    story.conversation.channel = kind
    return story


def by_telegram(shop: Shop, now: datetime, chance: random.Random) -> Story:
    at = now - timedelta(minutes=9)
    story = begin(shop, channels.TELEGRAM, "Marta Kowalska", "en", at, chance)
    story.ask("Hello! Do you ship to Poland?")
    answer(story.later(70), shop, "Hello Marta! Yes, with DHL, about a week. Customs are included.")
    story.later(140).ask("Great. And can the gaiwan be wrapped as a gift?")
    return story


def by_wechat(shop: Shop, now: datetime, chance: random.Random) -> Story:
    at = now - timedelta(hours=7)
    story = begin(shop, channels.WEIXIN_KF, "许知行", "zh-hans", at, chance)
    story.ask("你好，企业采购能开专票吗？")
    answer(story.later(90), shop, "您好，可以开增值税专用发票，下单时备注抬头和税号就行。")
    answer(story.later(20), shop, "开好以后电子版发您，纸质版随货寄出。")
    story.later(60).ask("好的，那我让财务把资料发过来。")
    answer(story.later(40), shop, "好的，收到后我马上为您办理。")
    story.read_by_all()
    return story


def by_mail(shop: Shop, now: datetime, chance: random.Random) -> Story:
    at = now - timedelta(minutes=72)
    story = begin(shop, channels.MAIL, "Oskar Lindqvist", "en", at, chance)
    mail = {"subject": "Invoice for order HM-0291", "from": "o.lindqvist@example.com"}
    mail["message_id"] = "<invented-1@example.com>"
    words = "Hello,\n\nour accountant needs the invoice for order HM-0291 with our VAT number."
    story.ask(words, data={"mail": mail})
    return story


def answer(story: Story, shop: Shop, text: str) -> None:
    row = story.answer(shop.cast["alice"], text)
    row.data = {**(row.data or {}), "delivery": outgoing.told(story.conversation.channel, SENT)}


def store(stories: list[Story], now: datetime) -> None:
    """The channels and their contacts, once the rows of the conversations are stored."""
    for story in stories:
        kind, ent_id = story.conversation.channel, story.thread.ent_id
        name, account = CHANNELS[kind]
        channel = Channel.objects.create(
            ent_id=ent_id,
            kind=kind,
            name=name,
            team=story.team,
            active=False,
            settings={"account": account, MARK: True},
            heard_at=story.at,
        )
        windowed = kind == channels.WEIXIN_KF
        ChannelContact.objects.create(
            ent_id=ent_id,
            channel=channel,
            their_id=f"{MARK}-{story.visitor.uuid}",
            visitor_id=story.visitor.uuid,
            conversation_id=story.thread.uuid,
            until=now + timedelta(hours=41) if windowed else None,
            left=3 if windowed else None,
        )


def remove(ent_id: str) -> None:
    """Removes the channels that have no conversation any more."""
    own = Channel.objects.filter(ent_id=ent_id, active=False, contacts=None)
    for channel in own:
        if channel.settings.get(MARK):
            channel.delete()
