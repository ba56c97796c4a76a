"""What official accounts and customer service have in common."""

import pytest

from chat.channels.wechat import crypto, errors, xml
from chat.channels.wechat.api import name_in
from chat.channels.wechat.xml import Unreadable
from tests.fakes.wechat import AESKEY, TOKEN
from tests.fakes.weixin import APPID

VECTOR = (
    "ddq73ouHnBHttU+JJFyPvpS4em3DF/yFBdyXKwxGswLu2DfzOqdm4joNddAELGPO2ys5qRq7nUAGKhB08cKiCGOVo"
    "/QK3+W+Qy53EAIG/+tIIUZ1VZTO3STAUxPp0epHXn3pMvWYdSO+ZnyT/Jv4FQT8BsogYyUPMMuGppDoHc9vjCcq+8"
    "LYZssSNP3OwMy2obMGL16XqpGoXbMgx9FMomXS8nl+gNJeFFpwBLGROSlJp+QCE1wBSmqnAaybNyLk3D5tGGsqyU0"
    "GHFhxdV3/2Cw+/UTkzXGPQZCwAPi458lWB8rTWHyx5GXeNnLziHcNRur2mXanSUd2oz5Zwr3QaQ=="
)
"""Encrypted, and signed with nonce n1 at 1700000000, by wechatpy 1.8.18."""


def test_what_another_program_has_encrypted_is_read():
    crypto.check("abebe37fd57ab3c833aebe2ed0223d758fb4bff3", TOKEN, "1700000000", "n1", VECTOR)
    found = xml.fields(crypto.decrypt(AESKEY, VECTOR, APPID))
    assert (found["FromUserName"], found["Content"]) == ("o-1", "你好")
    assert found["MsgId"] == "7300000000000000001"


@pytest.mark.parametrize(
    "encrypted", ["", "%%%", VECTOR[:-4], VECTOR[:64], VECTOR[:-24] + VECTOR[:24], "AAAA" * 8]
)
def test_what_was_changed_is_refused(encrypted):
    with pytest.raises(crypto.Forged):
        crypto.decrypt(AESKEY, encrypted, APPID)


def test_what_is_for_another_account_is_refused():
    with pytest.raises(crypto.Forged):
        crypto.decrypt(AESKEY, VECTOR, "wx-another")
    with pytest.raises(crypto.Forged):
        crypto.check("ABEBE", TOKEN, "1700000000", "n1", VECTOR)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>',
        b'<!DOCTYPE x SYSTEM "http://example.com/x.dtd"><xml/>',
        b"<xml><A>&a;</A></xml>",
        b"<xml><A>",
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
        b'<?xml version="1.0" encoding="gbk"?><xml/>',
        b"",
        b"<xml>" + b"a" * xml.MOST + b"</xml>",
    ],
)
def test_xml_that_is_not_theirs_is_refused(body):
    with pytest.raises(Unreadable):
        xml.fields(body)


def test_only_what_stands_directly_in_it_is_read():
    body = b"<xml><A>1</A><B><A>2</A></B>tail<A2><![CDATA[<&]]></A2></xml>"
    assert xml.fields(body) == {"A": "1", "B": "", "A2": "<&"}


@pytest.mark.parametrize(
    ("number", "means"),
    [
        *((number, {"final", "closes"}) for number in (45015, 45047, 95001, 95002, 95013)),
        *((number, {"final"}) for number in (40003, 40007, 41006, 43004, 44002, 45002, 87014)),
        *((number, {"pause"}) for number in (45009, 45011)),
        *((number, {"breaks"}) for number in (40001, 40013, 40014, 40125, 40164, 42001, 60020)),
        (48001, {"final", "breaks"}),
        (-1, set()),
        (123456, set()),
    ],
)
def test_each_number_has_its_meaning(number, means):
    found = errors.failed(number, "said")
    names = "final", "pause", "closes", "breaks"
    assert {name for name in names if getattr(found, name)} == means
    assert found.code == str(number) and "said" in found.words


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../订单.xlsx"', "订单.xlsx"),
        ("attachment; filename*=UTF-8''%E8%AE%A2.txt", "订.txt"),
        ("attachment; filename*=no-such''%E8.txt", None),
        ("", ""),
    ],
)
def test_a_name_is_read_from_the_header(header, name):
    found = name_in(header)
    assert found == name or name is None
