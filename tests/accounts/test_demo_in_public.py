"""Where PUBLIC_URL is https the demo's password is no superuser's."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Member
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
OTHERS = ["manager", "alice", "bob", "carol"]


@pytest.fixture
def demo(capsys, settings, monkeypatch):
    """A function: what is printed, by hand or as bin/serve does it at a start; under this URL."""

    def run(password, url="https://chat.example.com", start=False) -> str:
        settings.PUBLIC_URL = url
        if start:
            monkeypatch.setenv("DEMO_PASSWORD", password)
            call_command("prepare", "--demo")
        else:
            call_command("demo", *(["--password", password] if password else []))
        return capsys.readouterr().out

    return run


def has(name: str, password: str) -> bool:
    return Member.objects.get(name=name).check_password(password)


@pytest.mark.parametrize("start", [True, False])
def test_a_new_superuser_gets_a_random_password(demo, start):
    out = demo(PASSWORD, start=start)
    assert all(has(name, PASSWORD) for name in OTHERS)
    assert out.count(PASSWORD) == 4
    printed = re.search(r"^  superuser +admin +(\S+)$", out, re.MULTILINE).group(1)
    assert has("admin", printed) and printed != PASSWORD
    assert "shown once, note them" in out.splitlines()[0]
    again = demo(PASSWORD, start=start)
    assert has("admin", printed) and "shown once" not in again
    assert re.search(r"admin +\(.*left as it is.*\)", again)


@pytest.mark.parametrize("start", [True, False])
def test_a_superuser_that_is_there_keeps_the_own_password(demo, start):
    Member.objects.create_superuser("admin", "an own pass phrase")
    demo(PASSWORD, start=start)
    assert has("admin", "an own pass phrase")
    assert all(has(name, PASSWORD) for name in OTHERS)


@pytest.mark.parametrize("start", [True, False])
def test_a_superuser_that_has_it_from_before_stops_the_start(demo, start):
    demo(PASSWORD, url="")
    assert has("admin", PASSWORD)
    before = list(Member.objects.order_by("id").values())
    with pytest.raises(
        CommandError, match=r"^The superuser admin has .*changepassword admin"
    ) as told:
        demo(PASSWORD, start=start)
    assert "\n" not in str(told.value) and PASSWORD not in str(told.value)
    assert list(Member.objects.order_by("id").values()) == before
    admin = Member.objects.get(name="admin")
    admin.set_password("an own pass phrase")
    admin.save()
    demo(PASSWORD, start=start)
    assert has("admin", "an own pass phrase")


def test_one_of_the_demo_who_became_a_superuser_is_left_out_too(demo):
    demo(None)
    Member.objects.filter(name="alice").update(is_superuser=True)
    demo(PASSWORD)
    assert not has("alice", PASSWORD) and has("bob", PASSWORD)


@pytest.mark.parametrize("url", ["", "http://chat.example.com"])
@pytest.mark.parametrize("start", [True, False])
def test_without_https_everyone_gets_it(demo, url, start):
    demo(None)
    out = demo(PASSWORD, url=url, start=start)
    assert all(has(name, PASSWORD) for name in ["admin", *OTHERS])
    assert out.count(PASSWORD) == 5
