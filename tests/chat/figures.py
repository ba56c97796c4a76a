"""The figures of /metrics, and by how much they move while something happens."""

from contextlib import contextmanager

from prometheus_client import REGISTRY


def figures() -> dict[str, float]:
    """Every sample but those of time, which nobody can foresee."""
    return {
        sample.name + "".join(f",{value}" for value in sample.labels.values()): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name.startswith("kefu_")
        and not sample.name.endswith(("_seconds_bucket", "_seconds_sum", "_created"))
        and not sample.name.startswith(("kefu_process", "kefu_loop", "kefu_http", "kefu_online"))
    }


@contextmanager
def moved(**expected):
    """Checks by how much figures move meanwhile: `kefu_` is put before, `__` is a comma. Those
    that are not named must stay."""
    before = figures()
    yield
    after = figures()
    found = {name: value - before.get(name, 0) for name, value in after.items()}
    changed = {name: value for name, value in found.items() if value}
    if "bus_total__sent" not in expected:
        changed.pop("kefu_bus_total,sent", None)  # Where there is Redis, it is sent.
    assert changed == {f"kefu_{name.replace('__', ',')}": value for name, value in expected.items()}
