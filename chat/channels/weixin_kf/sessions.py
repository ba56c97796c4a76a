"""Sends within the session that somebody has with a customer service account.

In the states new (0) and assistant (1) the account is answered from here, and Kefu keeps it there.
Out of the others, in which people in WeCom answer or nobody does, no request leads back
(service_state/trans): only the customer's next message after the end.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from chat.channels.contract import Failed
from chat.channels.wechat.api import Api
from chat.models import Channel

NEW, ASSISTANT, POOL, PERSON, ENDED = range(5)
WRONG_STATE = "95018"
REPEATED = re.compile(r"msgid.*(exist|repeat|duplicat)", re.I)
"""How they say that they have a message of this id."""


def send(api: Api, channel: Channel, who: str, fields: dict[str, Any]) -> str:
    """Sends a message; returns its id. One that they have already, by its id, is sent. Raises
    Failed, with `closes` where the session is in no state in which it can be."""
    fields = {**fields, "open_kfid": channel.settings["open_kfid"]}
    try:
        return sent(api, channel, fields)
    except Failed as failed:
        if failed.code != WRONG_STATE:
            raise
        keep_here(api, channel, who, failed)
    return sent(api, channel, fields)


def sent(api: Api, channel: Channel, fields: dict[str, Any]) -> str:
    try:
        answer = api.call(channel, "/cgi-bin/kf/send_msg", fields)
    except Failed as failed:
        if not REPEATED.search(failed.words):
            raise
        answer = {}
    found = answer.get("msgid")
    return found if isinstance(found, str) else str(fields["msgid"])


def keep_here(api: Api, channel: Channel, who: str, failed: Failed) -> None:
    """Has the session answered from here. Raises Failed where that cannot be."""
    whom = {"open_kfid": channel.settings["open_kfid"], "external_userid": who}
    state = api.call(channel, "/cgi-bin/kf/service_state/get", whom).get("service_state")
    if state == NEW:
        fields = {**whom, "service_state": ASSISTANT}
        api.call(channel, "/cgi-bin/kf/service_state/trans", fields)
    elif state in (POOL, PERSON):
        words = _("Somebody answers them in WeCom. It can go on here once that session is over.")
        raise Failed(failed.code, words, final=True, closes=True)
    elif state != ASSISTANT:
        words = _("The session is over. They can be answered once they have written again.")
        raise Failed(failed.code, words, final=True, closes=True)
