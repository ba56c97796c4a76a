"""A file's way in and out again: messages with files by HTTP, from both sides."""

import errno
import io
import json
import re
import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from PIL import Image

from chat.files import kinds, storage
from chat.files.uploaded import MAX_SIZE
from chat.limits import limits
from chat.models import Attachment, Conversation, GroupMessage
from chat.posting import batches, uploads
from chat.protocol.sizes import size_text
from chat.reading import inbox, last_rows
from tests.chat.helpers import JSON, PAGE, check_ledger, draft_of, new_id, refused, rows_of
from tests.chat.sample_files import HOSTILE, HTML, SOUND, picture, upload

from .uploads import send, sent, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_what_refers_to_a_file_tells_its_name(visitor, agent, alice, group):
    """A picture's name says nothing."""
    sent(visitor, "合同.txt", b"plain")
    assert "[File] 合同.txt" in agent.get(agent.page).content.decode()
    batches.post(draft_of(alice, group, "Thank you", reply_to=rows_of(group)[-1].seq))
    page = json.loads(visitor.get(visitor.place).content)
    assert page["messages"][-1]["reply_to"]["excerpt"] == "合同.txt"
    assert last_rows.excerpt(rows_of(group)[-2])["excerpt"] == "合同.txt"
    sent(visitor, "IMG_1.png")
    assert last_rows.excerpt(rows_of(group)[-1])["excerpt"] == ""
    sent(visitor, "b.txt", b"plain", content="Signed")
    assert last_rows.excerpt(rows_of(group)[-1])["excerpt"] == "b.txt Signed"
    sent(visitor, "IMG_2.png", content="Look")
    assert last_rows.excerpt(rows_of(group)[-1])["excerpt"] == "Look"


def test_a_picture_is_a_message_of_its_own_and_comes_back_with_it(visitor, agent, group):
    for browser, seq in ((visitor, 3), (agent, 4)):
        answer = json.loads(send(browser).content)
        assert answer["type"] == "message.accepted" and answer["seq"] == seq
        page = json.loads(browser.get(browser.place).content)
        message = page["messages"][-1]
        assert message["content"] == "" and message["data"] is None
        file = message["attachment"]
        assert file == answer["attachment"]
        assert set(file) == {"url", "thumbnail", "name", "size", "mime", "width", "height"}
        assert (file["name"], file["mime"]) == ("shot.png", "image/png")
        assert (file["width"], file["height"]) == (60, 40)
        for reader in (visitor, agent):
            got = reader.get(file["url"])
            assert len(got.content) == file["size"]
            assert Image.open(io.BytesIO(got.content)).size == (60, 40)
            assert Image.open(io.BytesIO(reader.get(file["thumbnail"]).content)).size == (60, 40)
    assert check_ledger() == 4 and len(stored()) == 4


def test_text_may_come_with_a_file_and_only_then_be_empty(visitor, group):
    sent(visitor, content="see here\r\nplease")
    assert rows_of(group)[-1].message_content == "see here\nplease"
    for content in ("", "  \n"):
        sent(visitor, **{"content": content} if content else {})
        assert rows_of(group)[-1].message_content == ""
    assert refused(visitor.post(visitor.place, {"content": ""}, **JSON)) == (400, "bad_field")
    assert refused(send(visitor, content="x" * 10_001)) == (413, "too_long")


def test_a_first_message_may_be_a_file(alice, guest):
    browser = guest.browser()
    browser.place = "/chat/acme/messages/"
    assert browser.get(sent(browser)["url"]).status_code == 200
    assert check_ledger() == 2


def test_a_plain_form_without_javascript_sends_a_file(visitor, agent, group):
    for browser in (visitor, agent):
        form = {"content": "plain", "file": upload("a.png", picture())}
        assert browser.post(browser.place, form, **PAGE).status_code == 302
        row = rows_of(group)[-1]
        assert row.message_content == "plain" and row.data["attachment"]["name"] == "a.png"
        response = browser.post(browser.place, {"file": upload("a.png", HTML)}, **PAGE)
        assert response.status_code == 415 and b'role="alert"' in response.content
    page = visitor.get("/chat/acme/").content.decode()
    assert f'href="/files/{rows_of(group)[-1].data["attachment"]["key"]}/"' in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize("name", SOUND)
