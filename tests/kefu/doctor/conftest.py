"""A house in which the doctor finds nothing."""

import re

import pytest
from django.utils import translation

from kefu import doctor

HAN = re.compile("[\u4e00-\u9fff]")
COMMAND = re.compile(r"(chmod|manage\.py|ALTER) [^,;()]*(, ALTER [^,;()]*)?")
"""What is the same in both languages."""


@pytest.fixture
def sound(settings, tmp_path, monkeypatch):
    """Settings of a public site; returns them, for a test to spoil one."""
    for name in ("BIND", "WORKERS", "DEMO_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    settings.DEBUG = False
    settings.SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO"
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY[::-1]]
    settings.PUBLIC_URL = "https://chat.example.com"
    settings.ALLOWED_HOSTS = ["chat.example.com", "127.0.0.1"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Kefu <kefu@example.com>"
    return settings


@pytest.fixture
def says():
    """A function: the severities of what a check finds; each must tell what and a cure, in both
    languages."""

    def ask(check) -> list[str]:
        with translation.override("zh-hans"):
            for _severity, what, cure in [one for _name, one in doctor.run_checks([check])]:
                assert HAN.search(what), what
                assert HAN.search(cure) or COMMAND.fullmatch(cure), cure
        findings = [finding for _name, finding in doctor.run_checks([check])]
        assert all(what and cure for _severity, what, cure in findings)
        assert not any("could not be checked" in what for _severity, what, _cure in findings)
        assert not any("\n" in word or HAN.search(word) for found in findings for word in found)
        return [severity for severity, _what, _cure in findings]

    return ask
