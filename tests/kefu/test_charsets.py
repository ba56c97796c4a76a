"""A form's charset is not its sender's to choose."""

import pytest

from kefu.charsets import utf8_only


@pytest.mark.parametrize(
    "told, left",
    [
        (b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded"),
        (b"text/plain; charset=utf-8", b"text/plain"),
        (b'text/plain ; Charset = "undefined"; x=y', b"text/plain; x=y"),
        (b"multipart/form-data; charset=idna; boundary=XX", b"multipart/form-data; boundary=XX"),
        (b"multipart/form-data; boundary=XX;charset=\xff", b"multipart/form-data; boundary=XX"),
    ],
)
def test_only_the_charset_is_taken_out(told, left):
    assert utf8_only(told) == left
