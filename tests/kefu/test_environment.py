"""What the environment says, and the one clear sentence for what it cannot say."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from kefu import environment


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
    monkeypatch.setenv("SECRET_KEY", "given")
    assert environment.secret_key(tmp_path) == "given" and not os.listdir(tmp_path)


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
    assert config["ENGINE"].endswith("sqlite3") and config["NAME"].startswith(str(tmp_path))
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


@pytest.mark.filterwarnings("ignore:Engine not recognized")
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
    assert environment.switch("DEBUG", not wanted) is wanted


def test_a_switch_that_is_not_set_is_as_it_was_and_nonsense_is_refused(monkeypatch):
    monkeypatch.setenv("DEBUG", "")
    assert environment.switch("DEBUG", True) is True
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        environment.switch("DEBUG", False)


def test_the_house_is_closed_by_default(settings):
    assert settings.DEBUG is False and "*" not in settings.ALLOWED_HOSTS
    assert settings.TRUSTED_PROXIES == []
