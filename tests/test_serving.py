"""What every run tries of server processes: each server's start, a message and its end, and a short
bin/crash. All else about them is in tests/tools and tests/faults, for bin/test --all."""

import pytest

from tests.crashing import lose_nothing
from tests.plugins.services import DATABASE
from tests.product import Product, Visitor

pytestmark = pytest.mark.once


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_it_serves_a_message_and_ends_when_it_is_asked_to(tmp_path, server):
    pytest.importorskip(server)
    product = Product(tmp_path, SERVER=server)
    try:
        visitor = Visitor(product.port, "service")
        visitor.say("Is anybody there?")
        assert ("visitor", "Is anybody there?") in visitor.thread()
    finally:
        product.process.terminate()
        product.process.communicate(timeout=120)
    assert product.process.returncode == 0


def test_a_short_run_under_faults_loses_nothing(tmp_path):
    lose_nothing(tmp_path, cycles=3, database=DATABASE)
