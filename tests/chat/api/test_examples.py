"""The examples of the document: each fits its schema, and has the fields that a real answer has."""

import pytest
from jsonschema import Draft202012Validator

from chat.models import GroupMessage, Webhook
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.stream import sequencer
from chat.webhooks import deliveries
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.assistant import answered
from tests.chat.helpers import act_of, draft_of, new_id
from tests.chat.sample_files import upload

pytestmark = [pytest.mark.once, pytest.mark.django_db]
FREE = {"data", "notice", "hit", "attributes"}
"""Objects whose fields depend on what happened."""
NEW = {"slug": "tea", "lang": "en", "title": "Tea", "body": "Boil."}


def answers() -> dict[tuple[str, str], dict]:
    """The schema of each answer, by operation and status."""
    return {
        (about["operationId"], status): answer["content"]["application/json"]["schema"]
        for methods in DOCUMENT["paths"].values()
        for about in methods.values()
        for status, answer in about["responses"].items()
        if status != "204"
    }


def examples_of(schema: dict) -> list[dict]:
    return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]].get("examples", [])


def example(operation: str) -> dict:
    return examples_of(answers()[operation, "200"])[0]


def test_every_answer_has_examples_that_fit_its_schema():
    found = answers()
    assert len({status for _operation, status in found}) == 12
    for key, schema in found.items():
        shown = examples_of(schema)
        assert shown, key
        for one in shown:
            assert faults(one, schema) == [], key


def test_every_example_of_a_request_fits_its_schema():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for one in schema.get("examples", []):
            assert faults(one, schema) == [], name
        for field in schema.get("properties", {}).values():
            for value in field.get("examples", []):
                assert Draft202012Validator(field).is_valid(value), (name, field)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("NewMessage", {"content": "x" * 10_001}),
        *(("NewMessage", {"content": "x", "buttons": given}) for given in ([], ["x" * 41])),
        ("NewConversation", {"visitor": new_id(), "content": "x" * 10_001}),
        *(("Action", {"action": "snooze", "minutes": minutes}) for minutes in (0, 527_041)),
        ("Action", {"action": "close", "reason": "x" * 61}),
        ("NewVisitor", {"identity": "x" * 101}),
        ("VisitorChange", {"name": "x" * 126}),
        ("NewArticle", NEW | {"title": "x" * 201}),
        ("NewWebhook", {"url": "https://" + "x" * 500}),
    ],
)
def test_the_document_bounds_what_is_asked(name, body):
    (wrong,) = faults(body, DOCUMENT["components"]["schemas"][name])
    assert wrong.path


def test_the_document_has_a_report_that_is_too_long_and_a_test():
    assert ("get_report", "413") in answers()
    assert "webhook.test" in DOCUMENT["webhooks"]


def test_objects_in_answers_have_shapes(program, served):
    schemas = DOCUMENT["components"]["schemas"]
    for name, field in (
        *(("Conversation", field) for field in ("visitor", "members", "rating")),
        *(("Listed", "conversations"), ("Found", "hit"), ("Delivery", "attempts")),
    ):
        assert "$ref" in str(schemas[name]["properties"][field]), (name, field)
    one = program.get(f"conversations/{served}/").json()["conversation"]
    assert faults(one["visitor"], schemas["VisitorFacts"]) == []


def same_fields(shown, real, place: str) -> None:
    """Fails where an object of the example and the real one have not the same fields."""
    if isinstance(shown, dict) and isinstance(real, dict):
        assert shown.keys() == real.keys(), place
        for name in shown.keys() - FREE:
            same_fields(shown[name], real[name], f"{place}.{name}")
    elif isinstance(shown, list) and isinstance(real, list) and shown and real:
        same_fields(shown[0], real[0], f"{place}[0]")


