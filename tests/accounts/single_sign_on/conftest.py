import pytest

from accounts import encryption
from accounts.models import Provider

from . import fake


@pytest.fixture
def idp(settings):
    settings.OIDC_PLAIN_HTTP = True
    running = fake.Provider()
    yield running
    running.close()


@pytest.fixture
def provider(idp, enterprise):
    return Provider.objects.create(
        enterprise=enterprise,
        name="Acme login",
        issuer=idp.issuer,
        client_id=fake.CLIENT,
        sealed=encryption.seal(fake.SECRET),
    )
