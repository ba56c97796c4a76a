"""Where members of an enterprise may sign in besides with a password of their own."""

from django.db.models import Prefetch

from accounts.models import Enterprise, Provider


def only_enterprise() -> Enterprise | None:
    """The open enterprise with its providers (`ways_in`), if there is exactly one. With several, a
    stranger must not learn which use this installation."""
    found = opened()[:2]
    return found[0] if len(found) == 1 else None


def enterprise_of(code: str) -> Enterprise | None:
    """The open enterprise with this code and its providers, if it has any."""
    found = opened().filter(code=code).first()
    return found if found and found.ways_in else None


def opened():
    """Open enterprises, each with the providers that are on as `ways_in`."""
    providers = Provider.objects.filter(is_on=True).order_by("pk")
    return Enterprise.objects.filter(status=Enterprise.Status.OPEN).prefetch_related(
        Prefetch("providers", providers, to_attr="ways_in")
    )
