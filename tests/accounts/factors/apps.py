"""A member's phone, for the tests of the second step."""

import time

import pyotp

from accounts import factors


class Phone:
    """An authenticator app that was set up a while ago, so that the present code is unused."""

    def __init__(self, member):
        self.secret = factors.app.new_secret()
        self.totp = pyotp.TOTP(self.secret)
        assert factors.app.set_up(member, self.secret, self.code(-1))
        self.codes = factors.renew_codes(member)

    def code(self, drift: int = 0) -> str:
        return self.totp.generate_otp(int(time.time()) // 30 + drift)
