"""An uploaded file before anything is known of its content: its size and its digest."""

import hashlib

from django.core.files.base import File

from chat.protocol.errors import Refused

MAX_SIZE = 10 * 1024 * 1024
"""Bytes of one file; kefu/settings.py and deploy/nginx.conf let a little more through."""


def check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise Refused("too_long", "A file has 10 MiB at the most.", limit=MAX_SIZE)
    if size == 0:
        raise Refused("bad_field", "This file is empty.")


def digest_of(upload: File) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
