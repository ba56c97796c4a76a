"""The administration's pages about access tokens."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import AccessToken, Member
from chat.assistant import assistants

from .page import address, edit, errors_of, submit, submit_each

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/accesstoken/add/"


def made(enterprise, name="crm") -> tuple[AccessToken, str]:
    token = AccessToken(member=tokens.service_account(enterprise, name), name=name)
    return token, tokens.issue(token)


def shown_in(answer) -> str:
    """The token that a page shows."""
    return answer.content.decode().partition('<code id="token">')[2].partition("<")[0]


def works(text: str) -> AccessToken | None:
    return tokens.read(f"Bearer {text}")


def test_a_manager_makes_a_token_which_is_shown_once(boss, enterprise):
    answer = submit(boss, ADD, name="crm", kind="service", scopes=["messages:read"], days="30")
    token = works(shown_in(answer))
    assert token.member.name == "crm@acme" and token.scopes == ["messages:read"]
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert "no-store" in answer["Cache-Control"]
    for page in (
        edit(token),
        address(AccessToken, "changelist"),
        address(AccessToken, "history", token.pk),
    ):
        text = boss.get(page, follow=True).content.decode()
        assert "crm" in text and shown_in(answer) not in text and token.digest not in text


def test_the_form_offers_what_a_token_may_be(boss, enterprise):
    """As a browser has it: `submit` may send what no page asks for."""
    page = boss.get(ADD).content.decode()
    for value in ("service", "bot", *tokens.SCOPES):
        assert f'value="{value}"' in page, value
    assert "_addanother" not in page
    chosen = re.findall(r'name="scopes" value="([a-z:]+)"[^>]* checked', page)
    assert set(chosen) == {"conversations:read", "messages:read", "visitors:read", "messages:write"}


def test_a_manager_makes_a_token_for_a_bot_in_a_team(boss, team):
    answer = submit(
        boss, ADD, name="helper", kind="bot", team=team.pk, days="0", scopes=tokens.SCOPES
    )
    token = works(shown_in(answer))
    assert token.member.role == Member.Role.BOT and token.expires_at is None
    assert token.member.places.get().team == team


WRONG = [
    ({"name": ""}, "name"),
    ({"name": "a b"}, "name"),
    ({"name": "mona"}, "name"),
    ({"kind": "bot"}, "team"),
    ({"kind": "manager"}, "kind"),
    ({"scopes": ["everything"]}, "scopes"),
    ({"scopes": None}, "scopes"),
    ({"days": "7"}, "days"),
]


def test_what_is_wrong_is_said_and_makes_nothing(boss, enterprise):
    Member.objects.create_user("mona@acme", enterprise=enterprise)
    members = Member.objects.count()
    right = {"name": "crm", "kind": "service", "scopes": ["messages:read"], "days": "30"}
    answers = submit_each(boss, ADD, *({**right, **changes} for changes, _field in WRONG))
    for (changes, field), answer in zip(WRONG, answers, strict=True):
        assert field in errors_of(answer), changes
    assert not AccessToken.objects.exists() and Member.objects.count() == members


def test_a_manager_makes_none_for_another_enterprise(boss, other_enterprise):
    other = other_enterprise.teams.get()
    right = {"name": "crm", "scopes": ["messages:read"], "days": "30"}
    for changes in ({"enterprise": other_enterprise.pk}, {"kind": "bot", "team": other.pk}):
        answer = submit(boss, ADD, **{"kind": "service", **right, **changes})
        assert answer.context["adminform"].form.errors
    assert not AccessToken.objects.exists()


def test_a_superuser_chooses_the_enterprise(root, enterprise, other_enterprise):
    right = {"name": "crm", "kind": "service", "scopes": ["messages:read"], "days": "30"}
    assert "enterprise" in errors_of(submit(root, ADD, **right))
    answer = submit(root, ADD, enterprise=other_enterprise.pk, **right)
    assert works(shown_in(answer)).member.enterprise == other_enterprise
    assert "Umbrella" in root.get(address(AccessToken, "changelist")).content.decode()


@pytest.mark.parametrize(("former", "stays"), [("0", False), ("1", True), ("7", True)])
def test_a_new_token_replaces_one_at_once_or_later(boss, enterprise, former, stays):
    token, text = made(enterprise)
    place = f"/admin/accounts/accesstoken/{token.pk}/replace/"
    assert boss.get(place).status_code == 200
    assert boss.post(place, {"former": "2", "days": "30"}).context["form"].errors
    answer = boss.post(place, {"former": former, "days": "30"})
    assert works(shown_in(answer)).member == token.member
    assert bool(works(text)) is stays


def test_ending_a_token_asks_first_and_ends_it_at_once(boss, enterprise):
    token, text = made(enterprise)
    place = f"/admin/accounts/accesstoken/{token.pk}/end/"
    assert boss.get(place).status_code == 200 and works(text)
    assert boss.post(place).status_code == 302
    assert works(text) is None
    assert boss.post(place).status_code == 404
    assert "/replace/" not in boss.get(edit(token)).content.decode()


def test_programs_are_listed_among_members_without_what_people_have(boss, enterprise):
    token, _text = made(enterprise)
    page = edit(token.member)
    shown = boss.get(page).content.decode()
    assert 'name="nickname"' in shown and 'value="disable"' in shown
    for field in ("role", "email", "capacity"):
        assert f'name="{field}"' not in shown
    assert submit(boss, page, role="1").status_code == 302
    token.member.refresh_from_db()
    assert token.member.role == Member.Role.SERVICE
    assert boss.get(f"/admin/accounts/member/{token.member_id}/password/").status_code == 404


def test_nobody_becomes_a_program_by_the_page(boss, alice):
    for role in ("3", "6"):
        answer = submit(boss, edit(alice), role=role)
        assert "role" in errors_of(answer)


def test_the_assistant_takes_no_token(boss, team):
    assistants.make(team.enterprise)
    for kind, place in (("bot", team.pk), ("service", "")):
        answer = submit(boss, ADD, name="assistant", kind=kind, team=place, days="0")
        assert errors_of(answer).keys() == {"name"}
    assert not AccessToken.objects.exists()
