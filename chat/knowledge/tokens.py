"""How a text becomes words for the full-text index of a database.

Of Han text each character and each pair of neighbours, traditional ones as simplified; of the rest
each word, English ones without their endings. A question is read in the same way, and what stands
in every text is left out of it.
"""

import re
from collections.abc import Iterable
from functools import cache

from chat.protocol.spelling import nfkc

HAN_RANGES = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN = re.compile(f"[{HAN_RANGES}]")
LETTER = rf"[^\W_{HAN_RANGES}]"
WORD = re.compile(f"[{HAN_RANGES}]+|{LETTER}+")
ENDING = re.compile(r"(?<=...)(?:ies|ied|ings?|es|ed|e|s|y|ly|ments?)\Z")
LONGEST = 80
"""Characters of a word in the index: MariaDB's longest token has 84."""
MAX_QUESTION = 500
"""Characters of a question that count."""
MAX_WORDS = 64
COMMON = frozenset(
    "的了吗呢啊吧么是我你您们在有和就不也都很这那个给把被让着过到要能可以怎什请一还没去来上下里会对好谢问"
)
COMMON_ENGLISH = (
    "a about am an and any are as at be been but by can could did do does for from get got had has"
    " have hello hi how i if in into is it its just me my no not of on one or our please should so"
    " some than thank thanks that the their them then there these they this to up us was we were"
    " what when where which who why will with would you your"
)
VAGUE_ENGLISH = (
    "able again ago ahead all almost already also always another anybody anyone anything around"
    " ask available away bad because before begin best better big bit both bring call came case"
    " certain come d different done each easy else end enough even ever every everybody everyone"
    " everything far feel few find first full gave give given go going gone good great guess"
    " happen hard he help her here him his hope idea information instead keep kind know last"
    " late later least less let like little ll long look lot m made make many matter may maybe"
    " mean might mind moment month more most much must near need never new next nice nobody"
    " nothing now off often ok okay old once only other over own part people person place"
    " possible problem put question quick quite re real really reason recommend right s said"
    " same say see seem several she show since situation small somebody someone something"
    " sometimes somewhere soon sorry start still stop such sure t take talk tell thing think"
    " thought time today together tomorrow too took tried true try turn two understand until use"
    " using usual ve very wait want way week well went while whole without wonder word work"
    " world worry write year yes yesterday yet"
)
"""Words of English chat whatever it is about: they are looked for, and decide little."""


def words(text: str) -> list[str]:
    """The words of a text in order, repeated as often as they stand there."""
    found = []
    for run in WORD.findall(simplified(nfkc(text).lower())):
        if HAN.match(run):
            found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
        else:
            found.append(stem(run))
    return found


def asked(text: str) -> list[str]:
    """The words of a question, each once, without common ones unless it has no others."""
    found = list(dict.fromkeys(words(text[:MAX_QUESTION])))
    return ([word for word in found if not is_common(word)] or found)[:MAX_WORDS]


def is_common(word: str) -> bool:
    return word in common_stems() or COMMON.issuperset(word)


@cache
def common_stems() -> frozenset[str]:
    return frozenset(map(stem, COMMON_ENGLISH.split()))


@cache
def vague_stems() -> frozenset[str]:
    return frozenset(map(stem, VAGUE_ENGLISH.split()))


def stem(word: str) -> str:
    """A word without an English ending, so that "shipped" and "shipping" find "ship". A full
    stemmer found no more of a trial's questions."""
    if not word.isascii():
        return word
    cut = ENDING.sub("", word)
    return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] and cut.isalpha() else cut


def simplified(text: str) -> str:
    """The text with each traditional character as its simplified one; its length stays."""
    return text.translate(simplified_forms()) if HAN.search(text) else text


@cache
def simplified_forms() -> dict[int, str]:
    """Made when it is first needed, in some 15 ms: 4,200 characters. Each is converted alone: by
    its neighbours it would not be the same in a question and in an article."""
    import opencc

    every = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    forms = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    pairs = zip(every, forms, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}


def encoded(enterprise: int, found: Iterable[str]) -> list[str]:
    """Words as they stand in the index: with the enterprise (its key), whose articles alone they
    find, and of letters and digits only, which every full-text index takes as one word."""
    return [
        f"{enterprise}w{word}"[:LONGEST]
        if word.isascii()
        else f"{enterprise}x{''.join(f'{ord(each):04x}' for each in word)}"[:LONGEST]
        for word in found
    ]
