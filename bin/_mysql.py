"""The MySQL of bin/test, bin/bench and bin/crash; tests/plugins/mysql8.py tells where it lies."""

import sys

from _bootstrap import ROOT, say

sys.path.append(str(ROOT))
from tests.plugins import mysql8


def fetch_mysql():
    """Fetch MySQL unless it is there; return whether it is, and say why not."""
    if mysql8.is_there():
        return True
    say("fetching MySQL from Debian's unstable suite into a folder of its own …")
    try:
        mysql8.fetch()
    except mysql8.Unavailable as error:
        say(str(error))
        return False
    return True
