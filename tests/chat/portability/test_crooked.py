"""A file whose rows point at another enterprise's, or say what no form takes, is refused whole."""

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Enterprise, Member, Provider, Team
from chat.bulk import portability
from chat.bulk.portability import checks
from chat.bulk.portability.form import Unusable
from chat.bulk.portability.tables import OF_MODEL, TABLES
from chat.models import Attachment, Conversation, CountedMessages, CountedReception, Visitor
from chat.stream import sequencer
from tests.chat.helpers import JSON

from .packing import nothing_is_there, pack, redigested, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(other_enterprise, other_group, outsider, other_guest) -> Enterprise:
    """Another enterprise, with a file."""
    upload = SimpleUploadedFile("b.txt", b"theirs", "text/plain")
    place = f"/chat/{other_enterprise.code}/messages/"
    other_guest.browser().post(place, {"content": "", "file": upload}, **JSON)
    sequencer.look()
    return other_enterprise


def first(model, enterprise: Enterprise, key: str) -> object:
    rows = model._base_manager.filter(OF_MODEL[model].rows(enterprise))
    return rows.values_list(key, flat=True).first()


def test_every_column_that_refers_to_something_is_checked(busy, other):
    group, found = first(Conversation, other, "uuid"), []
    for table in TABLES:
        columns = {
            column: 10**6 if (value := first(model, other, key)) is None else value
            for column, (model, key) in checks.strict_columns(table).items()
        }
        columns |= dict.fromkeys(checks.loose_columns(table), group)
        for column, value in columns.items():
            row = table.model(**{column: value})
            with pytest.raises(Unusable, match=f"Line 7 of .* has a {column} that is not"):
                checks.check(table, [(7, row)], busy)
            found.append((table.model.__name__, column))
    assert {("ChatGroup", "uuid"), ("Conversation", "visitor_id"), ("StreamEvent", "row_id")} <= {
        *found
    }
    assert len(found) > 70


def altered(path, table: str, **values):
    """A copy in which the first row of a table has other values."""

    def change(rows: bytes) -> bytes:
        row, *rest = rows.splitlines(keepends=True)
        return orjson.dumps(orjson.loads(row) | values) + b"\n" + b"".join(rest)

    return redigested(path, table, change)


def test_a_file_with_a_crooked_row_is_refused_and_names_it(busy, other, tmp_path):
    sequencer.look()
    path = pack(busy, tmp_path)
    theirs = first(Member, other, "uuid")
    key, group = first(Attachment, other, "key"), first(Conversation, other, "uuid")
    crooked = {"title": "x", "body": {}, "category": "", "audience": "public"}
    remove(busy)
    for table, values, match in (
        ("group_message", {"data": {"mentions": [theirs]}}, "has a data that is not"),
        ("group_message", {"data": {theirs.upper(): 1}}, "has a data that is not"),
        ("group_message", {"data": {"attachment": {"key": key}}}, "has a data that is not"),
        ("group_message", {"data": {"attachment": {}, "mail": [1]}}, "has a data that cannot be"),
        ("group_message", {"data": {"attachment": {"name": "x"}}}, "has a data that cannot be"),
        ("visitor", {"attributes": ["x"]}, "has a attributes that cannot be"),
        ("group_message", {"group_id": group}, "has a group_id that is not"),
        ("chat_group", {"uuid": group}, "has a uuid that is not"),
        ("stream_event", {"row_id": 10**6}, "has a row_id that is not"),
        ("stream_event", {"id": 10**15}, "has a id that is not"),
        ("conversation", {"counting": {"team": first(Team, other, "pk")}}, "counting that is not"),
        ("conversation", {"visitor_id": first(Visitor, other, "uuid")}, "has a visitor_id that"),
        ("team", {"overflow_id": 10**6}, "has a overflow_id that is not"),
        ("enterprise", {"zone": "Bad/Zone"}, "Line 1 of .*enterprise.jsonl has a zone that cannot"),
        ("team", {"hours": {"zone": "UTC", "week": [[9]]}}, "has a hours that cannot be"),
        ("team", {"routing": "nobody"}, "has a routing that cannot be"),
        ("member", {"languages": [{}]}, "has a languages that cannot be"),
        ("article", {"slug": "../x"}, "has a slug that cannot be"),
        ("article", {"lang": "/../../x"}, "has a lang that cannot be"),
        ("article", {"draft": {"title": "x"}}, "has a draft that cannot be"),
        ("article", {"draft": crooked}, "has a draft that cannot be"),
        ("article_picture", {"key": key}, "has a key that is not"),
        ("article_use", {"reader": first(Visitor, other, "uuid")}, "has a reader that is not"),
    ):
        nothing_is_there(altered(path, table, **values), match)


def test_a_row_may_tell_of_somebody_who_is_gone(busy, tmp_path):
    path = altered(
        pack(busy, tmp_path), "group_message", sender="0" * 8 + "-0000-4000-8000-" + "0" * 12
    )
    remove(busy)
    portability.load(path)


def test_what_was_counted_of_a_team_that_is_gone_is_no_teams(busy, tmp_path):
    CountedReception.objects.update(team=10**6)
    path = pack(busy, tmp_path)
    remove(busy)
    portability.load(path)
    assert CountedReception.objects.get().team_id is None
    assert CountedMessages.objects.filter(team__isnull=False).exists()


def test_sign_in_providers_come_switched_off(busy, tmp_path):
    """By a sign-in, the server would connect to wherever the file says."""
    Provider.objects.create(enterprise=busy, name="x", kind="ldap", issuer="ldap://10.0.0.1")
    path = pack(busy, tmp_path)
    remove(busy)
    portability.load(path)
    assert not Provider.objects.get().is_on
