"""Both languages are complete: every text has its Chinese, and the compiled catalogue is it."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from accounts.models import Enterprise

pytestmark = pytest.mark.once

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


def test_a_conversation_ends_where_an_enterprise_is_shut():
    with translation.override("zh-hans"):
        assert str(Enterprise.Status.CLOSED.label) == "已关闭"
        assert translation.gettext("closed") == translation.gettext("Closed") == "已结束"


@pytest.mark.parametrize(
    ("place", "chinese"),
    [
        ("templates/admin/reports/article_rows.html", "时间"),
        ("templates/admin/reports/rows.html", "时长"),
        ("templates/admin/reports/rows.html", "结束"),
        ("templates/chat/articles/editor.html", "图片"),
        ("templates/chat/articles/editor.html", "正文"),
        ("chat/archive/page.py", "关键词"),
        ("templates/admin/archive/_views.html", "视图名称"),
        ("accounts/admin/sections.py", "称呼"),
        ("templates/admin/archive/thread.html", "接待记录"),
        ("templates/admin/overview/_live_waiting.html", "已等待"),
        ("templates/admin/chip.html", "移除"),
    ],
)
def test_a_word_with_two_meanings_has_two_translations(place, chinese):
    assert [each for each in texts() if place in each[0] and each[1] == chinese]


WORKING = re.compile(
    r"accounts/(?!admin/recipes)|templates/(accounts|admin)/|"
    r"templates/chat/(workspace|_workspace_texts|replies|alerts|_actions|_shortcuts|_keys|mail/(left|mention|waiting))\."
)
"""Whose readers sign in to work here."""
HAN = "[\u4e00-\u9fff]"
FRAMEWORK = re.compile(r"accounts/words\.py|templates/(accounts/security|admin/pagination)\.")
"""Where a sentence takes the name of a table, or a length of time in words."""
IN_WORDS = re.compile(r"%\(time\)s|\{ago\}")
"""What is mostly Chinese itself."""


def texts() -> list[tuple[str, str]]:
    """(where it is used, its Chinese) of the whole catalogue."""
    found = []
    for block in (ROOT / CATALOGUE).read_text("utf-8").split("\n\n")[1:]:
        places = " ".join(line[3:] for line in block.splitlines() if line.startswith("#: "))
        chinese = re.split(r"^msgstr(?:\[0\])? ", block, flags=re.MULTILINE)[1]
        found.append((places, re.sub(r'"\n"|^"|"$', "", chinese).replace("\\n", "\n")))
    return found


def test_who_works_here_is_called_by_one_word_and_visitors_by_another():
    polite = [places for places, chinese in texts() if "您" in chinese]
    assert [each for each in polite if all(map(WORKING.match, each.split()))] == []
    assert len(polite) > 30
    assert sum("你" in chinese for _places, chinese in texts()) > 30


def test_chinese_stands_apart_from_letters_and_figures_everywhere():
    """But where a sentence takes the name of a table, which is Chinese."""
    touching = re.compile(rf"{HAN}[A-Za-z0-9%{{]|[A-Za-z0-9}}]{HAN}|{HAN}[,.;:!?()]")
    wrong = [each for each in texts() if touching.search(IN_WORDS.sub("久", each[1]))]
    assert [each for each in wrong if not FRAMEWORK.search(each[0])] == []


def entries(compiled: Path) -> dict:
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def test_no_template_puts_punctuation_of_one_language_between_words():
    """There are ": " and ", " to be translated; but addresses of mails have their comma."""
    sentence = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
    latin = re.compile(
        r"""[%}]}(?:[:,]| \()(?=[ \n<{])(?! viewport).*|(?<!cc)\|join:", ".*|:" %} [{<][{bs].*"""
    )
    for path in sorted((ROOT / "templates").rglob("*.*")):
        assert latin.findall(sentence.sub("%}", path.read_text("utf-8"))) == [], path


def test_times_in_tables_are_written_the_same_in_both_languages():
    moment = datetime(2026, 3, 4, 15, 6)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            assert date_format(moment, "DATETIME_FORMAT") == "2026-03-04 15:06", language
            assert date_format(moment, "SHORT_DATE_FORMAT") == "2026-03-04", language
