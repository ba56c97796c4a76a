"""manage.py mcp beside a product that is served, driven by the package's own client."""

import json
import subprocess
import sys
import uuid
from contextlib import asynccontextmanager

import httpx2
import pytest
from django.core.management import CommandError, call_command
from mcp import Client, StdioServerParameters, stdio_client

from kefu import __version__
from kefu.mcp import api as asking
from kefu.mcp import tools
from kefu.mcp.api import Api, Failed
from kefu.mcp.server import serve
from tests.product import Product, Visitor
from tests.serving import ROOT

pytestmark = pytest.mark.once


MAKE = """
import datetime
from django.utils import timezone
from accounts import setup, tokens
from accounts.models import AccessToken, Enterprise

def make(name, *scopes, code="demo", **facts):
    member = tokens.service_account(Enterprise.objects.get(code=code), name)
    scopes = list(scopes or tokens.SCOPES)
    print(name, tokens.issue(AccessToken(member=member, name=name, scopes=scopes, **facts)))

setup.create_enterprise("umbrella", "Umbrella")
make("model")
make("reader", "conversations:read", "messages:read", "visitors:read", "reports:read")
make("clerk", "messages:read")
make("brief")
make("expired", expires_at=timezone.now() - datetime.timedelta(seconds=1))
make("foreign", code="umbrella")
"""
END = """
from accounts import tokens
from accounts.models import AccessToken
tokens.end(AccessToken.objects.get(name="brief"))
"""


@asynccontextmanager
async def client_of(product: Product, token: str):
    command = [str(ROOT / "manage.py"), "mcp", "--url", product.url]
    environment = {"KEFU_TOKEN": token, "DATA_DIR": str(product.folder)}
    server = StdioServerParameters(command=sys.executable, args=command, env=environment)
    async with Client(stdio_client(server)) as client:
        yield client


