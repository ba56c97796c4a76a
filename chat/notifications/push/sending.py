"""Sends a push to a device."""

from chat.models import Notification, PushDevice


def send(one: Notification, device: PushDevice, ending: bool) -> None:
    """Sends it, or that its cause is gone. Raises Later, Failed."""
    raise NotImplementedError
