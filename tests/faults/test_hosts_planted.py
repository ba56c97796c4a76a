"""bin/crash with several hosts does not miss a time-out that is missing."""

import pytest

from .network import run_scenarios, skip_without_network

pytestmark = [pytest.mark.hosts, pytest.mark.once]


def test_a_missing_time_out_is_found(tmp_path):
    skip_without_network()
    application = "tests.faults.planted:serve_patient_database"
    code, result, told = run_scenarios(tmp_path, application, ["database forgotten"])
    assert code == 1
    assert result["total"]["late"] > 0 and "late: told" in told, told
    assert result["total"]["lost"] == result["total"]["duplicated"] == 0, told