async def told(client: Client, tool: str, **arguments) -> dict:
    """What a tool answers; its text says the same as its structure."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert json.loads(answer.content[0].text) == answer.structured_content
    return answer.structured_content


async def refused(client: Client, tool: str, **arguments) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error and answer.structured_content is None
    return answer.content[0].text


def ended(product: Product, token: str) -> str:
    """What the command says where it ends at once."""
    process = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "mcp", "--url", product.url],
        env={"DATA_DIR": str(product.folder), "KEFU_TOKEN": token},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 1 and process.stdout == "", process
    return process.stderr


@pytest.fixture(scope="module")
def made(product) -> dict[str, str]:
    """Tokens by name, made by one process."""
    return dict(line.split() for line in product.manage("shell", "-c", MAKE).splitlines()[-6:])


@pytest.fixture
def visitor(product):
    visitor = Visitor(product.port, "service")
    visitor.say("Where is my parcel 4711?")
    return visitor


async def test_every_tool_does_what_it_says(product, made, visitor):
    async with client_of(product, made["model"]) as client:
        assert client.server_info.version == __version__
        listed = (await client.list_tools()).tools
        assert [one.name for one in listed] == [*tools.READING, *tools.WRITING]
        hints = {one.name: one.annotations.read_only_hint for one in listed}
        assert {name for name, reads in hints.items() if reads} == set(tools.READING)
        found = await told(client, "list_conversations", state="open", limit=1)
        group = found["conversations"][0]["group"]
        shown = (await told(client, "get_conversation", group=group))["conversation"]
        assert shown["messages"][-1]["content"] == "Where is my parcel 4711?"
        newest = await told(client, "list_messages", group=group, limit=1)
        assert newest["messages"][0]["seq"] == newest["last_seq"]
        hits = await told(client, "search_messages", q="parcel 4711")
        assert group in [one["group"] for one in hits["conversations"]]
        teams = (await told(client, "list_teams"))["teams"]
        assert "service" in [one["team"] for one in teams]
        members = (await told(client, "list_members"))["members"]
        person = await told(client, "get_visitor", visitor=shown["visitor"]["visitor"])
        assert person["visitor"]["name"] == shown["group_name"]
        assert "totals" in await told(client, "get_report")
        assert "rows" in await told(client, "list_report_rows", metric="receptions")

        sent = {"group": group, "content": "It is on its way.", "client_id": str(uuid.uuid4())}
        first = await told(client, "send_message", **sent)
        assert await told(client, "send_message", **sent) == first
        await told(client, "send_message", group=group, content="Asked the depot.", note=True)
        who = members[0]["member"]
        await told(client, "act_on_conversation", group=group, action="transfer", member=who)
        await told(client, "act_on_conversation", group=group, action="close", reason="solved")
        await told(client, "edit_visitor", visitor=shown["visitor"]["visitor"], name="Wang")
        after = (await told(client, "get_conversation", group=group))["conversation"]
    texts = [(one["kind"], one["content"], one["sender_role"]) for one in after["messages"]]
    assert texts.count(("message", "It is on its way.", "bot")) == 1
    assert texts.count(("note", "Asked the depot.", "bot")) == 1
    assert not after["open"] and after["group_name"] == "Wang"
    assert ("bot", "It is on its way.") in visitor.thread()
    assert "Asked the depot." not in str(visitor.thread())


async def test_what_a_token_may_not_write_is_no_tool(product, made, visitor):
    async with client_of(product, made["reader"]) as client:
        assert [one.name for one in (await client.list_tools()).tools] == [*tools.READING]
        found = await told(client, "list_conversations")
        group = found["conversations"][0]["group"]
        text = await refused(client, "send_message", group=group, content="x")
        assert text == "There is no tool send_message for this token."
    async with client_of(product, made["clerk"]) as client:
        names = [one.name for one in (await client.list_tools()).tools]
        assert names == ["list_messages", "search_messages"]


async def test_another_enterprise_finds_nothing(product, made, visitor):
    async with client_of(product, made["model"]) as client:
        group = (await told(client, "list_conversations"))["conversations"][0]["group"]
    async with client_of(product, made["foreign"]) as client:
        assert (await told(client, "list_conversations"))["conversations"] == []
        assert (await told(client, "search_messages", q="parcel"))["conversations"] == []
        for tool, more in (
            ("get_conversation", {}),
            ("list_messages", {}),
            ("send_message", {"content": "x"}),
            ("act_on_conversation", {"action": "close"}),
        ):
            text = await refused(client, tool, group=group, **more)
            assert text.startswith("not_found: "), text
        assert "not_found" in await refused(client, "get_visitor", visitor=group)


NOBODY = "00000000-0000-4000-8000-000000000000"
WRONG = [
    ("get_conversation", {}, "'group' is a required property"),
    ("get_conversation", {"group": "x"}, "group: 'x' is not a 'uuid'"),
    ("get_conversation", {"group": "../token"}, "group: '../token' is not a 'uuid'"),
    ("get_conversation", {"group": NOBODY}, "not_found: "),
    ("list_conversations", {"limit": 1000}, "limit: 1000 is greater than the maximum of 100"),
    ("list_conversations", {"state": "gone"}, "state: 'gone' is not"),
    ("list_conversations", {"status": "open"}, "'status' was unexpected"),
    ("list_conversations", {"cursor": "x"}, "bad_field: "),
    ("send_message", {"group": NOBODY}, "'content' is a required property"),
    ("send_message", {"group": NOBODY, "content": 1}, "content: 1 is not of type 'string'"),
    ("act_on_conversation", {"group": NOBODY, "action": "erase"}, "action: 'erase' is not one of"),
    ("act_on_conversation", {"group": NOBODY, "action": "close"}, "not_found: "),
    ("get_report", {"from": "soon"}, "from: 'soon' is not a 'date'"),
    ("search_messages", {"q": " "}, "bad_field: "),
    ("no_such_tool", {}, "There is no tool no_such_tool"),
]


async def test_wrong_arguments_get_a_clear_error(product, made):
    async with client_of(product, made["model"]) as client:
        for tool, arguments, wanted in WRONG:
            text = await refused(client, tool, **arguments)
            assert wanted in text, (tool, arguments, text)


INVALID = "The token is not valid: unknown, expired or ended."


async def test_a_token_that_ends_ends_the_reading(product, made):
    async with client_of(product, made["brief"]) as client:
        await told(client, "list_teams")
        product.manage("shell", "-c", END)
        assert await refused(client, "list_teams") == INVALID


async def test_no_good_token_begins_nothing(product, made):
    assert INVALID in ended(product, made["expired"])
    with pytest.raises(Failed, match=INVALID):
        await serve(product.url, "kefu_nothing")


@pytest.mark.parametrize(
    ("token", "wanted"), [("", "Set KEFU_TOKEN"), ("käfu", "KEFU_TOKEN is no access token")]
)
def test_without_a_token_the_command_says_what_to_do(monkeypatch, token, wanted):
    monkeypatch.setenv("KEFU_TOKEN", token)
    with pytest.raises(CommandError, match=wanted):
        call_command("mcp")


def test_without_its_packages_the_command_says_what_is_missing(monkeypatch):
    monkeypatch.setenv("KEFU_TOKEN", "kefu_x")
    for name in ("kefu.mcp.api", "kefu.mcp.server", "kefu.mcp.tools"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(CommandError, match=r"requirements/mcp.txt"):
        call_command("mcp")


def test_the_server_imports_none_of_it():
    code = (
        "import sys, kefu.asgi, django.conf; from django.urls import get_resolver;"
        "get_resolver().url_patterns;"
        "print({'mcp', 'httpx2', 'starlette', 'jsonschema'} & set(sys.modules))"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, cwd=ROOT, capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("site", "wanted"),
    [
        ("chat.example.com", "no address of a site"),
        ("ftp://chat.example.com", "no address of a site"),
        ("https://", "no address of a site"),
        ("http://chat.example.com", "use https"),
    ],
)
def test_a_token_is_sent_to_no_such_address(site, wanted):
    with pytest.raises(Failed, match=wanted):
        Api(site, "kefu_x")


def answering(*answers) -> tuple[Api, list]:
    """An API that gives these answers, or raises them, one after the other; and what it got."""
    left, got = list(answers), []

    def answer(request: httpx2.Request) -> httpx2.Response:
        got.append((request.method, request.url.raw_path, request.content))
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    api = Api("https://chat.example.com/", "kefu_x")
    api.client = httpx2.AsyncClient(
        base_url=api.site, transport=httpx2.MockTransport(answer), headers=api.client.headers
    )
    return api, got


SEND = tools.Operation(
    "send_message",
    "POST",
    "/api/v1/conversations/{group}/messages/",
    "",
    {"group": "path", "content": "body", "client_id": "body"},
    {"type": "object"},
)


async def test_what_was_not_answered_is_sent_again_as_the_same_message(monkeypatch):
    monkeypatch.setattr(asking, "WAITS", (0, 0))
    busy = httpx2.Response(503, json={"error": "unavailable", "detail": "x"})
    for given in ({}, {"client_id": None}):
        api, got = answering(httpx2.ReadError("cut"), busy, httpx2.Response(200, json={"seq": 4}))
        assert await SEND.call(api, {"group": NOBODY, "content": "x", **given}) == {"seq": 4}
        assert len(got) == 3 and got[0] == got[1] == got[2]
        assert uuid.UUID(json.loads(got[0][2])["client_id"])
    api, got = answering(*[httpx2.ConnectError("refused")] * 3)
    with pytest.raises(Failed, match=r"https://chat.example.com cannot be reached: refused"):
        await SEND.call(api, {"group": NOBODY, "content": "x"})


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (httpx2.Response(404, text="<h1>Not found</h1>"), "has no API of Kefu: it answered 404"),
        (httpx2.Response(301, headers={"Location": "https://x/"}), "it answered 301"),
        (httpx2.Response(200, json=[1]), "has no API of Kefu"),
        (
            httpx2.Response(
                429, json={"error": "rate_limited", "detail": "Slow."}, headers={"Retry-After": "7"}
            ),
            "rate_limited: Slow. Wait 7 seconds.",
        ),
    ],
)
async def test_what_is_no_answer_is_told(answer, wanted):
    api, got = answering(answer)
    with pytest.raises(Failed, match=wanted):
        await api.ask("GET", "/api/v1/token/")
    assert len(got) == 1
