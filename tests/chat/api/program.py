"""A program with a token, as its HTTP library sees the API."""

import json
from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts import tokens
from accounts.models import AccessToken, Enterprise, Team

ROOT = "/api/v1/"


class Program:
    """Answers are Django's; `body` is JSON unless it is bytes."""

    def __init__(self, token: AccessToken, text: str):
        self.token, self.text = token, text
        self.member = token.member

    def call(self, method: str, path: str, body=None, **headers):
        headers.setdefault("Authorization", f"Bearer {self.text}")
        kind = headers.pop("content_type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        given = {name: value for name, value in headers.items() if value is not None}
        address = path if path.startswith("/") else ROOT + path
        return Client(raise_request_exception=False).generic(
            method, address, data, content_type=kind, headers=given
        )

    def get(self, path: str, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        return self.call("GET", f"{path}?{text}" if text else path)

    def pages(self, path: str, **query) -> Iterator[dict]:
        """Each page of a list, as its cursor leads on."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **query).json()
            yield page
            if (cursor := page["cursor"]) is None:
                return

    def post(self, path: str, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def send_file(self, path: str, upload: UploadedFile, fields=None, **headers):
        """As a form; `fields` are the others."""
        body = encode_multipart(BOUNDARY, {"file": upload, **(fields or {})})
        return self.call("POST", path, body, content_type=MULTIPART_CONTENT, **headers)

    def patch(self, path: str, body=None, **headers):
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str):
        return self.call("DELETE", path)


def program_of(enterprise: Enterprise, *scopes: str, name="crm", **facts) -> Program:
    """A service account's program; without scopes its token has all."""
    member = tokens.service_account(enterprise, name)
    return issued(
        AccessToken(member=member, name=name, scopes=list(scopes or tokens.SCOPES), **facts)
    )


def bot_of(team: Team, *scopes: str, name="helper") -> Program:
    member = tokens.bot(team, name)
    return issued(AccessToken(member=member, name=name, scopes=list(scopes or tokens.SCOPES)))


def issued(token: AccessToken) -> Program:
    return Program(token, tokens.issue(token))


def refusal(answer) -> tuple[int, str]:
    """The status and the code, in the one shape of errors."""
    content = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert isinstance(content["error"], str) and isinstance(content["detail"], str), content
    return answer.status_code, content["error"]
