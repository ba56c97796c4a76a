"""Requests to WeChat's two services, whose answers, errors and files are alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import Message
from functools import partial
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from chat.channels import http, sealed
from chat.channels.contract import KEY, NONSENSE, Failed, File, Outgoing
from chat.files import kinds, pictures
from chat.models import Channel
from chat.protocol.errors import Refused

from . import crypto, errors

T = TypeVar("T")
FOR_FILES = 60.0
"""Seconds for a request with a file."""
MIB = 1024 * 1024


@dataclass(slots=True, frozen=True)
class Api:
    """One of the services. `new_token` fetches an access token and for how many seconds it holds,
    by `ask`; `takes` says by their names of kinds of files which MIME types they have ("" for all)
    and how many bytes, in the order in which they are tried."""

    host: str
    new_token: "Callable[[Api, Channel, str], tuple[str, float]]"
    """Of a channel, and the token that was refused, or ""."""
    takes: dict[str, tuple[tuple[str, ...], int]]

    def ask(
        self,
        channel: Channel,
        path: str,
        fields: dict[str, Any] | None = None,
        *,
        timeout: float = http.TIMEOUT,
        token: str = "",
        secret: str = "",
        **query: str,
    ) -> dict[str, Any]:
        """What they answer to a POST of these fields, or to a GET without. Raises Failed, in whose
        words neither the access token nor `secret` stands."""
        url = self.url(channel, path, token, query)
        hidden = token or secret
        status, answer = http.json_of(url, fields, timeout=timeout, secret=hidden)
        return errors.checked(status, answer, hidden)

    def call(
        self, channel: Channel, path: str, fields: dict[str, Any], timeout: float = http.TIMEOUT
    ) -> dict[str, Any]:
        """`ask` with the channel's access token."""
        found = partial(self.ask, channel, path, fields, timeout=timeout)
        return self.with_token(channel, lambda token: found(token=token))

    def with_token(self, channel: Channel, act: Callable[[str], T]) -> T:
        """What `act` makes of the access token; once more with a new one where it is refused."""
        token = sealed.token_of(channel, partial(self.new_token, self, channel, ""))
        try:
            return act(token)
        except Failed as failed:
            if failed.code not in errors.TOKENS:
                raise
        fetch = partial(self.new_token, self, channel, token)
        return act(sealed.token_of(channel, fetch, refused=token))

    def url(self, channel: Channel, path: str, token: str, query: dict[str, str]) -> str:
        found = {"access_token": token, **query} if token else query
        return f"{http.base_of(channel, self.host)}{path}?{urlencode(found)}"

    def said(self, channel: Channel, piece: Outgoing) -> dict[str, Any]:
        """The fields of a message that say what it is: a text, or a file, which is uploaded."""
        if not piece.content:
            return {"msgtype": "text", "text": {"content": piece.text}}
        kind, media = self.upload(channel, without_webp(channel, piece))
        return {"msgtype": kind, kind: {"media_id": media}}

    def upload(self, channel: Channel, piece: Outgoing) -> tuple[str, str]:
        """Their kind of a file, and their id of it. Raises Failed, for good where they take no such
        file."""
        kind = self.kind_of(piece)
        file = piece.name, piece.mime, piece.content
        header, body = http.form({}, "media", file)

        def act(token: str) -> dict[str, Any]:
            url = self.url(channel, "/cgi-bin/media/upload", token, {"type": kind})
            headers = {"Content-Type": header}
            found = http.received(url, method="POST", headers=headers, body=body, timeout=FOR_FILES)
            answer = http.object_in(found.status, found.body, token)
            return errors.checked(found.status, answer, token)

        media = self.with_token(channel, act).get("media_id")
        if not isinstance(media, str):
            raise Failed(NONSENSE, "the answer names no file")
        return kind, media

    def kind_of(self, piece: Outgoing) -> str:
        size = len(piece.content)
        for kind, (types, most) in self.takes.items():
            if (not types or piece.mime in types) and size <= most:
                return kind
        raise Failed("file_kind", _("WeChat takes no file of this kind and size here."), final=True)

    def download(self, channel: Channel, file: File, most: int) -> tuple[bytes, str]:
        """A file of theirs and its name. Raises Failed."""
        found = self.with_token(channel, partial(self.file, channel, file.ref, most))
        said = found.header("content-disposition")
        return found.body, file.name or name_in(said) or "file"

    def file(self, channel: Channel, ref: str, most: int, token: str) -> http.Received:
        url = self.url(channel, "/cgi-bin/media/get", token, {"media_id": ref})
        found = http.received(url, most=most, timeout=FOR_FILES)
        if found.status == 200 and found.header("content-disposition"):
            return found
        answer = http.object_or_none(found.body)
        if found.status != 200 or (answer and answer.get("errcode")):
            errors.checked(found.status, answer or {}, token)
        film = answer.get("video_url") if answer else None
        if not isinstance(film, str):
            return found
        if "api" not in channel.settings:  # They name it without TLS.
            film = film.replace("http://", "https://", 1)
        return http.received(film, most=most, timeout=FOR_FILES)


def without_webp(channel: Channel, piece: Outgoing) -> Outgoing:
    """The piece with a picture that they take: uploads make WebP of each animation. Raises Failed
    while the server cannot draw it."""
    if piece.mime != kinds.WEBP.mime:
        return piece
    try:
        drawn = pictures.redraw(BytesIO(piece.content), {"channel": channel.key}, old=True)
    except Refused as refused:
        if refused.code == "bad_kind":
            return piece
        raise Failed(refused.code, refused.detail) from refused
    name = kinds.safe_name(piece.name, drawn.kind)
    return replace(piece, name=name, mime=drawn.kind.mime, content=drawn.content)


def name_in(disposition: str) -> str:
    """The file name of a header Content-Disposition."""
    header = Message()
    header["Content-Disposition"] = disposition
    try:
        return header.get_filename("").rpartition("/")[2]
    except (LookupError, ValueError):
        return ""


def check_aeskey(aeskey: str) -> None:
    """Raises Failed (KEY) where it is none."""
    try:
        crypto.key_of(aeskey)
    except ValueError as error:
        words = _("aeskey: the EncodingAESKey has 43 letters and digits.")
        raise Failed(KEY, words) from error


def token_in(answer: dict[str, Any]) -> tuple[str, float]:
    """The access token that an answer gives, and the seconds that it holds. Raises Failed."""
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or type(seconds) is not int:
        raise Failed(NONSENSE, "the answer gives no access token")
    return token, seconds
