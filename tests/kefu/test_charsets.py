"""A form's charset is not its sender's to choose."""

import pytest
from django.utils.http import parse_header_parameters

from kefu.charsets import utf8_only


@pytest.mark.parametrize(
    "told, left",
    [
        (b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded"),
        (b"text/plain; charset=utf-8", b"text/plain"),
        (b'text/plain ; Charset = "undefined"; x=y', b"text/plain"),
        (b"multipart/form-data; charset=idna; boundary=XX", b"multipart/form-data; boundary=XX"),
        (b"multipart/form-data; boundary=XX;charset=\xff", b"multipart/form-data; boundary=XX"),
        (b'multipart/form-data;Boundary = "a b"', b'multipart/form-data; boundary="a b"'),
        (b"text/plain; x*=u''y", b"text/plain"),
        (b"text/plain; x*0=1; x*=2", b"text/plain"),
        (b"text/plain; x*=idna''%ff", b"text/plain"),
        (b"multipart/form-data; boundary*=u''y; boundary*0=a", b"multipart/form-data"),
        (
            b"multipart/form-data; boundary=XX; charset*=utf-8''undefined",
            b"multipart/form-data; boundary=XX",
        ),
    ],
)
def test_only_the_type_and_the_boundary_are_kept(told, left):
    assert utf8_only(told) == left
    parse_header_parameters(left.decode())
