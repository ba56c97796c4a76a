"""What a row of the inbox says, as the server renders it: one signal, and nothing twice."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from chat.colours import contrast
from chat.models import ChatGroup, Conversation, Visitor
from chat.posting import batches
from chat.templatetags.inbox_rows import LONGEST_LATE, TAG_HUES, tag_hue
from tests.chat.helpers import act_of, new_guest

pytestmark = pytest.mark.django_db


def rows(page: str) -> list[str]:
    """The HTML of each row of the list."""
    return re.findall(r'<li class="row".*?</li>', page.partition("<template")[0], re.S)


def row_with(browser, text: str, query: str = "") -> str:
    page = browser.get(f"/agent/{query}").content.decode()
    (row,) = (row for row in rows(page) if text in row)
    return row


def test_only_those_that_are_longest_past_their_target_are_red(agent, team, group):
    team.answer_seconds = 60
    team.save()
    groups = [group, *(batches.post(new_guest(team).draft("?"))["group"] for _ in range(4))]
    for number, one in enumerate(groups):
        since = timezone.now() - timedelta(minutes=2 + number)
        due = since + timedelta(minutes=1)
        Conversation.objects.filter(uuid=one).update(waiting_since=since, due_at=due)
    page = agent.get("/agent/").content.decode()
    levels = {
        re.search('data-group="(.*?)"', row)[1]: re.search('data-level="(.*?)"', row)[1]
        for row in rows(page)
    }
    assert [levels[one] for one in groups] == ["late"] * 2 + ["worst"] * LONGEST_LATE


def test_a_closed_row_is_quiet(agent, alice, guest, group):
    batches.post(guest.draft("unread by all"))
    row = row_with(agent, f'data-group="{group}"')
    assert 'data-unread="2"' in row and '<span class="row-unread pill"><span>2<' in row
    batches.do(act_of("close", alice.uuid, group))
    row = row_with(agent, f'data-group="{group}"', "?view=closed")
    assert "data-closed" in row and 'data-unread="0"' in row
    assert '<span class="row-unread pill" hidden>' in row


def test_all_tags_of_a_row_are_chips_in_colours_of_their_own(agent, alice, group):
    assert "data-tall" not in row_with(agent, f'data-group="{group}"')
    for tag in ("VIP", "保修内"):
        batches.do(act_of("tag", alice.uuid, group, tag=tag))
    row = row_with(agent, f'data-group="{group}"')
    assert "data-tall" in row
    chips = re.findall(r'class="chip tag-(\d)"\s+dir="auto">(.*?)<', row)
    assert chips == [("7", "VIP"), ("0", "保修内")]
    assert tag_hue("ｖｉｐ") == tag_hue("VIP")


def test_each_colour_of_a_tag_can_be_read():
    folder = Path(settings.BASE_DIR) / "static/css"
    css = "".join((folder / name).read_text() for name in ("base.css", "dark.css"))
    hues = {"212", *re.findall(r"\.tag-\d { --chip-hue: (\d+); }", css)}
    assert len(hues) == TAG_HUES
    grounds = re.findall(r"--chip-ink: (\d+)% (\d+)%;\s+--chip-ground: (\d+)% (\d+)%;", css)
    assert len(grounds) == 2, "light and dark"
    for hue in hues:
        for values in grounds:
            ink, ground = (hsl(int(hue), *map(int, values[at : at + 2])) for at in (0, 2))
            assert contrast(ink, ground) >= 4.5, (hue, values)


def hsl(hue: int, saturation: int, lightness: int) -> tuple[int, ...]:
    """A colour of CSS as red, green and blue from 0 to 255."""
    light = lightness / 100
    reach = saturation / 100 * min(light, 1 - light)
    steps = ((number + hue / 30) % 12 for number in (0, 8, 4))
    return tuple(
        round(255 * (light - reach * max(-1, min(step - 3, 9 - step, 1)))) for step in steps
    )


def test_a_visitor_without_a_name_is_told_by_device_and_digits(agent, team, guest, group):
    Visitor.objects.filter(uuid=guest.uuid).update(device="iPhone · iOS 17.5", label="访客 8069")
    ChatGroup.objects.filter(uuid=group).update(group_name="访客 8069")
    row = row_with(agent, f'data-group="{group}"')
    assert '访客 8069</span><span class="row-device">iPhone<' in row and ">69<" in row
    ChatGroup.objects.filter(uuid=group).update(group_name="Li Wei")
    row = row_with(agent, f'data-group="{group}"')
    assert "Li Wei</span>" in row and "iPhone" not in row and ">L<" in row
