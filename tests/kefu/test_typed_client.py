"""A typed client, made from the OpenAPI document as users would make theirs, on a product that is
served. What the generator does not understand of the document fails."""

import importlib
import subprocess
import sys
import urllib.request
import uuid

import pytest

from tests.product import Visitor

pytestmark = pytest.mark.once
PACKAGE = "kefu_client_of_the_tests"


@pytest.fixture(scope="module")
def client(product, tmp_path_factory):
    """The generated client, with a token that may do everything."""
    folder = tmp_path_factory.mktemp("client")
    with urllib.request.urlopen(f"{product.url}/api/v1/openapi.json") as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    (folder / "config.yml").write_text("post_hooks: []\n")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *("--path", "openapi.json", "--config", "config.yml"),
            *("--meta", "none", "--output-path", PACKAGE),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield module("client").AuthenticatedClient(base_url=product.url, token=product.token("typed"))
    sys.path.remove(str(folder))


def module(name: str):
    return importlib.import_module(f"{PACKAGE}.{name}")


def test_a_generated_client_reads_writes_and_is_refused(product, client):
    visitor = Visitor(product.port, "service")
    visitor.say("Where is my parcel?")
    page = module("api.conversations.list_conversations").sync(client=client, limit=1)
    (conversation,) = page.conversations
    assert conversation.open_ is True and isinstance(conversation.group, uuid.UUID)
    asked = {"group": conversation.group, "client": client}

    history = module("api.messages.list_messages").sync(**asked)
    question = history.messages[-1]
    assert (question.content, question.sender_role.value) == ("Where is my parcel?", "visitor")
    assert question.seq == history.last_seq and question.created_at.tzinfo is not None

    body = module("models.new_message").NewMessage(
        content="It is on its way.", client_id=uuid.uuid4()
    )
    send = module("api.messages.send_message").sync
    first, again = send(**asked, body=body), send(**asked, body=body)
    assert first == again and first.seq == history.last_seq + 1
    later = module("api.messages.list_messages").sync(**asked, after=history.last_seq)
    assert [one.content for one in later.messages] == ["It is on its way."]
    visitor.reads("bot", "It is on its way.")

    missing = module("api.conversations.get_conversation").sync_detailed(
        group=uuid.uuid4(), client=client
    )
    assert missing.status_code == 404
    assert isinstance(missing.parsed, module("models.error").Error)
    assert missing.parsed.error == "not_found"
    nobody = module("client").AuthenticatedClient(base_url=product.url, token="kefu_nothing")
    denied = module("api.messages.list_messages").sync(group=conversation.group, client=nobody)
    assert denied.error == "forbidden"
