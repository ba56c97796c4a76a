"""What the browser's tests are served by: the product's own settings, but that a password is
hashed in no time, and that one address may bring many visitors. As it is kept for people it takes
a fifth of a second each time."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from chat.rates import RATES, Rate
from kefu.settings import *  # noqa: F403


class Argon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1


PASSWORD_HASHERS = ["tests.browser.settings.Argon2"]

# The provider of tests/browser/test_single_sign_on.py has no certificate.
OIDC_PLAIN_HTTP = True

# All visitors of all tests come from one address, some of them at once.
RATES["newcomer"]["address"] = Rate(600, 10)
