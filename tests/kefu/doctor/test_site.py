"""What the doctor says of settings: each check is made to speak, and is silent otherwise."""

import os
import time

import pytest

from kefu import doctor
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
