"""Values from files, names that resemble a known one, and the version."""

import subprocess
import sys

import pytest
from django.conf import settings

from kefu import __version__, variables


def test_a_value_comes_from_the_file_that_is_named(tmp_path):
    (tmp_path / "url").write_text("redis://127.0.0.1:6379/0\n")
    environ = {"REDIS_URL_FILE": str(tmp_path / "url")}
    variables.read_files(environ)
    assert environ == {"REDIS_URL": "redis://127.0.0.1:6379/0"}


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"", {}, "is empty"),
        (b"\xff\xfe", {}, "no text"),
        (None, {}, "No such file"),
        (b"mysql://a/b", {"DATABASE_URL": "mysql://c/d"}, "both set"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, content, more, words):
    if content is not None:
        (tmp_path / "url").write_bytes(content)
    with pytest.raises(variables.Unusable, match=words):
        variables.read_files({"DATABASE_URL_FILE": str(tmp_path / "url"), **more})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PUBLIC_URI", ["PUBLIC_URL"]),
        ("DATABSE_URL", ["DATABASE_URL"]),
        ("TRUSTED_PROXY", []),
        ("WORKER", ["WORKERS"]),
        ("email_url", ["EMAIL_URL"]),
        ("SECRET_KEY_FIEL", ["SECRET_KEY_FILE"]),
        *((name, []) for name in ("HOME", "PATH", "USER", "TERM", "LANG", "PWD", "MAIL", "EDITOR")),
    ],
)
def test_a_likely_misspelling_is_noticed(name, meant):
    assert [near for _name, near in variables.misspelled({name: "x", "PORT": "80"})] == meant


def test_the_version_is_printed_without_packages():
    command = [sys.executable, "-S", "manage.py", "version"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"Kefu {__version__}\n", "")
