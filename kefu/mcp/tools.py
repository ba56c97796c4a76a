"""The tools: operations of the API, as its own OpenAPI document describes them, with one object of
arguments instead of path, query and body."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import uuid4

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from mcp.types import Tool, ToolAnnotations

from .api import Api, Failed

READING = (
    *("list_conversations", "get_conversation", "list_messages", "search_messages"),
    *("list_teams", "list_members", "get_visitor", "get_report", "list_report_rows"),
)
WRITING = ("send_message", "act_on_conversation", "edit_visitor")
"""What is left out is for programs (events, webhooks), or must be done by a person: erasing cannot
be undone."""


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    description: str
    places: dict[str, str]
    """Where each argument goes: path, query or body."""
    schema: dict
    """That of the arguments' object."""

    @property
    def tool(self) -> Tool:
        reads = self.name in READING
        hints = ToolAnnotations(
            read_only_hint=reads, destructive_hint=not reads, open_world_hint=False
        )
        return Tool(
            name=self.name,
            description=self.description,
            input_schema=self.schema,
            annotations=hints,
        )

    async def call(self, api: Api, arguments: dict) -> dict:
        """The API's answer. Raises `Failed` for arguments that do not fit, and what `ask` does."""
        self.check(arguments)
        if self.name == "send_message" and arguments.get("client_id") is None:
            arguments = arguments | {"client_id": str(uuid4())}
        given = {"path": {}, "query": {}, "body": {}}
        for name, value in arguments.items():
            if value is not None:
                given[self.places[name]][name] = value
        path = self.path.format_map({k: quote(v, safe="") for k, v in given["path"].items()})
        body = given["body"] if "body" in self.places.values() else None
        return await api.ask(self.method, path, given["query"], body)

    def check(self, arguments: dict) -> None:
        validator = Draft202012Validator(
            self.schema, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        wrong = best_match(validator.iter_errors(arguments))
        if wrong is not None:
            field = "".join(f"{part}: " for part in wrong.absolute_path)
            raise Failed(f"{field}{wrong.message}")


def operations_of(document: dict, scopes: list[str]) -> dict[str, Operation]:
    """The operations that are tools and that these scopes open, by name. Those that read come
    first."""
    found, names = {}, (*READING, *WRITING)
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            if about["operationId"] in names and about["x-scope"] in scopes:
                one = operation(document, path, method, about)
                found[one.name] = one
    return {name: found[name] for name in names if name in found}


def operation(document: dict, path: str, method: str, about: dict) -> Operation:
    fields, places, required = {}, {}, []
    for one in about.get("parameters", []):
        name = one["name"]
        fields[name] = one["schema"]
        places[name] = one["in"]
        required += [name] if one["required"] else []
    body = body_of(document, about)
    fields |= body["properties"]
    places |= dict.fromkeys(body["properties"], "body")
    required += body.get("required", [])
    texts = (f"{about['summary']}.", about.get("description"), body.get("description"))
    return Operation(
        about["operationId"],
        method.upper(),
        path,
        " ".join(" ".join(filter(None, texts)).split()),
        places,
        {
            "type": "object",
            "properties": fields,
            "required": required,
            "additionalProperties": False,
        },
    )


def body_of(document: dict, about: dict) -> dict:
    if "requestBody" not in about:
        return {"properties": {}}
    schema = about["requestBody"]["content"]["application/json"]["schema"]
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
