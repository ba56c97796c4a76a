"""Somebody who was invited to a team, and has not come yet."""

import pytest

from accounts import audit
from accounts.models import Member
from tests.chat.helpers import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def invite(browser_of, manager, team, group):
    """A function: a manager invites Mei, who is returned."""

    def invited() -> Member:
        fields = {"addresses": "mei@x.io", "role": Member.Role.AGENT, "teams": [team.pk]}
        browser_of(manager).post("/admin/accounts/member/invite/", fields)
        return Member.objects.get(email="mei@x.io")

    return invited


def last(group: str) -> tuple:
    data = rows_of(group)[-1].data
    return data["event"], data["member"], data.get("by")


def test_colleagues_read_of_the_invitation_and_visitors_nothing(invite, manager, group, visitor):
    before = visitor.get(visitor.place).json()["messages"]
    mei = invite()
    assert last(group) == ("invited", mei.uuid, manager.uuid)
    assert visitor.get(visitor.place).json()["messages"] == before


def withdrawn(mei, browser, manager):
    browser.post(f"/admin/accounts/member/{mei.pk}/invitation/", {"withdraw": "1"})


def without_place(mei, browser, manager):
    with audit.recording(audit.of_person(manager.uuid)):
        mei.places.get().delete()


def deleted(mei, browser, manager):
    with audit.recording(audit.of_person(manager.uuid)):
        mei.delete()


@pytest.mark.parametrize("end", [withdrawn, without_place, deleted])
def test_nor_do_visitors_read_that_who_never_came_has_left(
    invite, browser_of, manager, group, visitor, end
):
    before = visitor.get(visitor.place).json()["messages"]
    mei = invite()
    who = mei.uuid
    end(mei, browser_of(manager), manager)
    assert last(group) == ("removed", who, manager.uuid)
    assert visitor.get(visitor.place).json()["messages"] == before
