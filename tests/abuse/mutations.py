"""Frames as nobody should send them, drawn by chance: less cunning than those of fuzz.py, and many
times as many in the same time."""

import json
from collections.abc import Iterator
from random import Random

from .fuzz import FIELDS, SOUND, SPECIAL, TYPES

SHORT = [value for value in SPECIAL if len(str(value)) < 200]
LONG = [value for value in SPECIAL if len(str(value)) >= 200]
LETTERS = '{}[]":,\\ue+-.0123aN \n\x00\x7f\xa0é你\u202e\u2028\ufeff\U0001f44b'
ONE_LONG_IN = 400
ONE_BINARY_IN = 300


def frames(chance: Random) -> Iterator[str | None]:
    """Endless texts that UTF-8 can carry; None is a binary frame."""
    while True:
        dice = chance.random()
        if dice < 1 / ONE_BINARY_IN:
            yield None
            continue
        frame = dict(chance.choice(SOUND))
        for _ in range(chance.randrange(3)):
            change_fields(frame, chance)
        text = json.dumps(frame, ensure_ascii=chance.random() < 0.5)
        if dice < 0.4:
            for _ in range(chance.randrange(1, 4)):
                text = damage(text, chance)
        yield text.encode(errors="backslashreplace").decode()


def change_fields(frame: dict, chance: Random) -> None:
    """Gives a field another value, adds one, or takes one away."""
    dice = chance.random()
    if dice < 0.15 and frame:
        del frame[chance.choice(list(frame))]
    elif dice < 0.25:
        frame["type"] = chance.choice(TYPES)
    else:
        name = chance.choice(list(frame) if frame and dice < 0.7 else FIELDS)
        frame[name] = chance.choice(LONG if chance.randrange(ONE_LONG_IN) == 0 else SHORT)


def damage(text: str, chance: Random) -> str:
    """Removes, repeats, moves or replaces a part of the text."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.randrange(1, 12))
    part, dice = text[start:end], chance.randrange(5)
    if dice == 0:
        return text[:start] + text[end:]
    if dice == 1:
        return text[:start] + part * chance.randrange(2, 5) + text[end:]
    if dice == 2:
        rest = text[:start] + text[end:]
        place = chance.randrange(len(rest) + 1)
        return rest[:place] + part + rest[place:]
    if dice == 3:
        return text[:start]
    noise = "".join(chance.choices(LETTERS, k=chance.randrange(1, 5)))
    return text[:start] + noise + text[start:]
