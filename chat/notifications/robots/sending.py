"""Sends a notification to a robot."""

from chat.models import Notification, Robot


def send(one: Notification, robot: Robot) -> None:
    """Sends it in the robot's form. Raises Later, Failed."""
    raise NotImplementedError
