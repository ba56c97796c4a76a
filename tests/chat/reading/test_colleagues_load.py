"""Who chooses a colleague for a conversation sees how much they have already."""

import re
from datetime import timedelta

from django.utils import timezone

from chat.models import Conversation
from chat.posting import batches
from chat.presence import leases
from tests.chat.actions import act_of
from tests.chat.helpers import new_guest


def claimed(agent) -> dict[str, int]:
    members = agent.get("/agent/colleagues/").json()["members"]
    return {one["name"]: one["claimed"] for one in members}


def test_open_claims_count_and_others_do_not(agent, team, alice, bob, outsider):
    groups = [batches.post(new_guest(team).draft(f"{n}"))["group"] for n in range(4)]
    for group in groups[:3]:
        batches.do(act_of("claim", bob.uuid, group))
    assert claimed(agent)[bob.display_name] == 3
    batches.do(act_of("close", bob.uuid, groups[0]))
    later = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(uuid=groups[1]).update(snoozed_until=later)
    counts = claimed(agent)
    assert counts[bob.display_name] == 1 and counts[alice.display_name] == 0
    assert outsider.display_name not in counts


def test_who_is_there_stands_first_and_then_who_has_less(
    browser_of, agent, team, alice, bob, carol, manager, group
):
    batches.do(act_of("claim", alice.uuid, group))
    leases.renew([alice.uuid, carol.uuid, bob.uuid])
    bob.choose_state(False, True, timezone.now())
    names = [one.display_name for one in (carol, alice, bob, manager)]
    members = agent.get("/agent/colleagues/").json()["members"]
    assert [one["name"] for one in members] == names
    page = browser_of(bob).get(f"/agent/c/{group}/").content.decode()
    options = re.findall(r'<option value="[^"]+" data-state="(\w+)"', page)
    assert options[:3] == ["online", "online", "offline"]