def test_every_kind_that_is_allowed_is_known_by_its_content(visitor, group, name):
    content, mime = SOUND[name] if isinstance(SOUND[name], tuple) else (SOUND[name], None)
    file = sent(visitor, name, content)
    assert file["name"] == name and (mime is None or file["mime"] == mime)
    response = visitor.get(file["url"])
    drawn = mime and mime.startswith("image/")
    assert drawn or response.content == content
    assert response["Content-Type"] == file["mime"]
    assert response["Content-Disposition"].startswith("inline" if drawn else "attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-cache"
    assert (file["width"] is not None) == bool(drawn) == bool(file["thumbnail"])


def test_what_is_broken_or_of_another_kind_is_refused_and_leaves_nothing(visitor, group):
    for name, content in HOSTILE.items():
        assert refused(send(visitor, name, content)) == (415, "bad_kind"), name
    assert check_ledger() == 2 and stored() == [] and not Attachment.objects.exists()


def test_sizes_have_their_limits(visitor, agent, group, settings):
    text = b"a" * MAX_SIZE
    assert sent(agent, "most.txt", text)["size"] == MAX_SIZE
    for browser in (visitor, agent):
        response = send(browser, "more.txt", text + b"a")
        assert refused(response) == (413, "too_long")
        assert json.loads(response.content)["limit"] == MAX_SIZE
        page = browser.post(browser.place, {"file": upload("more.txt", text + b"a")}, **PAGE)
        assert page.status_code == 413 and "10\xa0MB" in page.content.decode()
        body = upload("far.txt", b"a" * settings.MAX_FILE_BODY)
        assert refused(browser.post(browser.place, {"file": body}, **JSON)) == (413, "too_long")
        assert refused(send(browser, "nothing.txt", b"")) == (400, "bad_field")
    assert check_ledger() == 3


def test_one_file_at_a_time_under_its_name(visitor, group):
    two = {"file": [upload("a.png", picture()), upload("b.png", picture())]}
    assert refused(visitor.post(visitor.place, two, **JSON)) == (400, "bad_field")
    other = {"content": "x", "picture": upload("a.png", picture())}
    assert refused(visitor.post(visitor.place, other, **JSON)) == (400, "bad_field")
    assert check_ledger() == 2 and stored() == []


@pytest.mark.parametrize(
    ("given", "kind", "kept"),
    [
        ("../../etc/passwd", kinds.TEXT, "passwd.txt"),
        ("..\\..\\boot.txt", kinds.TEXT, "boot.txt"),
        ("/", kinds.PDF, "file.pdf"),
        ("", kinds.PNG, "picture.png"),
        ("..", kinds.PNG, "picture.png"),
        (".htaccess", kinds.TEXT, "htaccess.txt"),
        ("invoice\u202egnp.exe", kinds.PNG, "invoicegnp.exe.png"),
        ("a\u200b\ufeff\u2066b.pdf", kinds.PDF, "ab.pdf"),
        ("new\r\nSet-Cookie: a.txt", kinds.TEXT, "newSet-Cookie_ a.txt"),
        ("nul\0.txt", kinds.TEXT, "_nul.txt"),
        ('<img src=x onerror="1">.png', kinds.PNG, "_img src=x onerror=_1__.png"),
        ("CON.txt", kinds.TEXT, "_CON.txt"),
        ("photo.gif", kinds.PNG, "photo.png"),
        ("report.pdf.exe", kinds.PDF, "report.pdf.exe.pdf"),
        ("x" * 300 + ".pdf", kinds.PDF, "x" * 96 + ".pdf"),
        ("合" * 300 + ".pdf", kinds.PDF, "合" * 67 + ".pdf"),
        ("合同\u3000终版 .PDF", kinds.PDF, "合同 终版.pdf"),
        ("half\ud800.txt", kinds.TEXT, "half.txt"),
    ],
)
def test_names_are_safe_to_show_and_to_save_under(given, kind, kept):
    name = kinds.safe_name(given, kind)
    assert name == kept and len(name) <= kinds.MAX_NAME
    assert kinds.safe_name(name, kind) == name


def test_a_hostile_name_reaches_neither_the_disk_nor_a_header(visitor, group):
    for name in ("../../../evil.png", "a\u202egnp.exe", 'q"uo\r\nte.png', "x" * 400 + ".png"):
        file = sent(visitor, name)
        header = visitor.get(file["url"])["Content-Disposition"]
        assert "\n" not in header and "\u202e" not in file["name"] and "/" not in file["name"]
    assert all(storage.KEY.match(name.removesuffix(".small")) for name in stored())


def test_a_retry_is_one_message_and_one_file(visitor, agent, group):
    for browser in (visitor, agent):
        content, client_id = picture(), new_id()
        first = json.loads(send(browser, "a.png", content, client_id=client_id).content)
        again = json.loads(send(browser, "a.png", content, client_id=client_id).content)
        assert first == again
        for form in (
            {"file": upload("a.png", picture(size=(61, 40)))},
            {"file": upload("a.png", content), "content": "other"},
            {"content": "no file"},
        ):
            form["client_id"] = client_id
            assert refused(browser.post(browser.place, form, **JSON)) == (409, "conflict")
    assert check_ledger() == 4 and Attachment.objects.count() == 2 and len(stored()) == 4


def test_the_same_sent_twice_at_once_is_one_message_and_one_file(visitor, group, monkeypatch):
    content, client_id = picture(), new_id()
    first = sent(visitor, "a.png", content, client_id=client_id)
    known, looks = uploads.earlier, []

    def late(draft, digest):
        """Knows of the other one only once its message is there."""
        looks.append(draft)
        return None if len(looks) == 1 else known(draft, digest)

    monkeypatch.setattr(uploads, "earlier", late)
    assert sent(visitor, "a.png", content, client_id=client_id) == first
    assert len(looks) == 2
    assert Attachment.objects.count() == 1 and len(stored()) == 2 and check_ledger() == 3


def test_a_refused_message_leaves_no_file(agent, bob, group):
    batches.post(draft_of(bob, group, "先说"))
    assert refused(send(agent, seen="2")) == (409, "stale")
    assert stored() == [] and not Attachment.objects.exists()


def test_a_full_disk_is_unavailable_and_nothing_is_half_stored(visitor, group, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    content, client_id = picture(), new_id()
    with monkeypatch.context() as broken:
        broken.setattr("chat.files.storage.os.fsync", full)
        assert refused(send(visitor, body=content, client_id=client_id)) == (503, "unavailable")
    usage = namedtuple("usage", "free")(storage.MIN_FREE_BYTES)
    with monkeypatch.context() as broken:
        broken.setattr(shutil, "disk_usage", lambda place: usage)
        assert refused(send(visitor, body=content, client_id=client_id)) == (503, "unavailable")
    assert stored() == [] and not Attachment.objects.exists() and check_ledger() == 2
    sent(visitor, body=content, client_id=client_id)


def test_a_database_that_is_gone_keeps_the_file_for_the_retry(visitor, group, monkeypatch):
    def broken(items, look_up):
        raise OperationalError("database is locked")

    content, client_id = picture(), new_id()
    with monkeypatch.context() as gone:
        gone.setattr(batches, "commit", broken)
        gone.setattr(batches, "drop_connection", lambda: None)
        assert refused(send(visitor, "a.png", content, client_id=client_id)) == (503, "unavailable")
    assert len(stored()) == 2
    sent(visitor, "a.png", content, client_id=client_id)
    assert len(stored()) == 2 and Attachment.objects.count() == 1


def test_the_sweep_takes_what_no_message_tells_of(visitor, group, monkeypatch):
    kept, lost, fresh, erased = (sent(visitor, f"{n}.png", picture()) for n in range(4))
    rows = {
        row.data["attachment"]["key"]: row
        for row in rows_of(group)
        if row.data and "attachment" in row.data
    }

    def key(file):
        return file["url"].split("/")[2]

    for file in (lost, fresh):
        GroupMessage.objects.filter(id=rows[key(file)].id).update(client_id=new_id())
    GroupMessage.objects.filter(id=rows[key(erased)].id).update(data=None)
    old = timezone.now() - timedelta(hours=2)
    Attachment.objects.exclude(key=key(fresh)).update(created_at=old)
    monkeypatch.setattr(storage, "SWEEP_ROWS", 2)
    place, steps = 0, 0
    while place or not steps:
        place, steps = storage.sweep(place), steps + 1
    assert steps == 3
    assert {file.key for file in Attachment.objects.all()} == {key(kept), key(fresh)}
    assert len(stored()) == 4


def test_the_quota_counts_mebibytes(visitor, agent, group):
    sent(visitor, "a.txt", b"a" * (3 * 1024 * 1024 + 1))
    who = Conversation.objects.get(uuid=group).visitor_id
    assert limits.standing("upload", "visitor", who)[1] == 96
    for _ in range(9):
        sent(visitor, "a.txt", b"a" * MAX_SIZE)
    response = send(visitor, "a.txt", b"a" * MAX_SIZE)
    assert refused(response) == (429, "rate_limited") and int(response["Retry-After"]) > 50
    assert visitor.post(visitor.place, {"content": "text goes on"}, **JSON).status_code == 200
    sent(agent, "a.txt", b"agents have their own")


def test_excerpts_name_what_came(visitor, alice, group):
    sent(visitor)
    assert inbox.page(alice)[0][0]["last"]["attachment"] == "picture"
    sent(visitor, "a.txt", b"abc", content="see")
    last = inbox.page(alice)[0][0]["last"]
    assert (last["attachment"], last["excerpt"], last["data"]) == ("file", "a.txt see", None)


def test_the_page_knows_the_endings_of_what_may_be_sent():
    script = (settings.BASE_DIR / "static/js/composer/tray.js").read_text()
    listed = "".join(re.findall(r'"([^"]*)"', script.split("const ENDINGS =")[1].split(";")[0]))
    assert set(listed.split()) == kinds.ENDINGS


@pytest.mark.parametrize(
    ("size", "words"),
    [
        *((0, "0 B"), (44, "44 B"), (1023, "1023 B"), (1024, "1 KB"), (1280, "1.3 KB")),
        *((1_048_064, "1023.5 KB"), (10_485_760, "10 MB"), (1_500_000, "1.4 MB")),
    ],
)
def test_a_size_is_told_as_the_page_tells_it(size, words):
    """tests/js/uploads.test.mjs has the same."""
    assert size_text(size) == words.replace(" ", "\xa0")
