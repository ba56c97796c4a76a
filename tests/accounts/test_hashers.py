"""Passwords are hashed one after the other."""

import threading
import time

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import transaction

from accounts.passwords.hashers import Argon2InTurn, Argon2OfMD5, md5, turn


@pytest.mark.parametrize("method", ["encode", "verify"])
def test_of_many_who_sign_in_at_once_one_is_hashed_at_a_time(monkeypatch, method):
    busy, most = [], []

    def slow(self, password, other):
        busy.append(password)
        most.append(len(busy))
        time.sleep(0.02)
        busy.pop()

    monkeypatch.setattr(Argon2PasswordHasher, method, slow)
    hashers = [Argon2InTurn(), Argon2OfMD5()] * 3
    threads = [threading.Thread(target=getattr(one, method), args=("x", "y")) for one in hashers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * len(hashers)


def test_what_argon2_has_hashed_before_is_still_known(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    encoded = make_password("a tea pot")
    assert Argon2InTurn().verify("a tea pot", encoded)
    assert not Argon2InTurn().verify("a tea cup", encoded)
    assert Argon2OfMD5().verify("a tea pot", Argon2OfMD5().encode_md5(md5("a tea pot")))


@pytest.mark.django_db
def test_who_holds_locks_of_the_database_does_not_wait_for_a_turn():
    with turn, transaction.atomic():
        assert Argon2InTurn().encode("a tea pot", "salt of some length")
