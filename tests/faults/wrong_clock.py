"""The product on a machine whose clock is ten minutes off: `tests.faults.wrong_clock:ahead` and
`:behind` are applications."""

from datetime import timedelta

from django.utils import timezone

OFF = {"ahead": timedelta(minutes=10), "behind": timedelta(minutes=-10)}
real = timezone.now


def __getattr__(name):
    if name not in OFF:
        raise AttributeError(name)
    timezone.now = lambda: real() + OFF[name]
    from kefu.asgi import application

    return application