@pytest.fixture
def served(group, guest, alice) -> str:
    """A conversation with an answer, what happens otherwise, and a reception that has ended."""
    batches.post(draft_of(alice, group, "an answer"))
    recalled = batches.post(draft_of(alice, group, "a mistake"))["seq"]
    answer = batches.post(draft_of(alice, group, "and", reply_to=2))["seq"]
    batches.run([Edit(alice.uuid, group, answer, "**and**")])
    batches.do(act_of("snooze", alice.uuid, group, minutes=5))
    batches.run([Recall(alice.uuid, group, recalled)])
    batches.do(act_of("close", alice.uuid, group, reason="solved", summary="done"))
    batches.post(guest.draft("again"))
    said = GroupMessage.objects.in_group(group).filter(seq=answer)
    said.update(data=said.get().data | answered.DATA)
    sequencer.look()
    return group


def test_real_answers_have_the_fields_of_the_examples(program, served, guest):
    place = f"conversations/{served}/"
    made = program.post("webhooks/", {"url": "https://crm.example.com/hook"}).json()
    same_fields(examples_of(answers()["create_webhook", "200"])[1], made, "create_webhook")
    deliveries.send_test(Webhook.objects.get())
    message = {"content": "x", "client_id": new_id()}
    assert program.post("articles/", NEW).status_code == 201
    for operation, answer in {
        "list_conversations": program.get("conversations/"),
        "get_conversation": program.get(place),
        "list_messages": program.get(f"{place}messages/"),
        "send_message": program.post(f"{place}messages/", message),
        "send_file": program.send_file(f"{place}files/", upload("a.txt", b"plain")),
        "begin_conversation": program.post("conversations/", {**message, "visitor": guest.uuid}),
        "act_on_conversation": program.post(f"{place}actions/", {"action": "tag", "tag": "x"}),
        "search_messages": program.get("search/", q="again"),
        "list_teams": program.get("teams/"),
        "list_members": program.get("members/"),
        "get_token": program.get("token/"),
        "create_article": program.post("articles/", NEW),
        "list_articles": program.get("articles/"),
        "get_article": program.get("articles/tea/"),
        "change_article": program.patch("articles/tea/", {"body": "Boil water."}),
        "list_visitors": program.get("visitors/"),
        "get_visitor": program.get(f"visitors/{guest.uuid}/"),
        "edit_visitor": program.patch(f"visitors/{guest.uuid}/", {"name": "Wang"}),
        "get_report": program.get("reports/"),
        "list_report_rows": program.get("reports/rows/", metric="receptions"),
        "list_events": program.get("events/"),
        "list_webhooks": program.get("webhooks/"),
        "get_webhook": program.get(f"webhooks/{made['id']}/"),
        "list_deliveries": program.get(f"webhooks/{made['id']}/deliveries/"),
    }.items():
        assert answer.status_code == 200, (operation, answer.content)
        same_fields(example(operation), answer.json(), operation)
        assert faults(answer.json(), answers()[operation, "200"]) == [], operation


def test_what_webhooks_get_is_as_the_document_says(program, served):
    events = program.get("events/").json()["events"]
    assert len({event["type"] for event in events}) > 5
    for event in events:
        schema = DOCUMENT["webhooks"][event["type"]]["post"]["requestBody"]["content"]
        body = {"type": event["type"], "timestamp": event["at"], "data": event["data"]}
        assert faults(body, schema["application/json"]["schema"]) == [], event["type"]


def test_citations_have_the_fields_of_the_document(program, served):
    messages = program.get(f"conversations/{served}/messages/").json()["messages"]
    (found,) = [one["data"] for one in messages if (one["data"] or {}).get("generated")]
    assert found == {"generated": True, "citations": answered.CITATIONS}
    shape = DOCUMENT["components"]["schemas"]["Citation"]
    assert found["citations"][0].keys() == shape["properties"].keys()


def test_a_real_refusal_has_the_fields_of_the_example(program, served):
    shown = examples_of(answers()["get_conversation", "404"])
    missing = program.get(f"conversations/{new_id()}/").json()
    assert missing == shown[0]
    wrong = program.post(f"conversations/{served}/messages/", {"content": 1}).json()
    assert wrong.keys() == shown[1].keys()
    assert (wrong["error"], wrong["field"]) == (shown[1]["error"], shown[1]["field"])
