"""The shop that the demo's enterprise is: teams, quick questions, canned replies, faces."""

from dataclasses import dataclass

from django.db.models import Q

from accounts import avatars, setup
from accounts.models import DEFAULT_TEAM, Enterprise, Member, Team, TeamMember
from accounts.models.brand import ACCENT
from chat.models import CannedReply, QuickQuestion

from . import people, pictures

NAME = "Hillmoon 山月茶器"
GREEN = "#2e7d5b"
AGENTS = "alice", "bob", "carol"
AFTER_SALES = "aftersales"
AFTER_SALES_NAME, AFTER_SALES_IN_ENGLISH = "售后服务", "After-sales service"
AFTER_SALES_AGENTS = "bob", "carol"
ANSWER_SECONDS = 1_800
"""The target of the shop's teams: the default of two minutes is over before a newcomer has signed
in, and a look around takes a quarter of an hour."""
ZONE, SITE = "Asia/Shanghai", people.SITE
HOURS = {"zone": ZONE, "week": [[[0, 24 * 60]]] * 7, "holidays": []}
"""Around the clock: a newcomer of any zone finds the shop open."""
WELCOME, WELCOME_IN_ENGLISH = "您好，喝茶的事尽管问", "Hello! Ask us anything about tea"
QUESTIONS = [
    (
        "多久发货？",
        "下午四点前的订单当天发出，国内一般两到四天送达。",
        "When do you ship?",
        "Orders before 4 pm (Beijing) leave the same day. Abroad they take six to nine days.",
        "shipping-times",
    ),
    (
        "可以退换吗？",
        "未使用的商品，国内七天、海外三十天内都可以退换，运费险抵扣取件费。",
        "Can I return things?",
        "Yes, unused items within 30 days. You'll find the return label in your order.",
        "returns",
    ),
    (
        "收到破损怎么办？",
        "非常抱歉！请在这里发一张破损处的照片，我们当天补发，坏的不用寄回。",
        "Something arrived broken",
        "We're sorry! Send us a photo here and a new one leaves the same day.",
        "broken-parts",
    ),
]
"""Each in Chinese and English: the question, its answer; and the article that says more."""
REPLIES = [
    (
        "问候",
        "您好，{visitor}，我是{agent}，很高兴为您服务。请问有什么可以帮您？",
    ),
    ("发货时间", "下午四点前下单当天发出，国内一般两到四天送达。"),
    ("致歉补发", "非常抱歉给您带来不便！我们今天就为您补发，坏的不用寄回。"),
    ("结束语", "感谢您的光临，祝您喝茶愉快！有任何问题随时找我们。"),
    ("Greeting", "Hello {visitor}, this is {agent}. How can I help you today?"),
    ("Shipping abroad", "Orders before 4 pm Beijing time leave the same day and take 6–9 days."),
    ("Sorry, replacement", "We're so sorry! A replacement leaves today, please keep the rest."),
    ("Goodbye", "Thank you for stopping by, and enjoy your tea!"),
]


@dataclass(slots=True)
class Shop:
    """Everything that conversations are told with."""

    enterprise: Enterprise
    teams: dict[str, Team]
    """By slug."""
    places: dict[int, list[TeamMember]]
    """The enabled members of each team, by its id."""
    cast: dict[str, Member]
    """The agents by their account."""
    questions: list[QuickQuestion]


def missing_agents(enterprise: Enterprise) -> list[str]:
    """The accounts of AGENTS that are disabled, or have left the team."""
    here = TeamMember.objects.filter(
        team__enterprise=enterprise,
        team__slug=DEFAULT_TEAM,
        member__status=Member.Status.NORMAL,
        member__name__in=AGENTS,
    )
    return sorted({*AGENTS} - set(here.values_list("member__name", flat=True)))


def fit_out(enterprise: Enterprise) -> Shop:
    """Gives the enterprise what a shop has; what somebody has set up already stays as it is."""
    cast = {member.name: member for member in Member.objects.filter(name__in=AGENTS)}
    for name, member in cast.items():
        if not member.avator:
            member.avator = avatars.store_drawn(pictures.read(f"{name}.png"))
            member.save(update_fields=["avator"])
    team = enterprise.teams.get(slug=DEFAULT_TEAM)
    after_sales = setup.find_or_create_team(enterprise, AFTER_SALES, AFTER_SALES_NAME)
    if after_sales.name == AFTER_SALES_NAME and not after_sales.translations:
        after_sales.translations = {"en": {"name": AFTER_SALES_IN_ENGLISH}}
        after_sales.save(update_fields=["translations"])
    for name in AFTER_SALES_AGENTS:
        setup.join_team(cast[name], after_sales)
    if not enterprise.sites:
        enterprise.zone, enterprise.sites = ZONE, SITE
        enterprise.save(update_fields=["zone", "sites"])
    enterprise.teams.filter(hours={}).update(hours=HOURS)
    if enterprise.accent == ACCENT and not enterprise.logo:
        enterprise.accent = GREEN
        enterprise.logo = avatars.store_drawn(pictures.read("logo.png"))
        enterprise.save(update_fields=["accent", "logo"])
    default = Team._meta.get_field("answer_seconds").default
    enterprise.teams.filter(answer_seconds=default).update(answer_seconds=ANSWER_SECONDS)
    if not (enterprise.welcome or enterprise.translations):
        before, enterprise.text_language = enterprise.text_language, "zh-hans"
        enterprise.welcome = WELCOME
        enterprise.translations = {"en": {"welcome": WELCOME_IN_ENGLISH}}
        enterprise.save(update_fields=["text_language", "welcome", "translations"])
        setup.change_language(enterprise, before)
    if not QuickQuestion.objects.filter(team__enterprise=enterprise).exists():
        QuickQuestion.objects.bulk_create(
            QuickQuestion(
                team=team,
                question=question,
                answer=answer,
                translations={"en": {"question": in_english, "answer": answer_in_english}},
                article=slug,
                position=number,
            )
            for number, (question, answer, in_english, answer_in_english, slug) in enumerate(
                QUESTIONS
            )
        )
    if not CannedReply.objects.filter(enterprise=enterprise).exists():
        CannedReply.objects.bulk_create(
            CannedReply(enterprise=enterprise, title=title, content=content)
            for title, content in REPLIES
        )
    teams = {one.slug: one for one in enterprise.teams.filter(slug__in=(team.slug, AFTER_SALES))}
    return Shop(
        enterprise,
        teams,
        {one.pk: agents_of(one) for one in teams.values()},
        cast,
        list(team.questions.all()),
    )


def agents_of(team: Team) -> list[TeamMember]:
    """Its places that the demo's agents have, and in which they may work."""
    enabled = Q(member__status=Member.Status.NORMAL, member__name__in=AGENTS)
    return list(team.places.filter(enabled).select_related("member").order_by("member__name"))
