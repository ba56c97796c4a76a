"""Typed clients of Python and of TypeScript, made from the OpenAPI document as users would make
theirs, on a product that is served. What a generator does not understand of the document fails."""

import importlib
import json
import subprocess
import sys
import urllib.request
import uuid

import pytest

from tests.product import Visitor
from tests.serving import ROOT

pytestmark = pytest.mark.once
PACKAGE = "kefu_client_of_the_tests"
NODE = ROOT / ".venv/npm-client/node_modules"


@pytest.fixture(scope="module")
def folder(product, tmp_path_factory):
    """A folder with the document."""
    folder = tmp_path_factory.mktemp("client")
    with urllib.request.urlopen(f"{product.url}/api/v1/openapi.json") as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    return folder


@pytest.fixture(scope="module")
def client(product, folder):
    """The generated client, with a token that may do everything."""
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


@pytest.mark.skipif(not NODE.is_dir(), reason="bin/test --all has npm install what makes it")
def test_a_client_of_typescript_reads_writes_and_is_refused(product, folder):
    def node(program, *words) -> subprocess.CompletedProcess:
        line = ["node", program, *words]
        return subprocess.run(line, cwd=folder, capture_output=True, text=True)

    def compiled(program: str) -> subprocess.CompletedProcess:
        (folder / "program.mts").write_text(program)
        options = ("--strict", "--target", "es2022", "--module", "nodenext")
        return node("node_modules/typescript/bin/tsc", *options, "program.mts")

    (folder / "node_modules").symlink_to(NODE)
    options = ("openapi.json", "--default-non-nullable=false", "-o", "kefu.d.ts")
    made = node("node_modules/openapi-typescript/bin/cli.js", *options)
    assert made.returncode == 0, made.stdout + made.stderr
    program = (ROOT / "tests/kefu/typed_client.mts").read_text()
    for right, wrong in (("limit: 1", 'limit: "1"'), ("content:", "contents:")):
        assert compiled(program.replace(right, wrong)).returncode != 0, wrong
    done = compiled(program)
    assert done.returncode == 0, done.stdout
    visitor = Visitor(product.port, "service")
    visitor.say("Where is my parcel?")
    run = node("program.mjs", product.url, product.token("typed"))
    found = json.loads(run.stdout)
    assert found["messages"][-1] == [found["seq"], "It is on its way."]
    assert found["error"] == "not_found"
    visitor.reads("bot", "It is on its way.")
