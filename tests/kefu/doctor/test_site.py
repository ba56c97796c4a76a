"""What the doctor says of settings: each check is made to speak, and is silent otherwise."""

import os
import time

import pytest
from django.core.management import call_command

from accounts.models import Assistant, Enterprise, Member
from chat.assistant import assistants
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import ArticleIndex, Channel
from kefu import doctor, keys
from kefu.doctor import site

E, W = ["error"], ["warning"]
SOUND_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

SPOILED = [
    (site.debug, {"DEBUG": True}, E),
    (site.secret_key, {"SECRET_KEY": "short"}, E),
    (site.secret_key, {"SECRET_KEY": "ab" * 40}, E),
    (site.secret_key, {"SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"}, E),
    (site.secret_key, {"SECRET_KEY_FALLBACKS": ["short"]}, E),
    (site.secret_key, {"SECRET_KEY_FALLBACKS": [SOUND_KEY, "ab" * 40]}, E),
    (site.secret_key, {"SECRET_KEY": "short", "SECRET_KEY_FALLBACKS": ["x" * 60]}, E * 2),
    (site.public_url, {"PUBLIC_URL": ""}, W),
    (site.public_url, {"PUBLIC_URL": "http://chat.example.com"}, E),
    (site.allowed_hosts, {"ALLOWED_HOSTS": ["localhost"]}, E),
    (site.trusted_proxies, {"TRUSTED_PROXIES": []}, E),
    (site.trusted_proxies, {"TRUSTED_PROXIES": ["127.0.0.1", "0.0.0.0/0"]}, E),
    (site.trusted_proxies, {"TRUSTED_PROXIES": ["::/0"]}, E),
    (site.metrics_allow, {"METRICS_ALLOW": ["127.0.0.0/8", "0.0.0.0/0"]}, W),
    (site.rate_limits, {"RATE_LIMITS": False}, E),
    (site.rate_limits, {"RATE_LIMITS": False, "PUBLIC_URL": ""}, W),
    (site.mail, {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, W),
    (site.mail, {"DEFAULT_FROM_EMAIL": "Kefu <kefu@localhost>"}, W),
]


@pytest.mark.parametrize("check, spoiled, wanted", SPOILED)
def test_a_setting_that_is_wrong_is_found(sound, says, check, spoiled, wanted):
    for name, value in spoiled.items():
        setattr(sound, name, value)
    assert says(check) == wanted


@pytest.mark.parametrize("check", site.CHECKS)
def test_sound_settings_are_not_talked_about(sound, says, check):
    assert says(check) == []


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("PUBLIC_URI", "https://chat.example.com", W), ("SERVER", "gunicorn", E)],
)
def test_a_variable_that_has_no_effect_is_found(sound, says, monkeypatch, name, value, wanted):
    monkeypatch.setenv(name, value)
    assert says(site.variables) == wanted


def test_a_key_that_others_can_read_is_found(sound, says):
    path = sound.DATA_DIR / "secret_key"
    path.write_text("key")
    for mode, wanted in ((0o600, []), (0o400, []), (0o640, E), (0o604, E)):
        path.chmod(mode)
        assert says(site.secret_key_file) == wanted


def test_a_proxy_that_told_no_address_lately_is_found(sound, says):
    record = sound.DATA_DIR / "proxy_without_address"
    record.write_text("10.0.0.1")
    assert says(site.proxy_addresses) == W
    [(_name, finding)] = doctor.run_checks([site.proxy_addresses])
    assert "10.0.0.1" in finding.what
    for age, wanted in ((24 * 3600 - 60, W), (24 * 3600 + 60, [])):
        os.utime(record, (time.time() - age,) * 2)
        assert says(site.proxy_addresses) == wanted


def test_listening_for_others_without_a_name_for_them_is_found(sound, says, monkeypatch):
    sound.PUBLIC_URL = ""
    sound.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert says(site.allowed_hosts) == []
    monkeypatch.setenv("BIND", "0.0.0.0")
    assert says(site.allowed_hosts) == W
    sound.ALLOWED_HOSTS = ["10.0.0.5"]
    assert says(site.allowed_hosts) == []
    sound.PUBLIC_URL = "https://[2001:db8::1]:8000"
    for name, wanted in (("2001:db8::1", E), ("[2001:db8::1]", [])):
        sound.ALLOWED_HOSTS = [name]
        assert says(site.allowed_hosts) == wanted


