"""Signing in with an account of the directory."""

from .slapd import WANG_PASSWORD

LOGIN = "/agent/login/"


def sign_in(client, account="wang", password=WANG_PASSWORD, door=LOGIN, **more):
    return client.post(door, {"username": account, "password": password, **more})


def told(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.context["form"].non_field_errors())
