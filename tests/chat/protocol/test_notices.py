"""What is stored of a notice."""

import pytest

from chat.protocol.notices import Notice
from chat.templatetags.notices import NOTICES, is_silent

BY = {"by": "684e", "by_name": "Alice"}


def test_the_facts_have_one_order():
    facts = {"bot_name": "Max", "bot": "1f", **BY}
    assert list(Notice.REOPENED.data(**facts)) == ["event", "by", "by_name", "bot", "bot_name"]


@pytest.mark.parametrize("facts", [BY, {"tag": "x", **BY, "name": "Bob"}])
def test_no_fact_may_be_missing_or_be_another_events(facts):
    with pytest.raises(TypeError):
        Notice.TAGGED.data(**facts)


def test_pages_have_words_for_every_notice():
    shown = [event for event in Notice if not is_silent({"data": {"event": event}})]
    shown.remove(Notice.ADOPTED)
    for event in shown:
        assert any(f"{key}_".startswith(f"{event.value}_") for key in NOTICES), event
