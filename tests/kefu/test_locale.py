"""Both languages are complete: every text has its Chinese, and the compiled catalogue is it."""

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

from accounts.models import Enterprise

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")


def test_every_text_of_the_code_is_translated(tmp_path):
    """makemessages on a copy finds nothing that is new, uncertain or empty."""
    copy = tmp_path / "copy"
    for part in ("accounts", "chat", "kefu", "templates", "locale", "static"):
        shutil.copytree(ROOT / part, copy / part)
    shutil.copy(ROOT / "manage.py", copy)
    command = [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-location"]
    subprocess.run(command, cwd=copy, check=True, env=dict(os.environ))
    for wrong in ("--untranslated", "--only-fuzzy"):
        found = subprocess.run(
            ["msgattrib", wrong, "--no-obsolete", str(copy / CATALOGUE)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == "", found.stdout


def test_the_compiled_catalogue_is_of_this_text(tmp_path):
    fresh = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", str(fresh), str(ROOT / CATALOGUE)], check=True)
    assert entries(fresh) == entries((ROOT / CATALOGUE).with_suffix(".mo"))


@pytest.mark.once
def test_a_conversation_ends_where_an_enterprise_is_shut():
    with translation.override("zh-hans"):
        assert str(Enterprise.Status.CLOSED.label) == "已关闭"
        assert translation.gettext("closed") == translation.gettext("Closed") == "已结束"


def entries(compiled: Path) -> dict:
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog
