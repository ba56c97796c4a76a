"""Asks the API, as whoever the token belongs to."""

import asyncio
from urllib.parse import urlsplit

import httpx2

SECONDS = 30
"""How long an answer may take."""
WAITS = (0.5, 2)
"""Seconds until a request is sent again that was not answered. All that the tools ask may be asked
twice: messages have their `client_id`, and what is so already is answered likewise."""
LOCAL = ("localhost", "127.0.0.1", "::1")


class Failed(Exception):
    """Why there is no answer, as a sentence for who asked."""


class Api:
    """The API of the site at `site`, with a token. Raises `Failed` for an address to which no token
    may be sent."""

    def __init__(self, site: str, token: str):
        parts = urlsplit(site)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise Failed(f"{site} is no address of a site, like https://chat.example.com.")
        if parts.scheme == "http" and parts.hostname not in LOCAL:
            raise Failed(f"{site} would carry the token unencrypted: use https.")
        self.site = site.rstrip("/")
        self.client = httpx2.AsyncClient(
            base_url=self.site,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=SECONDS,
        )

    async def ask(self, method: str, path: str, query: dict | None = None, body=None) -> dict:
        """The answer's object. Raises `Failed` with what the API says where it refuses."""
        for wait in (*WAITS, None):
            try:
                answer = await self.client.request(method, path, params=query, json=body)
            except httpx2.TransportError as error:
                failed = Failed(f"{self.site} cannot be reached: {error or type(error).__name__}.")
            else:
                if answer.status_code != 503:
                    return read(answer, self.site)
                failed = Failed(f"{self.site} is not available now. Nothing was stored.")
            if wait is None:
                raise failed
            await asyncio.sleep(wait)


def read(answer: httpx2.Response, site: str) -> dict:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status_code == 200 and isinstance(found, dict):
        return found
    if not isinstance(found, dict) or not {"error", "detail"} <= found.keys():
        raise Failed(f"{site} has no API of Kefu: it answered {answer.status_code}.")
    if answer.status_code == 401:
        raise Failed("The token is not valid: unknown, expired or ended.")
    text = f"{found['error']}: {found['detail']}"
    if answer.status_code == 429:
        text += f" Wait {answer.headers.get('Retry-After')} seconds."
    raise Failed(text)
