from chat.channels.mail import parsing

from .corpus import mails

CASES = list(mails())


def test_no_mail_of_the_corpus_is_cut_or_put_elsewhere():
    assert len(CASES) >= 450
    for case in CASES:
        found = parsing.parse(case.raw)
        for line in case.own:
            assert found.own_text.count(line) == 1, (case.name, found.own_text)
            assert line not in found.quoted, (case.name, found.quoted)
        for line in case.quoted:
            assert found.quoted.count(line) == 1, (case.name, found.own_text, found.quoted)
            assert line not in found.own_text, (case.name, found.own_text)
        assert [part.name for part in found.parts] == case.parts or not case.own, case.name


def test_every_line_is_in_one_of_the_two():
    for case in CASES:
        found = parsing.parse(case.raw)
        lines = [line.strip() for line in found.text.split("\n") if line.strip()]
        kept = [line.strip() for line in f"{found.own_text}\n{found.quoted}".split("\n")]
        assert sorted(lines) == sorted(filter(None, kept)) or len(found.text) > 200_000, case.name
