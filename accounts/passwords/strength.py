"""Checks of a new password's strength, for forms and commands."""

from django.contrib.auth.password_validation import MinimumLengthValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import ngettext


class MinimumLength(MinimumLengthValidator):
    """Django's check with a message of our own: Django has none in Chinese."""

    def get_error_message(self) -> str:
        text = ngettext(
            "This password is too short: it needs at least %(count)d character.",
            "This password is too short: it needs at least %(count)d characters.",
            self.min_length,
        )
        return text % {"count": self.min_length}


def weaknesses(password: str, member=None) -> list[str]:
    """Returns a sentence for each check that `password` fails. `member`, if given, is its future
    owner, whose names it must not resemble."""
    try:
        validate_password(password, member)
    except ValidationError as error:
        return error.messages
    return []
