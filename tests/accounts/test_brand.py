"""The sign-in page says whose site it is, but not where several enterprises share it."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGES = ["/agent/login/", "/admin/login/"]


def sign(path: str) -> str:
    page = Client().get(path).content.decode()
    return page.partition('class="sign"')[2].partition("</p>")[0]


@pytest.mark.parametrize("path", PAGES)
def test_the_only_enterprise_has_its_name_and_logo_there(enterprise, path):
    assert "Acme" in sign(path) and "icon" in sign(path)
    enterprise.name, enterprise.logo = "Acme <b>", "/agent/avatar/x.webp"
    enterprise.save()
    assert "Acme &lt;b&gt;" in sign(path) and 'src="/agent/avatar/x.webp"' in sign(path)


@pytest.mark.parametrize("path", PAGES)
def test_of_several_none_is_named(enterprise, other_enterprise, path):
    assert "Acme" not in sign(path) and "Umbrella" not in sign(path) and "Kefu" in sign(path)
    other_enterprise.status = 1
    other_enterprise.save()
    assert "Acme" in sign(path), "a closed one is none"
