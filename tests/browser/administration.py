"""What managers set up: in the administration, or in the database that it writes."""

from .conftest import PASSWORD

QUESTIONS = {
    "几天能到货？": "一般两天，偏远地区四天。\n节假日顺延。",
    "Can I send it back?": "Within 14 days, see https://example.com/returns",
    "怎么开发票？": "订单完成后，在“我的订单”里申请。",
    "What does shipping cost?": "Nothing from 50 on.",
}


def asking(server, code: str, questions: dict = QUESTIONS) -> None:
    server.arrange(
        "from chat.models import QuickQuestion\nfrom accounts.models import Team\n"
        f"team = Team.objects.get(enterprise__code={code!r})\n"
        f"for question, answer in {questions!r}.items():\n"
        "    QuickQuestion.objects.create(team=team, question=question, answer=answer)\n",
    )


def another_topic(server, code: str) -> None:
    """One topic alone is no choice."""
    server.arrange(
        "from accounts.models import Team, Topic\n"
        f"team = Team.objects.get(enterprise__code={code!r})\n"
        "Topic.objects.create(team=team, label='Something else', position=9)\n",
    )


def write_more(server, after: str, texts: list[str]) -> None:
    """Stores messages of who wrote the text `after`, in its conversation; open pages do not hear of
    them before the next one."""
    server.arrange(
        "from accounts.models import new_uuid\nfrom chat.models import GroupMessage\n"
        "from chat.posting import batches\nfrom chat.posting.items import Draft\n"
        f"one = GroupMessage.objects.get(message_content={after!r})\n"
        f"for text in {texts!r}:\n"
        "    sender = (one.sender, one.sender_name, '', new_uuid())\n"
        "    batches.post(Draft(*sender, text, one.group_id))\n"
    )


TEAMS = "/admin/accounts/team/"


def log_in(page, name: str) -> None:
    """Fills in the form of the sign-in page."""
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.primary")


def signed_in(browse, **options):
    """The administration of a superuser."""
    page = browse("/admin/login/", **options)
    log_in(page, "admin")
    page.wait_for_url("**/admin/")
    return page


def edit_team(browse, code: str, **fields):
    """Writes these fields as a superuser, who has no scripts and so one long form; returns the page
    of the administration."""
    page = signed_in(browse, viewport={"width": 1280, "height": 1200}, java_script_enabled=False)
    page.goto(TEAMS)
    page.locator("#result_list tr", has_text=code).locator("th a").click()
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.click("[name=_continue]")
    return page
