"""bin/crash runs from end to end, and does not miss what it is there to find."""

import pytest

from crash import galera
from tests.crashing import crash, lose_nothing
from tests.plugins.services import DATABASE

BROKEN = """
import sys
from crash import channels, faults, run
from tests.faults import moments
# A page that waits for what is lost waits for good.
run.SETTLE_TIMEOUT = channels.PATIENCE = 10
broken, fault, cycles, *arguments = sys.argv[1:]
chosen = [getattr(faults, fault, None) or getattr(moments, fault)] * int(cycles)
sys.exit(run.main(arguments, f"tests.faults.planted:serve_{broken}", chosen))
"""
HOARDING = """
import sys
from crash import run, soak
# As few as can be judged: on a busy machine the minutes would end before.
sys.exit(run.main(sys.argv[1:], "tests.faults.planted:serve_hoard", [soak.life] * 4))
"""
CLUSTER = """
import sys
from crash import faults, run
chosen = [faults.cut, faults.second_node_kill, faults.restart]
sys.exit(run.main(sys.argv[1:], faults=chosen))
"""


@pytest.mark.skipif(DATABASE != "mysql", reason="tests/test_serving.py runs it on SQLite")
def test_a_short_run_finds_nothing(tmp_path):
    lose_nothing(tmp_path, cycles=3, database=DATABASE)


@pytest.mark.once
@pytest.mark.parametrize(
    "broken, fault, found",
    [
        ("early_ack", "kill_after_an_early_answer", "lost"),
        ("dropped_unread", "cut", "unread"),
        ("skipped_number", "cut", "gaps"),
        ("forgetful_sync", "cut", "logs"),
        ("forgotten_claim", "cut", "facts"),
        ("unheard_claim", "cut", "facts"),
    ],
)
def test_a_broken_promise_is_found(tmp_path, broken, fault, found):
    # On a busy machine it may be that nobody claims or misses anything in one short cycle.
    cycles = "3" if found in ("facts", "logs") else "1"
    code, result = crash(tmp_path, ["-c", BROKEN, broken, fault, cycles], "--cycles", cycles)
    assert code == 1
    assert result["total"][found] > 0, result["total"]


@pytest.mark.once
@pytest.mark.parametrize(
    "broken, found", [("forgotten_arrival", "channels"), ("stale_proof", "assistant")]
)
def test_what_fails_beside_the_pages_is_found(tmp_path, broken, found):
    # On a busy machine there are few answers in one cycle, and fewer to a text that was edited.
    command = ["-c", BROKEN, broken, "cut", "5"]
    code, result = crash(tmp_path, command, f"--{found}", "--cycles", "5")
    assert code == 1 and result["total"][found] > 0, result["total"]


@pytest.mark.skipif(DATABASE != "mysql", reason="Galera comes with MariaDB")
@pytest.mark.skipif(not galera.is_there(), reason="needs Debian's galera-4 and rsync")
def test_two_processes_that_write_to_two_nodes_of_a_cluster_lose_nothing(tmp_path):
    code, result = crash(tmp_path, ["-c", CLUSTER], "--database", "galera", "--cycles", "3")
    assert code == 0, result
    total = result["total"]
    assert total["sent"] == total["acked"] == total["stored"] > 300


@pytest.mark.once
def test_a_soak_finds_what_grows_and_nothing_else(tmp_path):
    code, result = crash(tmp_path, ["-c", HOARDING], "--soak", "0.4")
    total, rows = result["total"], result["cycles"]
    assert code == 1 and total["grown"] == 2, "memory and open files, and no threads"
    assert total["sent"] == total["acked"] == total["stored"] > 300 and total["refused"] == 0
    assert rows[-1]["memory"] > rows[0]["memory"] and rows[-1]["handles"] > rows[0]["handles"]
    assert {row["fault"] for row in rows} == {"life"} and len(rows) == 4
