"""One team's conversations, and who waits in another order: chosen, remembered, and kept live."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect

from .pages import accessible, is_stored, looks, open_conversation, row_of, write

FILL = """
from accounts import setup
from accounts.models import Enterprise, Member
enterprise = Enterprise.objects.get(code={code!r})
tea = setup.find_or_create_team(enterprise, "tea", "茶艺顾问")
setup.join_team(Member.objects.get(name={code!r} + "-alice"), tea)
"""


@pytest.fixture
def house(server, enterprise):
    """A function: the code of an enterprise in which alice is in two teams."""

    def made(name: str) -> str:
        code = enterprise(name)
        server.arrange(FILL.format(code=code))
        return code

    return made


def is_due(server, code: str, **minutes: int) -> None:
    """Gives targets, so many minutes from now, by the visitors' words."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    for words, left in minutes.items():
        server.sql(
            "UPDATE conversation SET due_at = ? WHERE ent_id = ? AND uuid ="
            " (SELECT group_id FROM group_message WHERE message_content = ? AND ent_id = ?)",
            *(str(now + timedelta(minutes=left)), code, words, code),
        )


def choose(page, option: str) -> None:
    page.click(".view-menu > summary")
    page.locator(f".view-menu a[{option}]").click()


def shown(page, *words: str) -> None:
    last = page.locator(".inbox .row .row-last")
    expect(last).to_have_text(list(words))


@looks
def test_the_order_and_the_team_are_chosen_and_remembered(browse, sign_in, server, house, look):
    code = house(f"order-{look}")
    for words, team in (("first", "service"), ("second", "tea"), ("third", "service")):
        visitor = browse(f"/chat/{code}/?team={team}", **look)
        write(visitor, words)
        is_stored(visitor, words)
    is_due(server, code, first=500, second=50, third=900)
    alice = sign_in(f"{code}-alice", view="waiting", **look)
    shown(alice, "first", "second", "third")

    alice.click(".view-menu > summary")
    accessible(alice)
    alice.locator('.view-menu a[data-sort="target"]').click()
    shown(alice, "second", "first", "third")
    alice.wait_for_url("**/agent/?view=waiting&sort=target")
    told = re.compile(r"Reply in \d+ min" if look.locale == "en-GB" else r"回复还剩 \d+ 分钟")
    expect(row_of(alice, "second").locator(".row-time")).not_to_have_attribute("data-level", "late")

    choose(alice, 'data-sort="activity"')
    shown(alice, "third", "second", "first")
    choose(alice, 'data-team="tea"')
    shown(alice, "second")
    expect(alice.locator(".of-team")).to_contain_text("茶艺顾问")
    accessible(alice)
    write(visitor, "of another team")
    visitor = browse(f"/chat/{code}/?team=tea", **look)
    write(visitor, "of this team")
    shown(alice, "of this team", "second")

    alice.goto("/agent/")
    shown(alice, "of this team", "second")
    open_conversation(alice, "second")
    expect(alice.locator(".thread-due")).to_contain_text(told)
    accessible(alice)
    write(alice, "an answer")
    expect(alice.locator(".thread-due")).to_be_hidden()
