"""Who does something, and from where."""

import getpass
import sys
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Origin:
    """`actor` is a member's or visitor's uuid, `name` an account; `source` is the name of a route
    or a command, `address` an IP address. Each may be ""."""

    actor: str = ""
    name: str = ""
    source: str = ""
    address: str = ""


def of_request(request: HttpRequest) -> Origin:
    """The signed-in member who sent the request."""
    member = getattr(request, "user", None)
    known = member is not None and member.is_authenticated
    match = request.resolver_match
    return Origin(
        actor=member.uuid if known else "",
        name=member.name if known else "",
        source=match.view_name if match else "",
        address=request.META.get("REMOTE_ADDR", ""),
    )


def of_person(uuid: str, name: str = "", source: str = "") -> Origin:
    """A member with their account `name`, or a visitor, of whom neither name nor address is
    kept."""
    return Origin(actor=uuid, name=name, source=source)


def of_command(name: str) -> Origin:
    """Whoever runs this command of manage.py, by the account of the operating system."""
    return Origin(name=system_user(), source=f"manage.py {name}")


def of_process() -> Origin:
    """What this process is, for changes that nobody declared: such as `manage.py shell`."""
    program = Path(sys.argv[0]).name
    return of_command(" ".join(sys.argv[1:2])) if program == "manage.py" else Origin(source=program)


def system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # An id without a name, as in a container.
        return ""
