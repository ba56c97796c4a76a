"""An OpenID Connect provider on this machine, with real keys and as strict as real ones."""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.listening import Listening

CLIENT, SECRET = "kefu", "a secret of the tests"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Provider(Listening):
    """`person`: the claims of whoever signs in next. `change`: claims of tokens that are to be
    otherwise. `asked` counts the requests by path."""

    def __init__(self, kind: str = "ES256", secret: str = SECRET):
        self.secret = secret
        self.person = {"sub": "1", "email": "wang@example.com", "email_verified": True}
        self.change: dict = {}
        self.codes: dict[str, dict] = {}
        self.asked: dict[str, int] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.kind = kind
        self.rotate()
        handler = type("Handler", (Handler,), {"provider": self})
        self.open_port(handler)
        self.issuer = f"http://127.0.0.1:{self.port}"

    def rotate(self) -> None:
        """Another key from now on; the former is listed no more."""
        self.kid = secrets.token_hex(4)
        is_rsa = self.kind.startswith("RS")
        self.key = (
            rsa.generate_private_key(65537, 2048)
            if is_rsa
            else ec.generate_private_key(ec.SECP256R1())
        )

    def keys(self) -> dict:
        algorithm = jwt.get_algorithm_by_name(self.kind)
        public = json.loads(algorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig"}]}

    def authorize(self, address: str) -> str:
        """What the browser does at the provider: where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, form: dict) -> dict | None:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"]:
            return None
        if (
            form.get("client_secret", "") != self.secret
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return None
        again = {"auth_time": int(time.time())} if asked.get("prompt") == "login" else {}
        return {"id_token": self.token({"nonce": asked["nonce"], **again, **self.person})}

    def token(self, claims: dict, **header) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims = {**usual, **claims, **self.change}
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, self.key, self.kind, {"kid": self.kid, **header})

    def logout_token(self, **claims) -> str:
        return self.token({"events": {LOGOUT: {}}, "jti": secrets.token_hex(4), **claims})

    def describe(self) -> dict:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        return {"issuer": self.issuer} | {
            name: f"{self.issuer}/{place}" for name, place in places.items()
        }


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(self.path))
            self.end_headers()
        elif path == "/keys":
            self.give(path, self.provider.keys())
        else:
            self.give(path, self.provider.describe())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.give(urlsplit(self.path).path, self.provider.exchange(form))

    def give(self, path: str, found: dict | None) -> None:
        asked = self.provider.asked
        asked[path] = asked.get(path, 0) + 1
        usual = (200, json.dumps(found).encode()) if found else (400, b'{"error": "invalid_grant"}')
        status, body = self.provider.answers.get(path, usual)
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", body.decode())
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
