"""What the environment says, and the one clear sentence for what it cannot say."""

import os
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kefu import environment
from tests.commands import manage
from tests.plugins.services import free_port

pytestmark = pytest.mark.once


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50 and environment.secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret_key"]


def test_two_that_start_together_have_the_same_key(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    numbers = iter(range(100))
    monkeypatch.setattr(environment.os, "getpid", lambda: next(numbers))
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: environment.secret_key(tmp_path), range(8)))
    assert len(keys) == 1 and all(keys)


def test_a_key_from_the_environment_is_kept_nowhere(tmp_path, monkeypatch):
    for key in ("given", "$given"):
        monkeypatch.setenv("SECRET_KEY", key)
        assert environment.secret_key(tmp_path) == key and not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "text, keys",
    [
        ("", []),
        (" , ,", []),
        ("one", ["one"]),
        ("$one,two", ["$one", "two"]),
        (" one , two=&%,", ["one", "two=&%"]),
    ],
)
def test_former_keys_are_separated_by_commas_and_an_empty_one_is_none(monkeypatch, text, keys):
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", text)
    assert environment.former_keys() == keys
    monkeypatch.delenv("SECRET_KEY_FALLBACKS")
    assert environment.former_keys() == []


def test_who_only_looks_leaves_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("KEFU_LOOKING", "1")
    assert len(environment.secret_key(tmp_path)) >= 50 and os.listdir(tmp_path) == []


def test_without_django_manage_py_tells_what_to_do_first():
    command = [sys.executable, "-S", "manage.py", "migrate"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "Run bin/serve first" in done.stderr


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "a" / "b"))
    folder = environment.data_dir(tmp_path / "unused")
    assert folder == tmp_path / "a" / "b" and stat.S_IMODE(folder.stat().st_mode) == 0o700
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(ImproperlyConfigured):
        environment.data_dir(tmp_path)


