"""A member's phone and the pages that ask for it, for the tests of the second step."""

import re
import time
from unittest import mock

import pyotp

from accounts import factors
from accounts.factors import fresh

PAGE, APP, OFF = "/agent/security/", "/agent/security/app/", "/agent/security/off/"
CODES, SESSIONS, CONFIRM = "/agent/security/codes/", "/agent/security/sessions/", "/agent/confirm/"


class Phone:
    """An authenticator app that was set up a while ago, so that the present code is unused."""

    def __init__(self, member):
        self.secret = factors.app.new_secret()
        self.totp = pyotp.TOTP(self.secret)
        # A step that ends in between would make the code too old.
        with mock.patch.object(time, "time", return_value=time.time()):
            assert factors.app.set_up(member, self.secret, self.code(-1))
        self.codes = factors.renew_codes(member)

    def code(self, drift: int = 0) -> str:
        return self.totp.generate_otp(int(time.time()) // 30 + drift)


def read_secret(page) -> str:
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())[1].replace(" ", "")


def grow_old(browser) -> None:
    """Puts the proof of a signed-in browser further back than it counts."""
    session = browser.session
    session[fresh.KEY] = time.time() - fresh.WITHIN - 1
    session.save()
