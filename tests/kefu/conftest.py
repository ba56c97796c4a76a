"""The product, served for the tests of one module."""

import pytest

from tests.product import Product


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("examples"))
    yield product
    product.process.terminate()
    product.process.wait(120)
