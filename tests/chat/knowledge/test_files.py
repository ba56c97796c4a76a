"""Articles from files and as files, by the command."""

import io
import json
import os
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditRow
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import Article, ArticlePicture, ArticleRevision
from tests.chat.sample_files import huge, picture

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FILES = {
    "tea.en.md": "---\ntitle: Tea: how\ncategory: Drinks\n---\n# Boil\n\n![a](files/a%20b.png)\n",
    "tea.zh-hans.md": "---\ntitle: 茶\n---\n煮水。\n\n---\n\nkey: value\n",
    "inside.en.md": "---\ntitle: Inside\naudience: internal\nstate: draft\n---\nSecret.\n",
    "empty.en.md": "---\ntitle: Empty\nstate: draft\n---\n",
}


def run(*args) -> tuple[int, str, str]:
    """The exit code, and what the command writes."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("knowledge", *map(str, args), stdout=out, stderr=err)
    except CommandError as error:
        code, _ = error.returncode, err.write(str(error))
    return code, out.getvalue().strip(), err.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "files").mkdir(parents=True)
    return tmp_path / "in"


def write(folder, files):
    for name, content in files.items():
        content = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(content)


def contents(folder) -> dict:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_imported_is_exported_and_a_second_run_changes_nothing(
    enterprise, other_enterprise, folder, tmp_path
):
    write(folder, FILES | {"files/a b.png": picture(), "files/b.png": picture()})
    write(folder, {"README.md": "x", "Tea.en.md": "x", "tea.fr.md": "x"})
    assert run("import", "acme", folder) == (0, "4 added, 0 changed, 0 unchanged, 0 bad", "")
    picture_before = ArticlePicture.objects.get()
    assert run("import", "acme", folder)[1] == "0 added, 0 changed, 4 unchanged, 0 bad"
    assert ArticlePicture.objects.get() == picture_before
    assert ArticleRevision.objects.count() == 2 and not articles.of(other_enterprise).exists()
    assert run("export", "acme", tmp_path / "out") == (0, "4 texts, 1 pictures", "")
    noted = AuditRow.objects.filter(kind="article", source="manage.py knowledge")
    assert noted.filter(action="added").count() == 4
    assert noted.get(action="exported").details == '{"count": 4}'
    found = contents(tmp_path / "out")
    assert found.pop("files/a b.png")[:4] == b"\x89PNG"
    assert found == {name: text.encode() for name, text in FILES.items()}
    assert run("import", "acme", tmp_path / "out")[1] == "0 added, 0 changed, 4 unchanged, 0 bad"
    assert ArticlePicture.objects.get() == picture_before


def test_a_picture_whose_name_no_file_system_takes_has_a_shorter_one(enterprise, folder, tmp_path):
    write(folder, {"tea.en.md": FILES["tea.en.md"], "files/a b.png": picture()})
    run("import", "acme", folder)
    name = f"茶 {'茶' * 90}.png"
    ArticlePicture.objects.update(name=name)
    Article.objects.update(body=f"![a](files/{quote(name)})")
    assert run("export", "acme", tmp_path / "out") == (0, "1 texts, 1 pictures", "")
    (file,) = (tmp_path / "out" / "files").iterdir()
    assert run("import", "acme", tmp_path / "out")[1] == "0 added, 1 changed, 0 unchanged, 0 bad"
    assert ArticlePicture.objects.filter(name=file.name).exists()


def test_an_export_has_what_is_published_and_no_draft_over_it(enterprise, alice, tmp_path):
    articles.put(enterprise, "tea", "en", Text("Tea", "Boil."))
    articles.save(enterprise, "tea", "en", Text("Tea", "Pour."), alice, 1)
    outside = tmp_path / "outside"
    outside.write_text("kept")
    (tmp_path / "tea.en.md").symlink_to(outside)
    run("export", "acme", tmp_path)
    assert (tmp_path / "tea.en.md").read_text() == "---\ntitle: Tea\n---\nBoil.\n"
    assert outside.read_text() == "kept"


def test_a_file_changes_and_withdraws_a_text(enterprise, folder):
    write(folder, {"tea.en.md": "---\ntitle: Tea\n---\nBoil.\n"})
    run("import", "acme", folder)
    write(folder, {"tea.en.md": b"\xef\xbb\xbf---\r\ntitle: Tea\r\n---\r\nPour.\r\n"})
    assert run("import", "acme", folder)[1] == "0 added, 1 changed, 0 unchanged, 0 bad"
    write(folder, {"tea.en.md": "---\ntitle: Tea\nstate: draft\n---\nPour.\n"})
    assert run("import", "acme", folder)[1] == "0 added, 1 changed, 0 unchanged, 0 bad"
    assert [(row.body, row.state, row.revision) for row in Article.objects.all()] == [
        ("Pour.", "draft", 2)
    ]


HEAD = "---\ntitle: T\n"
BAD = {
    "no front matter": "Boil.",
    "no end of it": HEAD,
    "no title": "---\ncategory: x\n---\nBoil.",
    "no text": HEAD + "---\n\n",
    "unknown key": HEAD + "lang: en\n---\n",
    "twice": HEAD + "title: U\n---\n",
    "no key": HEAD + "draft\n---\n",
    "unknown audience": HEAD + "audience: all\n---\n",
    "unknown state": HEAD + "state: Published\n---\n",
    "empty state": HEAD + "state:\n---\n",
    "not UTF-8": (HEAD + "---\n茶").encode("gb18030"),
    "control": HEAD + "---\n\x00",
    "long": HEAD + "---\n" + "b" * 100_001,
    "huge": b"b" * 10_000_000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_stops_no_other(enterprise, folder, name):
    write(folder, {"a.en.md": BAD[name], "b.en.md": HEAD + "---\nBoil."})
    code, counts, errors = run("import", "acme", folder)
    assert (code, counts) == (1, "1 added, 0 changed, 0 unchanged, 1 bad")
    assert "a.en.md: " in errors and articles.of(enterprise).get().slug == "b"


def test_what_is_no_file_of_the_folder_is_not_read(enterprise, folder, tmp_path):
    write(tmp_path, {"secret": HEAD + "---\nSecret", "secret.png": picture()})
    (folder / "link.en.md").symlink_to(tmp_path / "secret")
    (folder / "folder.en.md").mkdir()
    os.mkfifo(folder / "pipe.en.md")
    (folder / "files" / "link.png").symlink_to(tmp_path / "secret.png")
    bodies = "![](files/link.png) ![](files/bomb.png) ![](files/../../secret.png) ![](files/no.png)"
    write(folder, {"a.en.md": f"{HEAD}---\n{bodies}", "search.en.md": HEAD + "---\nBoil."})
    write(folder, {"files/bomb.png": huge(2**31 - 1, 2**31 - 1)})
    code, counts, errors = run("import", "acme", folder)
    assert (code, counts) == (1, "1 added, 0 changed, 0 unchanged, 6 bad")
    assert errors.count("files/") == 2 and not ArticlePicture.objects.exists()


@pytest.mark.parametrize(
    "args",
    [
        *(
            ("import", "acme", "/nowhere"),
            ("import", "nobody", "."),
            ("export", "acme", "/proc/no"),
        ),
        *(("search", "acme", "x", "--lang=fr"), ("search", "acme", "x", "--limit=0")),
    ],
    ids=range(5),
)
def test_what_cannot_be_done_says_so(enterprise, args):
    code, counts, errors = run(*args)
    assert code == 1 and not counts and errors


def test_search_prints_json_and_the_index_is_made_anew(enterprise):
    articles.put(enterprise, "tea", "en", Text("Green tea", "# How\n\nBoil [water](water)."))
    articles.put(enterprise, "in", "en", Text("Tea inside", "Text.", audience="internal"))
    code, out, _ = run("search", "acme", "green tea", "--json")
    (found,) = json.loads(out.splitlines()[-1])
    assert (code, type(found.pop("score"))) == (0, float)
    assert found == {
        "slug": "tea", "lang": "en", "title": "Green tea", "snippet": "How Boil water."
    }  # fmt: skip
    args = ("search", "acme", "tea", "--json", "--audience=internal", "--lang=en", "--limit=1")
    assert len(json.loads(run(*args)[1])) == 1
    assert json.loads(run("search", "acme", "nothing", "--json")[1]) == []
    assert run("index")[1] == "2 articles are in the index."
