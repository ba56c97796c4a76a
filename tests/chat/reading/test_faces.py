"""Colleagues side by side have different colours."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Member, Team, TeamMember
from chat.colours import WHITE, contrast
from chat.reading import faces

pytestmark = pytest.mark.django_db


def staff(enterprise, team: Team, count: int) -> list[Member]:
    members = [
        Member.objects.create(name=f"{team.slug}{n}", enterprise=enterprise) for n in range(count)
    ]
    for member in members:
        TeamMember.objects.create(team=team, member=member)
    return members


def test_no_two_of_a_team_have_the_same_until_the_colours_run_out(enterprise):
    sales = Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    repair = Team.objects.create(enterprise=enterprise, slug="repair", name="Repair")
    teams = [staff(enterprise, sales, 7), staff(enterprise, repair, faces.HUES)]
    hues = faces.hues_of(enterprise)
    for members in teams:
        worn = [hues[member.uuid] for member in members]
        assert len(set(worn)) == len(worn)
    assert set(hues.values()) <= set(range(faces.HUES))


def test_a_new_colleague_changes_nobodys_colour(enterprise, alice):
    team = alice.teams.get()
    before = faces.hues_of(enterprise)
    (carol,) = staff(enterprise, team, 1)
    after = faces.hues_of(enterprise)
    assert {uuid: after[uuid] for uuid in before} == before
    assert after[carol.uuid] not in {before[one.uuid] for one in team.members.exclude(pk=carol.pk)}


def test_it_takes_one_query_and_tells_of_no_other_enterprise(
    enterprise, alice, outsider, django_assert_num_queries
):
    with django_assert_num_queries(1):
        hues = faces.hues_of(enterprise)
    assert alice.uuid in hues and outsider.uuid not in hues


@pytest.mark.once
def test_white_letters_can_be_read_on_every_colour():
    styles = Path(settings.BASE_DIR / "static" / "css" / "base.css").read_text()
    hues = re.findall(r"^\.hue-(\d+) { --hue: #(\w{6}); }$", styles, re.MULTILINE)
    assert [int(number) for number, _ in hues] == list(range(faces.HUES))
    for _, hue in hues:
        rgb = tuple(int(hue[at : at + 2], 16) for at in (0, 2, 4))
        assert contrast(rgb, WHITE) >= 4.5
