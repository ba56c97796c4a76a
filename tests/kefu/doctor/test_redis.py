"""What the doctor says of Redis; with a real one where the tests have one."""

import os
import sys

import pytest

from kefu.doctor import redis as checks
from tests.plugins.services import free_port

E, W = ["error"], ["warning"]


def test_several_processes_without_redis_are_found(sound, says, monkeypatch):
    sound.REDIS_URL = ""
    for value, wanted in (("1", []), ("", []), ("four", []), ("2", E)):
        monkeypatch.setenv("WORKERS", value)
        assert says(checks.channel_layer) == wanted
    sound.REDIS_URL = "redis://127.0.0.1"
    assert says(checks.channel_layer) == []


def test_a_package_that_is_missing_or_too_new_is_found(sound, says, monkeypatch):
    redis = pytest.importorskip("redis")
    sound.REDIS_URL = "redis://127.0.0.1"
    assert says(checks.redis_client) == []
    monkeypatch.setattr(redis, "__version__", "8.0.1")
    assert says(checks.redis_client) == E
    monkeypatch.setitem(sys.modules, "channels_redis", None)
    assert says(checks.redis_client) == E
    sound.REDIS_URL = ""
    assert says(checks.redis_client) == []


def test_a_redis_that_does_not_answer_is_found(sound, says):
    pytest.importorskip("redis")
    sound.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert says(checks.redis_server) == E


@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs a Redis")
def test_a_redis_that_forgets_is_found(sound, says):
    import redis

    assert says(checks.redis_server) == []
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as server:
        for memory, policy, wanted in (
            ("100mb", "noeviction", []),
            ("100mb", "allkeys-lru", W),
            ("0", "allkeys-lru", []),
        ):
            server.config_set("maxmemory", memory)
            server.config_set("maxmemory-policy", policy)
            assert says(checks.redis_server) == wanted
        server.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(
    "url, wanted",
    [
        ("", []),
        ("redis://127.0.0.1:6379/0", []),
        ("redis://localhost", []),
        ("redis://[::1]:6379", []),
        ("unix:///run/redis.sock", []),
        ("redis://:secret@10.0.0.2", []),
        ("redis://10.0.0.2", W),
        ("rediss://redis.example.com", W),
    ],
)
def test_a_redis_in_the_network_without_a_password_is_found(sound, says, url, wanted):
    sound.REDIS_URL = url
    assert says(checks.redis_password) == wanted