def test_without_a_url_the_database_is_a_durable_sqlite(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    config = environment.database(tmp_path)
    assert config["ENGINE"].endswith("sqlite") and config["NAME"].startswith(str(tmp_path))
    options = config["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]
    assert "journal_mode=WAL" in options["init_command"]


@pytest.mark.parametrize(
    "url, host, name",
    [
        ("mysql://u:p%40w@db:3307/kefu", "db", "kefu"),
        ("mysql://u@/kefu?unix_socket=/run/mysqld/mysqld.sock", "", "kefu"),
    ],
)
def test_a_mysql_url_speaks_utc_and_utf8mb4(tmp_path, monkeypatch, url, host, name):
    monkeypatch.setenv("DATABASE_URL", url)
    config = environment.database(tmp_path)
    assert config["ENGINE"].endswith("mysql") and config["NAME"] == name
    assert (config["HOST"] or "") == host
    options = config["OPTIONS"]
    assert options["charset"] == "utf8mb4" and options["isolation_level"] == "read committed"
    assert "time_zone='+00:00'" in options["init_command"]
    if "socket" in url:
        assert options["unix_socket"] == "/run/mysqld/mysqld.sock"


def test_a_command_waits_longer_for_a_statement_than_whoever_serves(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://u@db/kefu")
    serving = environment.database(tmp_path)["OPTIONS"]
    assert serving["connect_timeout"] + serving["read_timeout"] < 15, "guarantee 23"
    assert serving["write_timeout"] == serving["read_timeout"]
    assert f"idle_transaction_timeout={serving['read_timeout']} " in serving["init_command"]
    monkeypatch.setenv("KEFU_COMMAND", "1")
    assert environment.database(tmp_path)["OPTIONS"]["read_timeout"] == 3_600


def test_a_connection_to_redis_is_one_whose_end_is_noticed():
    host = environment.redis_host("redis://cache:6379/0")
    assert host["address"] == "redis://cache:6379/0"
    assert host["health_check_interval"] + host["socket_connect_timeout"] < 15
    options = host["socket_keepalive_options"]
    idle, every, times = (
        options[name] for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    )
    assert idle + every * times <= 16 and options[socket.TCP_USER_TIMEOUT] == 15_000
    assert "socket_keepalive" not in environment.redis_host("unix:///run/redis.sock")


@pytest.mark.parametrize("url", ["postgres://u@h/d", "nonsense", "mysql", "oracle://x"])
def test_another_database_is_refused(tmp_path, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        environment.database(tmp_path)


@pytest.mark.parametrize("url", ["http://a.example", "https://a.example:8443", ""])
def test_a_public_address_is_kept_without_a_slash(monkeypatch, url):
    monkeypatch.setenv("PUBLIC_URL", url + "/" * bool(url))
    assert environment.public_url() == url


@pytest.mark.parametrize(
    "url", ["a.example", "ftp://a", "https://", "https://a/b", "https://a?b", "https://a:x", "//a"]
)
def test_what_is_no_address_is_refused(monkeypatch, url):
    monkeypatch.setenv("PUBLIC_URL", url)
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
        environment.public_url()


def test_hosts_are_a_list_and_never_a_star(monkeypatch):
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    assert environment.allowed_hosts("") == ["localhost", "127.0.0.1", "[::1]"]
    assert "a.example" in environment.allowed_hosts("https://a.example")
    assert "[2001:db8::1]" in environment.allowed_hosts("https://[2001:DB8::1]:8000")
    monkeypatch.setenv("ALLOWED_HOSTS", "b.example, c.example")
    assert environment.allowed_hosts("https://a.example") == ["b.example", "c.example", "a.example"]
    for value in ("*", "a.example,*", " * "):
        monkeypatch.setenv("ALLOWED_HOSTS", value)
        with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
            environment.allowed_hosts("")


@pytest.mark.parametrize(
    "value, wanted", [("1", True), ("ON", True), ("yes", True), ("0", False), ("off", False)]
)
def test_a_switch_is_on_or_off(monkeypatch, value, wanted):
    monkeypatch.setenv("DEBUG", value)
    assert environment.parse_switch("DEBUG", not wanted) is wanted


def test_a_switch_that_is_not_set_is_as_it_was_and_nonsense_is_refused(monkeypatch):
    monkeypatch.setenv("DEBUG", "")
    assert environment.parse_switch("DEBUG", True) is True
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        environment.parse_switch("DEBUG", False)


def test_the_house_is_closed_by_default():
    assert settings.DEBUG is False and "*" not in settings.ALLOWED_HOSTS
    assert settings.TRUSTED_PROXIES == []


SENTENCES = {
    "DEBUG": ["maybe", "2", "tru"],
    "RATE_LIMITS": ["sometimes"],
    "REDIS_URL": ["nope", "http://h", "redis://", "redis://h:x", "redis://h/name", "unix://"],
    "METRICS_ALLOW": ["everyone", "10.0.0.1/8"],
    "WEBHOOK_ALLOW": ["intranet", "10.0.0.1/8"],
    "AI_ALLOW": ["ollama"],
    "TRUSTED_PROXIES": ["garbage", "10.0.0.1/8", "127.0.0.1,nginx", "::1::"],
    "EMAIL_URL": ["junk", "foo://h", "smtp://", "smtp+tls://u:p@h:x", "smtp+tls://u:s3#cret@h"],
    "DATABASE_URL": ["postgres://u@h/d", "mysql://h", "mysql://u:s3#cret@h/d", "sqlite://:memory:"],
    "PUBLIC_URL": ["http://[", "https://u:s3cret@h", "chat.example.com"],
    "ALLOWED_HOSTS": ["*", "https://a.example", "a.example:443", "a b"],
    "DEFAULT_FROM_EMAIL": ["kefu", "kefu@", "a@b.example\nBcc: c@d.example"],
    "DATA_DIR": ["/proc", "/proc/kefu", "/dev/null"],
    "DEMO": ["none", "FULL"],
}
CASES = [
    pytest.param(name, value, id=f"{name}={value!r}", marks=[pytest.mark.release] * bool(number))
    for name, values in SENTENCES.items()
    for number, value in enumerate(values)
]
"""The first of each variable in every run: each needs a process."""


def test_mails_go_to_the_folder_that_is_named(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "filemail:///var/mails")
    assert environment.email()["EMAIL_FILE_PATH"] == "/var/mails"


@pytest.mark.parametrize("name, value", CASES)
def test_a_value_that_cannot_be_used_is_told_in_one_sentence_by_its_name(tmp_path, name, value):
    out = manage("check", **{"DATA_DIR": str(tmp_path), name: value})
    assert out.returncode == 78 and out.stdout == ""
    assert len(out.stderr.splitlines()) == 1 and out.stderr.startswith("error: ")
    assert (name in out.stderr or value in out.stderr) and "s3" not in out.stderr


def test_what_can_be_used_is_used_without_a_word(tmp_path):
    out = manage(
        "check",
        DATA_DIR=str(tmp_path / "data"),
        DATABASE_URL=f"sqlite:///{tmp_path}/own.sqlite3",
        REDIS_URL="rediss://:p%40w@redis.example:6380/2",
        TRUSTED_PROXIES="127.0.0.1, ::1, 10.0.0.0/8",
        EMAIL_URL="smtp+tls://u%40h:p@mail.example.com:587",
        DEFAULT_FROM_EMAIL="Kefu <kefu@example.com>",
        PUBLIC_URL="https://chat.example.com/",
        ALLOWED_HOSTS="a.example,.b.example,[::1]",
        DEBUG="off",
        RATE_LIMITS="ON",
    )
    assert (out.returncode, out.stderr) == (0, "")


def test_a_database_that_does_not_answer_is_told_in_one_sentence(tmp_path):
    url = f"sqlite:///{tmp_path}/nowhere/own.sqlite3"
    out = manage("migrate", DATA_DIR=str(tmp_path), DATABASE_URL=url)
    assert out.returncode == 78 and len(out.stderr.splitlines()) == 1
    assert "unable to open database file" in out.stderr


@pytest.mark.parametrize("content", [b"", pytest.param(b"\xff\xfe", marks=pytest.mark.release)])
def test_a_key_file_without_a_key_is_refused(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)
    out = manage("check", DATA_DIR=str(tmp_path))
    assert out.returncode == 78 and str(tmp_path / "secret_key") in out.stderr
    assert len(out.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "value", ["REDIS_URL=nope", pytest.param("DEBUG=maybe", marks=pytest.mark.release)]
)
def test_bin_serve_says_it_in_one_sentence_too(tmp_path, value):
    name, _, word = value.partition("=")
    out = subprocess.run(
        [sys.executable, "bin/serve"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(free_port()), name: word},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert out.returncode == 1 and "Traceback" not in out.stderr
    assert [line for line in out.stderr.splitlines() if name in line] == out.stderr.splitlines()
    assert len(out.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["TRUSTED_PROXIES", "METRICS_ALLOW"])
def test_ipv4_addresses_are_listed_as_callers_are_known(monkeypatch, name):
    entries = "::ffff:10.0.0.1,::ffff:10.1.0.0/112,10.2.0.0/16,::1,2001:db8::/32,::/0"
    monkeypatch.setenv(name, entries)
    assert environment.networks(name) == [
        *("10.0.0.1/32", "10.1.0.0/16", "10.2.0.0/16", "::1", "2001:db8::/32", "::/0")
    ]
