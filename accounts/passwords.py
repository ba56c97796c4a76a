"""What makes a password too weak, for forms and commands alike."""

from django.contrib.auth.password_validation import MinimumLengthValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import ngettext


class MinimumLength(MinimumLengthValidator):
    """Django's check, in words that Django's own Chinese lacks."""

    def get_error_message(self) -> str:
        text = ngettext(
            "This password is too short: it needs at least %(count)d character.",
            "This password is too short: it needs at least %(count)d characters.",
            self.min_length,
        )
        return text % {"count": self.min_length}


def problems(password: str, member=None) -> list[str]:
    """A sentence for each thing that is weak about it; `member` is whose it is to become."""
    try:
        validate_password(password, member)
    except ValidationError as error:
        return error.messages
    return []
