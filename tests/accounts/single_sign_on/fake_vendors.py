"""企业微信, 钉钉 and 飞书 on this machine, after their public descriptions: paths, fields, errors,
and codes that count once."""

import base64
import hashlib
import json
import secrets
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.listening import Listening

CORPORATION, APP, SECRET = "corp1", "app1", "an app's secret"


class Vendor(Listening):
    """`person`: who signs in next, by the vendor's own field names; `corporation`: theirs. `change`
    has other fields for answers, by path. `asked`: the paths that were asked."""

    CODE = "code"

    def __init__(self):
        self.corporation = CORPORATION
        self.codes: dict[str, dict] = {}
        self.change: dict[str, dict] = {}
        self.asked: list[str] = []
        self.tokens: set[str] = set()
        handler = type("Handler", (Handler,), {"vendor": self})
        self.open_port(handler)
        self.place = f"http://127.0.0.1:{self.port}"

    def authorize(self, address: str) -> str:
        """What the browser does at the vendor: where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.check(asked)
        assert asked["state"].isalnum() and len(asked["state"]) <= 128
        code = secrets.token_hex(8)
        self.codes[code] = asked
        answer = urlencode({self.CODE: code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{answer}"

    def token(self) -> str:
        token = secrets.token_hex(8)
        self.tokens.add(token)
        return token


class Wecom(Vendor):
    def __init__(self):
        super().__init__()
        self.person = {"userid": "WangFang", "name": "王芳", "biz_mail": "wang@acme.example"}
        self.person |= {"department": [1, 7], "status": 1, "email": "private@example.com"}

    def check(self, asked: dict) -> None:
        assert asked["login_type"] == "CorpApp"
        assert (asked["appid"], asked["agentid"]) == (CORPORATION, APP)

    def answer(self, path: str, query: dict, body: dict, headers) -> tuple[int, dict]:
        if path == "/cgi-bin/gettoken":
            if query != {"corpid": CORPORATION, "corpsecret": SECRET}:
                return 200, {"errcode": 40001, "errmsg": "invalid credential"}
            return 200, {"errcode": 0, "access_token": self.token(), "expires_in": 7200}
        if query.get("access_token") not in self.tokens:
            return 200, {"errcode": 40014, "errmsg": "invalid access_token"}
        if path == "/cgi-bin/auth/getuserinfo":
            if self.codes.pop(query.get("code", ""), None) is None:
                return 200, {"errcode": 40029, "errmsg": "invalid code"}
            if self.corporation != CORPORATION:
                return 200, {"errcode": 0, "openid": "oStranger"}
            return 200, {"errcode": 0, "userid": self.person["userid"]}
        if path == "/cgi-bin/user/get" and query.get("userid") == self.person["userid"]:
            return 200, {"errcode": 0, "errmsg": "ok", **self.person}
        return 200, {"errcode": 60111, "errmsg": "userid not found"}


class Dingtalk(Vendor):
    CODE = "authCode"

    def __init__(self):
        super().__init__()
        self.person = {"userid": "0123", "name": "王芳", "org_email": "wang@acme.example"}
        self.person |= {"dept_id_list": [1, 7], "active": True, "email": "private@example.com"}
        self.contact_type = 0

    def check(self, asked: dict) -> None:
        assert asked["response_type"] == "code" and asked["prompt"] == "consent"
        assert asked["scope"] == "openid corpid"
        assert (asked["client_id"], asked["corpId"]) == (APP, CORPORATION)

    def answer(self, path: str, query: dict, body: dict, headers) -> tuple[int, dict]:
        if path == "/v1.0/oauth2/userAccessToken":
            known = (body["clientId"], body["clientSecret"]) == (APP, SECRET)
            assert body["grantType"] == "authorization_code"
            if not known or self.codes.pop(body["code"], None) is None:
                return 400, {"code": "invalidParameter.authCode.notFound", "message": "x"}
            granted = {"accessToken": self.token(), "expireIn": 7200}
            return 200, {**granted, "corpId": self.corporation}
        if path == "/v1.0/contact/users/me":
            if headers["x-acs-dingtalk-access-token"] not in self.tokens:
                return 401, {"code": "InvalidAuthentication"}
            return 200, {"nick": "芳芳", "unionId": "union1", "openId": "open1"}
        if path == "/v1.0/oauth2/accessToken":
            if body != {"appKey": APP, "appSecret": SECRET}:
                return 400, {"code": "invalidClientIdOrSecret"}
            return 200, {"accessToken": self.token(), "expireIn": 7200}
        if query.get("access_token") not in self.tokens:
            return 200, {"errcode": 88, "errmsg": "bad token"}
        if path == "/topapi/user/getbyunionid" and body == {"unionid": "union1"}:
            result = {"contact_type": self.contact_type, "userid": self.person["userid"]}
            return 200, {"errcode": 0, "result": result}
        if path == "/topapi/v2/user/get" and body == {"userid": self.person["userid"]}:
            return 200, {"errcode": 0, "result": self.person}
        return 200, {"errcode": 60121, "errmsg": "not found"}


class Feishu(Vendor):
    def __init__(self):
        super().__init__()
        self.person = {"user_id": "7be3", "name": "王芳", "enterprise_email": "wang@acme.example"}
        self.person |= {"department_ids": ["d1", "7"], "email": "private@example.com"}
        self.person["status"] = {"is_frozen": False, "is_resigned": False, "is_activated": True}

    def check(self, asked: dict) -> None:
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == APP

    def answer(self, path: str, query: dict, body: dict, headers) -> tuple[int, dict]:
        path = path.removeprefix("/open-apis/")
        if path == "authen/v2/oauth/token":
            return self.exchange(body)
        if path == "auth/v3/tenant_access_token/internal":
            if body != {"app_id": APP, "app_secret": SECRET}:
                return 200, {"code": 10014, "msg": "app secret invalid"}
            return 200, {"code": 0, "tenant_access_token": self.token(), "expire": 7200}
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 400, {"code": 99991668, "msg": "Invalid access token"}
        if path == "authen/v1/user_info":
            mine = {"name": "王芳", "open_id": "ou_1", "tenant_key": self.corporation}
            return 200, {"code": 0, "msg": "success", "data": mine}
        assert query == {"user_id_type": "open_id", "department_id_type": "department_id"}
        if path == "contact/v3/users/ou_1" and self.corporation == CORPORATION:
            return 200, {"code": 0, "data": {"user": self.person}}
        return 400, {"code": 41050, "msg": "no user authority error"}

    def exchange(self, body: dict) -> tuple[int, dict]:
        asked = self.codes.pop(body["code"], None)
        digest = hashlib.sha256(body["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"]:
            return 400, {"code": 20003, "error": "invalid_grant"}
        if (body["client_id"], body["client_secret"]) != (APP, SECRET):
            return 400, {"code": 20002, "error": "invalid_client"}
        if body["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"code": 20071, "error": "invalid_grant"}
        return 200, {"code": 0, "access_token": self.token(), "token_type": "Bearer"}


class Handler(BaseHTTPRequestHandler):
    vendor: Vendor

    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        self.respond({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/json"
        self.respond(json.loads(body))

    def respond(self, body: dict) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.vendor.asked.append(parts.path)
        status, found = self.vendor.answer(parts.path, query, body, self.headers)
        found = self.vendor.change.get(parts.path, found)
        text = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
