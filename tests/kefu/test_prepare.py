"""`manage.py prepare`: what bin/serve tells of the database and the settings at each start."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts.models import Installation, Member
from tests.plugins.services import free_port

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO"


@pytest.fixture
def prepare(settings, monkeypatch, capsys):
    """A function: what the command prints, of a sound house that a test may have spoilt."""
    for name in ("BIND", "DEMO_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    settings.SECRET_KEY, settings.REDIS_URL = KEY, ""

    def run(*words) -> str:
        call_command("prepare", *words)
        return capsys.readouterr().out

    return run


def test_an_installation_without_any_account_is_told_how_to_make_one(prepare):
    assert prepare().count("manage.py createsuperuser --name boss") == 1


def test_a_sound_one_is_told_nothing(prepare, alice):
    assert prepare() == ""


def test_another_key_than_the_databases_is_refused_until_it_is_a_wish(prepare, settings):
    prepare()
    settings.SECRET_KEY = KEY[::-1]
    with pytest.raises(ImproperlyConfigured, match="visitors would lose their conversations"):
        prepare()
    settings.SECRET_KEY_FALLBACKS = [KEY]
    prepare()
    settings.SECRET_KEY_FALLBACKS = []
    prepare()
    settings.SECRET_KEY = KEY
    with pytest.raises(ImproperlyConfigured):
        prepare()
    prepare("--new-key")
    prepare()


def test_the_database_keeps_nothing_of_the_key(prepare):
    prepare()
    (found,) = Installation.objects.all()
    assert len(found.key_digest) == 64 and KEY not in found.key_digest


def test_the_demo_is_made_if_asked_for_with_the_password_of_the_environment(prepare, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "three agents and a tea pot")
    out = prepare("--demo")
    assert "alice" in out and "createsuperuser" not in out and "warning" not in out
    assert Member.objects.get(name="alice").check_password("three agents and a tea pot")


def test_a_short_key_a_dead_redis_and_a_closed_door_are_told_in_a_line_each(
    prepare, settings, monkeypatch, alice
):
    settings.SECRET_KEY = "short"
    lines = prepare().splitlines()
    assert len(lines) == 1 and lines[0].startswith("warning: SECRET_KEY ")
    settings.SECRET_KEY = KEY
    prepare("--new-key")
    monkeypatch.setenv("BIND", "0.0.0.0")
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    lines = prepare().splitlines()
    assert len(lines) == 1 and lines[0].startswith("warning: BIND is 0.0.0.0")
    monkeypatch.delenv("BIND")
    pytest.importorskip("redis")
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    lines = prepare().splitlines()
    assert len(lines) == 1 and lines[0].startswith("warning: Redis does not answer")


def test_static_files_are_collected_beside_it_and_a_failure_is_one_of_both(
    prepare, settings, tmp_path
):
    settings.STATIC_ROOT = tmp_path / "static"
    prepare("--static")
    assert (tmp_path / "static" / "css" / "base.css").exists()
    settings.STATIC_ROOT = tmp_path / "file"
    settings.STATIC_ROOT.touch()
    with pytest.raises(CommandError, match="collectstatic failed"):
        prepare("--static")
