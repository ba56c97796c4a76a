"""The ten conversations that are going on when somebody looks for the first time."""

import random
from datetime import datetime, timedelta

from accounts.models import DEFAULT_TEAM
from chat.models import ContactBy

from . import people, pictures
from .shop import Shop
from .story import Story

MINUTE = 60


class Cast:
    """The agents, and a beginning for each conversation."""

    def __init__(self, shop: Shop, now: datetime, chance: random.Random):
        self.shop, self.now, self.chance = shop, now, chance
        self.alice, self.bob, self.carol = (
            shop.cast["alice"],
            shop.cast["bob"],
            shop.cast["carol"],
        )

    def begin(self, name: str, language: str, seconds: float, contact: str = "") -> Story:
        """A conversation that began so many seconds ago."""
        at = self.now - timedelta(seconds=seconds)
        visitor = people.visitor(self.shop.enterprise.code, language, name, at, self.chance)
        visitor.give_contact(contact, ContactBy.VISITOR)
        team = self.shop.teams[DEFAULT_TEAM]
        return Story(team, self.shop.places[team.pk], visitor, at)


def tell(shop: Shop, now: datetime, chance: random.Random) -> list[Story]:
    """The conversations, as they stand now."""
    cast = Cast(shop, now, chance)
    return [conversation(cast) for conversation in CONVERSATIONS]


def just_asked(cast: Cast) -> Story:
    """Somebody who has waited for half a minute, and sent a picture."""
    story = cast.begin("林晓雨", "zh-hans", 95)
    story.ask("你好，在朋友家看到这只盖碗，是你们家的吗？", pictures.drawing("gaiwan"))
    story.later(62).ask("还有现货的话，今天下单周五前能到杭州吗？")
    return story


def wants_advice(cast: Cast) -> Story:
    story = cast.begin("Emma Clarke", "en", 160)
    story.ask("Hi! I'd like a tea set for my sister's birthday, she has just started with oolong.")
    story.later(25).ask(
        "Up to about $80, and it should reach Manchester before the 20th. Possible?"
    )
    return story


def after_a_quick_question(cast: Cast) -> Story:
    """A quick question was not enough."""
    story = cast.begin("", "zh-hans", 330)
    for question in cast.shop.questions[1:2]:
        story.press(question)
    story.later(70).ask("茶饼拆了包装但没有泡过，这种还能退吗？")
    return story


def waiting_longest(cast: Cast) -> Story:
    """Nobody has claimed it."""
    story = cast.begin("周文博", "zh-hans", 13 * MINUTE)
    story.ask("刚收到快递，外箱瘪了一角，里面的杯子裂了 😞", pictures.drawing("box"))
    story.later(40).ask("这是杯子", pictures.drawing("cup"))
    story.later(6 * MINUTE).ask("有人在吗？周末要送人的，有点急")
    return story


def in_talk(cast: Cast) -> Story:
    """Alice has it; the visitor has just written again."""
    story = cast.begin("Daniel Novak", "en", 8 * MINUTE, contact="daniel.novak@example.com")
    story.ask("Hello, which of your clay pots is best for aged white tea?")
    answer = story.later(48).answer(
        cast.alice,
        "Hello Daniel! For aged white tea I'd take a porous one with a wide belly, about 150 ml. "
        "This is the one that I use myself:",
        pictures.drawing("teapot"),
    )
    story.later(70).ask("That's beautiful. Is it handmade?")
    story.later(55).answer(
        cast.alice, "Half handmade: the body is shaped in a mould, spout and handle by hand."
    )
    story.tag(cast.alice, "presale")
    story.later(150).ask("And could I use it for Pu'er as well?", data={"reply_to": answer.seq})
    return story


def asks_a_colleague(cast: Cast) -> Story:
    """Bob has it, and asks Alice in a note."""
    story = cast.begin("陈静怡", "zh-hans", 8 * MINUTE, contact="jingyi.chen@example.com")
    story.ask("你好，公司年会想订六十套旅行茶具，可以刻字吗？")
    story.later(80).answer(
        cast.bob, "您好，可以的。刻字在杯身，十个字以内，六十套大概需要七个工作日。"
    )
    story.later(95).ask("下周五要用，来得及吗？数量大有没有优惠？")
    story.later(130).answer(cast.bob, "我和仓库、财务确认一下，十分钟内给您准信。")
    story.tag(cast.bob, "企业采购")
    story.later(30).note(
        cast.bob,
        f"@{cast.alice.display_name} 上次那家律所六十套给的是九折吧？刻字能不能加急到下周三出？",
        (cast.alice,),
    )
    story.later(45).ask("好的，等您消息 🙏")
    return story


