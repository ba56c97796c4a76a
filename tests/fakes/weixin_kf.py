"""A WeChat customer service account as far as Kefu needs one.

    with WeixinKf() as kf:
        kf.says("wm-1", "Hello")        # waits to be fetched
        query, body = kf.rings()        # what it POSTs to the channel's address
        ...                             # the channel's api is kf.url
        assert kf.sent == [("wm-1", "text", "Hi")]

What is sent through the API is never fetched. A message of an id that it has is sent once.
"""

from .wechat import AESKEY, OK, SECRET, TOKEN, WeChat, error

CORPID, OPEN_KFID = "ww0123456789abcdef", "wk-fake"
KEYS = {
    "corpid": CORPID,
    "secret": SECRET,
    "token": TOKEN,
    "aeskey": AESKEY,
    "open_kfid": OPEN_KFID,
}
NEW, ASSISTANT, POOL, PERSON, ENDED = range(5)


class WeixinKf(WeChat):
    """`log` is all that was said, `page` how many of it one answer gives at most, `empty` how many
    answers give nothing of it at first though there is more. `states` and `left` are by customer;
    what is sent to those in `fails_later` (fail_type) is taken, and fails later. `bare` is how many
    fetches without a call's token are answered; None for all. `asked` are the last fetch's
    fields."""

    owner = CORPID
    kept = "log", "states", "left", "taken", "welcomed", "codes"

    def __init__(self, port=0, path=None):
        self.log: list[dict] = []
        self.page, self.empty = 1000, 0
        self.states: dict[str, int] = {}
        self.left: dict[str, int] = {}
        self.fails_later: dict[str, int] = {}
        self.taken: set[str] = set()
        self.codes: dict[str, str] = {}
        self.welcomed: list[tuple[str, str]] = []
        self.bare: int | None = None
        self.asked: dict = {}
        self.bell = "bell-1"
        super().__init__(port, path)

    def says(self, who: str, text: str = "", kind: str = "text", **what) -> dict:
        self.left[who] = 5
        if self.states.get(who) in (None, ENDED):
            self.states[who] = NEW
        return self.logged(3, kind, what or {"content": text}, external_userid=who)

    def happens(self, event: str, who: str, **more) -> dict:
        if "welcome_code" in more:
            self.codes[more["welcome_code"]] = who
        fields = {"event_type": event, "open_kfid": OPEN_KFID, "external_userid": who, **more}
        return self.logged(4, "event", fields)

    def logged(self, origin: int, kind: str, what: dict, **more) -> dict:
        found = {"msgid": f"m{self.next()}".ljust(44, "x"), "send_time": int(self.now())}
        found |= {"origin": origin, "msgtype": kind, kind: what, **more}
        if kind != "event":
            found["open_kfid"] = OPEN_KFID
        with self.lock:
            self.log.append(found)
        return found

    def rings(self, account: str = OPEN_KFID):
        """The call after something came."""
        fields = {"ToUserName": CORPID, "CreateTime": "1700000000", "MsgType": "event"}
        more = {"Event": "kf_msg_or_event", "Token": self.bell, "OpenKfId": account}
        return self.told(fields | more)

    def gettoken(self, query, fields):
        if query["corpid"] != CORPID:
            return error(40013, "invalid corpid")
        if query["corpsecret"] != SECRET:
            return error(40001, f"invalid credential {query['corpsecret']}")
        return self.access() | OK

    def kf_sync_msg(self, fields):
        self.asked = fields
        if fields.get("open_kfid") != OPEN_KFID:
            return error(95000, "invalid open_kfid")
        if fields.get("token", self.bell) != self.bell:
            return error(95007, "invalid msg token")
        if "token" not in fields and self.bare is not None:
            if self.bare == 0:
                return error(45009, "api freq out of limit")
            self.bare -= 1
        cursor = fields.get("cursor", "c0")
        start = int(cursor[1:].rstrip("e"))
        size = min(fields.get("limit", 1000), self.page)
        if self.empty:
            self.empty -= 1
            return OK | {"next_cursor": f"{cursor}e", "has_more": 1, "msg_list": []}
        found = self.log[start : start + size]
        more = int(start + size < len(self.log))
        return OK | {"next_cursor": f"c{start + len(found)}", "has_more": more, "msg_list": found}

    def kf_send_msg(self, fields):
        who, msgid = fields["touser"], fields["msgid"]
        if msgid in self.taken:
            return OK | {"msgid": msgid}
        if self.states.get(who, ENDED) not in (NEW, ASSISTANT):
            return error(95018, "send msg session status invalid")
        if self.left.get(who, 0) == 0:
            return error(95001, "send msg count limit")
        self.left[who] -= 1
        self.taken.add(msgid)
        if why := self.fails_later.get(who):
            self.happens("msg_send_fail", who, fail_msgid=msgid, fail_type=why)
            return OK | {"msgid": msgid}
        kind = fields["msgtype"]
        what = fields[kind]
        said = what["content"] if kind == "text" else self.media[what["media_id"]]
        self.sent.append((who, kind, said))
        return OK | {"msgid": msgid}

    def kf_send_msg_on_event(self, fields):
        if len(fields["msgid"]) > 32:
            return error(40058, "msgid exceed max length")
        who = self.codes.pop(fields["code"], "")
        if not who:
            return error(40058, "invalid code")
        self.welcomed.append((who, fields["text"]["content"]))
        return OK | {"msgid": fields["msgid"]}

    def kf_service_state_get(self, fields):
        return OK | {"service_state": self.states.get(fields["external_userid"], ENDED)}

    def kf_service_state_trans(self, fields):
        who = fields["external_userid"]
        if self.states.get(who) not in (NEW, ASSISTANT):
            return error(95016, "state transition not allowed")
        self.states[who] = fields["service_state"]
        return OK

    def kf_customer_batchget(self, fields):
        people = [
            {"external_userid": who, "nickname": f"Customer {who}"}
            for who in fields["external_userid_list"]
        ]
        return OK | {"customer_list": people}
