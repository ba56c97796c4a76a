"""What reports count where a close was taken back at once."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seconds, receptions", [(10, 1), (11, 2)])
def test_a_close_that_its_member_undoes_at_once_is_none(scene, told, alice, seconds, receptions):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, alice)
    scene.wait(minutes=1)
    scene.says(talk)
    scene.acts("close", talk, alice)
    told()
    scene.wait(seconds=seconds)
    scene.acts("reopen", talk, alice)
    scene.wait(minutes=1)
    scene.answers(talk, alice)
    scene.says(talk)
    found = told()["totals"]
    assert found["receptions"] == receptions
    assert found["next_reply"]["n"] == (receptions == 1)
    assert found["resolution"]["n"] == receptions - 1
