import os

import pytest

from accounts import encryption
from accounts.models import Provider

from . import slapd


@pytest.fixture(scope="session")
def running_slapd(request, tmp_path_factory):
    if not slapd.is_there():
        sentence = "slapd is not installed; bin/test says how"
        required = os.environ.get("KEFU_REQUIRE", "").split(",")
        pytest.fail(sentence) if "ldap" in required else pytest.skip(sentence)
    return slapd.Slapd(request.config, tmp_path_factory.mktemp("slapd"))


@pytest.fixture
def people(running_slapd):
    """The directory as it was at first."""
    running_slapd.reset()
    return running_slapd


@pytest.fixture
def directory(people, enterprise):
    """Acme's, with an encrypted connection."""
    return Provider.objects.create(
        kind=Provider.Kind.LDAP,
        enterprise=enterprise,
        name="Acme's directory",
        issuer=people.address,
        authorities=people.authority,
        client_id=slapd.SEARCHER,
        sealed=encryption.seal(slapd.SEARCHER_PASSWORD),
        base=slapd.BASE,
        person_filter="(&(objectClass=person)(|(uid={login})(mail={login})))",
    )