@pytest.mark.parametrize("bind", ["", "127.0.0.1", "[::1]", "0.0.0.0", "::"])
def test_a_house_that_does_not_answer_its_own_machine_is_found(sound, says, monkeypatch, bind):
    monkeypatch.setenv("BIND", bind)
    sound.ALLOWED_HOSTS = ["chat.example.com", ".example.org"]
    assert says(site.own_host) == W
    for name in ("127.0.0.1", "localhost", "[::1]"):
        sound.ALLOWED_HOSTS = ["chat.example.com", name]
        assert says(site.own_host) == []
    monkeypatch.setenv("BIND", "10.0.0.5")
    sound.ALLOWED_HOSTS = ["chat.example.com"]
    assert says(site.own_host) == [], "nothing asks it by 127.0.0.1 there"


def test_a_demo_that_is_open_to_the_public_is_found(sound, says, db, monkeypatch):
    assert says(site.demo) == []
    demo = Enterprise.objects.create(code="demo", name="Demo")
    assert says(site.demo) == W
    sound.PUBLIC_URL = ""
    assert says(site.demo) == []
    sound.PUBLIC_URL = "https://chat.example.com"
    demo.status = Enterprise.Status.CLOSED
    demo.save()
    assert says(site.demo) == []
    monkeypatch.setenv("DEMO_PASSWORD", "known to all")
    assert says(site.demo) == E


def test_a_house_that_nobody_can_administer_is_found(sound, says, db):
    assert says(site.superuser) == W
    boss = Member.objects.create_superuser("boss", "a pass phrase")
    assert says(site.superuser) == []
    boss.status = Member.Status.CLOSED
    boss.save()
    assert says(site.superuser) == W


def test_articles_that_no_search_finds_are_found(sound, says, db):
    assert says(site.article_index) == []
    acme = Enterprise.objects.create(code="acme", name="Acme")
    articles.put(acme, "plan", "en", Text("Plan"), "draft")
    articles.put(acme, "tea", "en", Text("Tea", "Text."))
    assert says(site.article_index) == []
    ArticleIndex.objects.all().delete()
    assert says(site.article_index) == W


def test_an_assistant_that_can_ask_nobody_is_found(sound, says, db):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    url = "https://model.example/v1"
    assistants.change(made, url=url, model="small", key="sk-secret", mode="answer")
    assert says(site.assistant) == []
    for spoiled in ({"url": ""}, {"sealed": "broken"}, {"url": "http://127.0.0.1:1/v1"}):
        Assistant.objects.update(**{"url": url, "sealed": made.sealed, **spoiled})
        assert says(site.assistant) == E
    Assistant.objects.update(mode=assistants.OFF)
    assert says(site.assistant) == []


def test_a_channel_that_does_not_work_is_found_without_its_secrets(sound, says, db, settings):
    acme = Enterprise.objects.create(code="acme", name="Acme")
    team = acme.teams.create(slug="help", name="Help")
    keys = {"sealed": "secret-1", "settings": {}}
    bot = Channel.objects.create(ent_id="acme", kind="weixin", name="W", team=team, **keys)
    assert says(site.channels) == []
    for columns in ({"settings": {"api": "http://10.0.0.1"}}, {"failure": "40125"}):
        Channel.objects.update(**{"settings": {}, **columns})
        assert says(site.channels) == E
    assert "secret-1" not in str(list(site.channels()))
    Channel.objects.update(failure="")
    settings.PUBLIC_URL = ""
    assert says(site.channels) == E
    Channel.objects.filter(pk=bot.pk).update(active=False)
    assert says(site.channels) == []


def test_a_secret_that_would_be_lost_with_a_former_key_is_found(sound, says, db):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    assistants.change(made, url="https://model.example/v1", model="small", key="sk-secret")
    assert says(site.former_keys) == []
    former, sound.SECRET_KEY = sound.SECRET_KEY, SOUND_KEY
    assert says(site.former_keys) == [], "it is lost already"
    sound.SECRET_KEY_FALLBACKS = [former]
    assert says(site.former_keys) == W
    assert "assistants (1)" in str(list(site.former_keys()))
    call_command("prepare")
    assert says(site.former_keys) == []
    made.refresh_from_db()
    sound.SECRET_KEY_FALLBACKS = []
    assert assistants.key_of(made) == "sk-secret"


def test_a_secret_that_is_changed_while_it_is_sealed_anew_stays(sound, db, monkeypatch):
    made = assistants.make(Enterprise.objects.create(code="acme", name="Acme"))
    assistants.change(made, url="https://model.example/v1", model="small", key="sk-secret")
    sound.SECRET_KEY, sound.SECRET_KEY_FALLBACKS = SOUND_KEY, [sound.SECRET_KEY]
    (former,) = keys.needing_former()
    assistants.change(made, key="sk-other")
    monkeypatch.setattr(keys, "needing_former", lambda: [former])
    keys.seal_anew()
    made.refresh_from_db()
    assert assistants.key_of(made) == "sk-other"
