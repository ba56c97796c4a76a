"""The product over a layer that loses: `tests.faults.lossy:half`, or `:all`, is an application."""

from django.conf import settings

from kefu.asgi import application

LOSS = {"half": 0.5, "all": 1.0}


def __getattr__(name):
    if name not in LOSS:
        raise AttributeError(name)
    layer = settings.CHANNEL_LAYERS["default"]
    layer["BACKEND"] = "crash.layer.LossyLayer"
    layer["CONFIG"]["loss"] = LOSS[name]
    return application
