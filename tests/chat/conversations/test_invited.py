"""Somebody who was invited to a team, and has not come yet."""

import pytest

from accounts.models import Member
from tests.chat.helpers import rows_of

pytestmark = pytest.mark.django_db


def test_colleagues_read_of_the_invitation_and_visitors_nothing(
    browser_of, manager, team, group, visitor
):
    before = visitor.get(visitor.place).json()["messages"]
    fields = {"addresses": "mei@x.io", "role": Member.Role.AGENT, "teams": [team.pk]}
    browser_of(manager).post("/admin/accounts/member/invite/", fields)
    mei = Member.objects.get(email="mei@x.io")
    data = rows_of(group)[-1].data
    assert (data["event"], data["member"], data["by"]) == ("invited", mei.uuid, manager.uuid)
    assert visitor.get(visitor.place).json()["messages"] == before
