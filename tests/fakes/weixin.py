"""A WeChat official account as far as Kefu needs one.

    with Weixin() as weixin:
        query, body = weixin.says("openid-1", "Hello")   # what it POSTs to the channel's address
        ...                                              # the channel's api is weixin.url
        assert weixin.sent == [("openid-1", "text", "Hi")]

It counts what may be sent: 5 messages in 48 hours after a message, 3 in a minute after an event.
"""

from .wechat import AESKEY, OK, SECRET, TOKEN, WeChat, error

APPID = "wx0123456789abcdef"
KEYS = {"appid": APPID, "secret": SECRET, "token": TOKEN, "aeskey": AESKEY}


class Weixin(WeChat):
    """`sent` are (openid, type, text or content) in order; `rights` are (left, until) by openid;
    those in `gone` follow no more."""

    owner = APPID
    kept = "rights", "gone"

    def __init__(self, port=0, path=None):
        self.rights: dict[str, tuple[int, float]] = {}
        self.gone: set[str] = set()
        super().__init__(port, path)

    def says(self, who: str, text: str = "", *, secure: bool = True, **more):
        """The call for a message of theirs; `more` are its fields where it is no text."""
        self.rights[who] = 5, self.now() + 48 * 3600
        fields = {"MsgType": "text", "Content": text, "MsgId": str(2**62 + self.next()), **more}
        return self.told({**self.head(who), **fields}, secure)

    def does(self, who: str, event: str, key: str = ""):
        """The call for an event."""
        if event.lower() in ("subscribe", "scan", "click"):
            self.rights[who] = max(self.rights.get(who, (0, 0)), (3, self.now() + 60))
        fields = {"MsgType": "event", "Event": event, "EventKey": key}
        return self.told({**self.head(who), **fields})

    def head(self, who: str) -> dict:
        return {"ToUserName": "gh_1", "FromUserName": who, "CreateTime": str(int(self.now()))}

    def stable_token(self, query, fields):
        if fields["appid"] != APPID:
            return error(40013, "invalid appid")
        if fields["secret"] != SECRET:
            return error(40125, f"invalid appsecret {fields['secret']}")
        self.forced += fields["force_refresh"]
        return self.access(fields["force_refresh"])

    def message_custom_send(self, fields):
        who, kind = fields["touser"], fields["msgtype"]
        left, until = self.rights.get(who, (0, 0))
        if who in self.gone:
            return error(43004, "require subscribe")
        if until <= self.now():
            return error(45015, "response out of time limit or subscription is canceled")
        if left == 0:
            return error(45047, "out of response count limit")
        if kind == "text" and len(fields["text"]["content"].encode()) > 2048:
            return error(45002, "content size out of limit")
        self.rights[who] = left - 1, until
        what = fields[kind]
        said = what["content"] if kind == "text" else self.media[what["media_id"]][1]
        self.sent.append((who, kind, said))
        return OK