def answered(cast: Cast) -> Story:
    """Carol has it; nobody waits."""
    story = cast.begin("Hannah Fischer", "en", 26 * MINUTE, contact="hannah@example.com")
    story.ask("Hi, my order HM48213 says delivered but there's nothing at my door.")
    story.later(140).answer(
        cast.carol, "Hi Hannah, I'm sorry to hear that. Let me ask DHL where they left it."
    )
    story.later(40).note(cast.carol, "DHL: handed to a neighbour, name on file is Weber")
    story.later(50).answer(
        cast.carol, "They handed it to a neighbour called Weber. Could you ring there?"
    )
    story.tag(cast.carol, "shipping")
    story.later(260).ask("Oh! That's the flat below. I'll go and look, one moment.")
    story.later(30).answer(cast.carol, "Take your time, I'll leave this open for you.")
    story.read_by_all()
    return story


def snoozed(cast: Cast) -> Story:
    """Put off until the goods are there."""
    story = cast.begin("吴若曦", "zh-hans", 150 * MINUTE)
    story.ask("建盏那款什么时候补货？")
    story.later(65).answer(cast.alice, "您好，窑上说这批明天上午出窑，到货我第一时间告诉您。")
    story.later(90).ask("好呀，帮我留一只，谢谢")
    story.later(40).answer(cast.alice, "已经给您登记好了 😊")
    story.tag(cast.alice, "售前")
    story.later(20).note(cast.alice, "等明天的窑，到货先留一只给她")
    story.later(5).snooze(cast.alice, minutes=20 * 60)
    story.read_by_all()
    return story


def praised(cast: Cast) -> Story:
    """Closed, with the best rating."""
    story = cast.begin("何婉清", "zh-hans", 75 * MINUTE)
    story.ask("紫砂壶第一次用，需要开壶吗？怕弄坏了")
    story.later(38).answer(
        cast.alice, "您好，不用怕。清水冲净，冷水下锅小火煮二十分钟，自然放凉就可以了。"
    )
    story.later(60).ask("要放茶叶一起煮吗？")
    story.later(35).answer(cast.alice, "可以放一点打算常泡的茶，之后一把壶最好只泡一类茶。")
    story.later(45).ask("学到了，谢谢小姐姐！")
    story.tag(cast.alice, "使用")
    story.later(30).close(cast.alice, "已解决", "开壶方法，客户满意")
    story.later(70).rate(5, "讲得特别清楚，还很耐心，会回购！")
    story.read_by_all()
    return story


def criticised(cast: Cast) -> Story:
    """Closed by Bob after Carol had begun, with a rating that says why."""
    story = cast.begin("Lucas Moreau", "en", 120 * MINUTE)
    story.ask("I returned two cups three weeks ago. Where is my refund?")
    story.later(11 * MINUTE).answer(cast.carol, "I'm sorry, Lucas. Let me look for your return.")
    story.later(120).hand_to(cast.carol, cast.bob)
    story.note(
        cast.carol, "Return arrived on the 3rd but was never booked. Could you do the refund?"
    )
    story.later(4 * MINUTE).answer(
        cast.bob,
        "Your parcel arrived, but we failed to book it. I've just issued the refund and added "
        "a voucher for the wait.",
    )
    story.later(90).ask("Fine, thank you.")
    story.tag(cast.bob, "refund")
    story.later(60).close(cast.bob, "solved", "Return was not booked; refund and voucher issued")
    story.later(150).rate(3, "Nice people, but I should not have to ask for my own money.")
    story.read_by_all()
    return story


CONVERSATIONS = (
    *(just_asked, wants_advice, after_a_quick_question, waiting_longest),
    *(in_talk, asks_a_colleague, answered, snoozed, praised, criticised),
)
