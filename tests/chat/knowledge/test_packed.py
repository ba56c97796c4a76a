"""Articles as a ZIP file, by the page."""

import io
import struct
import zipfile

import pytest

from accounts.models import AuditRow
from chat.knowledge import articles, files, packed
from chat.models import Article, ArticlePicture
from tests.chat.sample_files import packed as zipped
from tests.chat.sample_files import picture, upload

pytestmark = [pytest.mark.once, pytest.mark.django_db]
IMPORT, EXPORT = "/agent/articles/import/", "/admin/articles/export/"
TEA = b"---\ntitle: Tea\n---\nBoil. ![](files/a.png)\n"


def send(browser, content: bytes):
    return browser.post(IMPORT, {"file": upload("k.zip", content, "application/zip")})


def test_what_is_exported_is_imported_without_a_change(
    browser_of, enterprise, other_enterprise, manager, other_manager
):
    files = {"tea.en.md": TEA, "files/a.png": picture(), "README.md": b"x", "files/b.png": b"x"}
    page = send(browser_of(manager), zipped(files | {"bad.en.md": b"x", "no.en.md": TEA[:19]}))
    assert page.context["counts"] == {"added": 1, "bad": 2}
    shown = page.content.decode()
    assert "no front matter" in shown and "there is only a title" in shown
    row = AuditRow.objects.get(kind="article")
    assert (row.actor, row.source) == (manager.uuid, "articles:import")
    answer = browser_of(manager).get(EXPORT)
    content = b"".join(answer)
    assert int(answer["Content-Length"]) == len(content)
    row = AuditRow.objects.get(kind="article", action="exported")
    assert (row.actor, row.source) == (manager.uuid, "admin-articles:export")
    assert row.chain == enterprise.pk and row.details == '{"count": 1}'
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.namelist() == ["tea.en.md", "files/a.png"]
        assert found.read("tea.en.md") == TEA
    page = send(browser_of(manager), content)
    assert page.context["counts"] == {"unchanged": 1} and ArticlePicture.objects.count() == 1
    assert not articles.of(other_enterprise).exists()
    assert (
        zipfile.ZipFile(io.BytesIO(b"".join(browser_of(other_manager).get(EXPORT)))).filelist == []
    )


def test_a_packed_folder_is_taken_as_its_files(browser_of, enterprise, manager):
    files = {"mine/": b"", "mine/tea.en.md": TEA, "mine/files/a.png": picture()}
    send(browser_of(manager), zipped(files | {"mine/old/tea.en.md": b"x"}))
    assert Article.objects.get().body.startswith("Boil.") and ArticlePicture.objects.exists()


def lying() -> bytes:
    """A text of 10 MB that its entry calls one of 10 bytes."""
    content = bytearray(zipped({"tea.en.md": bytes(10_000_000)}))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)
    return bytes(content)


def end(directory: int) -> bytes:
    return packed.END.pack(packed.END_MARK, 0, 0, 1, 1, directory, 0, 0)


def by_method(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("tea.en.md", TEA)
    return file.getvalue()


WRONG = {
    "no ZIP file": (TEA, "damaged"),
    "nothing": (b"", "damaged"),
    "cut": (zipped({"tea.en.md": TEA})[:-30], "damaged"),
    "lying": (lying(), "damaged"),
    "no article": (zipped({"a.txt": TEA}), "SLUG.LANG.md"),
    "out of it": (zipped({"../tea.en.md": TEA}), "out of the folder"),
    "absolute": (zipped({"/tea.en.md": TEA}), "out of the folder"),
    "bomb": (zipped({"tea.en.md": bytes(101 * 2**20)}), "100 MB"),
    "many": (zipped({f"{n}.en.md": b"" for n in range(5001)}), "5,000"),
    "a long list": (end(packed.MAX_DIRECTORY + 1), "5,000"),
    "a list of more than 4 GB": (packed.BIG_MARK + bytes(16) + end(1), "5,000"),
    "such a list and its mark again": (packed.BIG_MARK * 4 + bytes(4) + end(1), "5,000"),
    "another method": (by_method(zipfile.ZIP_LZMA), "unusual"),
    "large": (bytes(20 * 2**20 + 1), "20 MB"),
}


def test_an_entry_before_the_beginning_of_the_file_is_damage(tmp_path):
    content = bytearray(zipped({"tea.en.md": TEA}))
    at = content.rfind(packed.END_MARK)
    struct.pack_into("<L", content, at + 16, 10_000)
    (tmp_path / "k.zip").write_bytes(content)
    with (tmp_path / "k.zip").open("rb") as file, pytest.raises(files.Bad):
        packed.unpack(file, tmp_path)


@pytest.mark.parametrize("name", WRONG)
def test_a_hostile_file_is_refused_with_its_reason_and_stores_nothing(browser_of, manager, name):
    content, words = WRONG[name]
    page = send(browser_of(manager), content)
    assert page.status_code == 400 and words in page.context["problem"]
    assert not Article.objects.exists()
