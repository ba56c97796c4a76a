"""The numbers that a text names: in digits, in Chinese numerals, and in English words."""

import re
import unicodedata

from chat.knowledge import tokens
from chat.protocol.spelling import nfkc

from .texts import visible

DIGITS = {one: at % 10 for at, one in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")} | {
    "两": 2,
    "俩": 2,
}
UNITS = {
    **{"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000},
    **{"拾": 10, "佰": 100, "仟": 1_000},
}
NUMERAL = re.compile(f"[{''.join(DIGITS)}{''.join(UNITS)}]+")
NO_NUMERALS = re.compile(
    f"(?<![{''.join(DIGITS)}{''.join(UNITS)}])(?:"
    "一(?:下|般|定|起|样|些|直|旦|律|致|切|边|并|同|向|再|时|味|面|经|方面|键|站式|点儿|会儿|一)"
    "|万一|十(?:分(?!钟|之)|足|全)|百(?:分之|货|度|科|搭)|千万|万(?:能|事))"
    "|[统唯之单某任另每同逐不]一|有一点|进一步|第一时间|第三方|二(?:维码|手|次)|三(?:明治|维|角)"
    "|四(?:川|周)|五(?:金|官)|半(?:成品|透明|手工|自动|径)|[大多]半"
)
"""Words with a numeral that count nothing."""
LONE = re.compile(r"[百千万亿佰仟]+")
COUNTED = re.compile(r"元|块|人|件|次|年")
"""What makes a number of a unit that has no digit before it."""
SHORT = re.compile(r"(\d+(?:\.\d+)?)\s?(百|千|万|亿)(?![克瓦米兆卡伏])")
"""As in 3万."""
GROUPED = re.compile(r"(?<![\d,'’_])\d{1,3}(?:([,'’_])\d{3})(?:\1\d{3})*(?!\d)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
DIALLED = re.compile(r"\d+(?:[-‐-―()\s]{1,3}\d+)+")
"""Digits in groups: with MANY of them they are one number, so that no phone is put together of what
stands apart."""
MANY = 7
RANGE = re.compile(r"\d{4}\D\d{4}")
"""Groups that are two numbers nevertheless."""
DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-.](\d\d?)[-.](\d\d?)(?!\d)")
SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
TENS = "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
ORDINALS = "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"
WORDS = {
    **{word: at for at, word in enumerate(SMALL)},
    **{word: 20 + 10 * at for at, word in enumerate(TENS)},
    **{word: 3 + at for at, word in enumerate(ORDINALS)},
    **{"twice": 2, "dozen": 12},
}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
WORD = "|".join(sorted((*WORDS, *SCALES), key=len, reverse=True))
IN_WORDS = re.compile(rf"\b(?:{WORD})(?:(?:[\s-]|\sand\s)(?:{WORD}))*\b")
PERIOD = r"(?:days?|weeks?|months?|years?|hours?|minutes?|times?|percent|business|working|calendar)"
NO_WORDS = re.compile(
    r"\b(?:no|this|that|each|every|which|the|any|new|another|only|same|right|wrong|a)\s+one\b"
    rf"(?!\s+{PERIOD})|\bone(?:\s+(?:of|another|by)\b|['’]s\b)"
)


def numbers(text: str) -> set[str]:
    """The numbers of a text, each whole and written in one way."""
    plain = ascii_digits(nfkc(visible(text)).casefold())
    plain = tokens.simplified(plain)
    plain = GROUPED.sub(lambda found: re.sub(r"\D", "", found[0]), plain)
    plain = DATE.sub(r"\1/\2/\3", plain)
    found: set[str] = set()
    plain = DIALLED.sub(lambda one: joined(one[0], found), plain)
    plain = SHORT.sub(lambda one: added(found, scaled(one[1], UNITS[one[2]])), plain)
    found.update(written(one) for one in NUMBER.findall(plain))
    plain = NO_NUMERALS.sub(
        " ", plain.replace("一半", "半").replace("廿", "二十").replace("卅", "三十")
    )
    if "半" in plain or re.search(r"\bhalf\b", plain):
        found.add("0.5")
    for one in NUMERAL.finditer(plain):
        if not LONE.fullmatch(one[0]) or COUNTED.match(plain, one.end()):
            found.update(chinese(one[0]))
    found.update(english(one) for one in IN_WORDS.findall(NO_WORDS.sub(" ", plain)))
    return found


def ascii_digits(text: str) -> str:
    others = {one for one in set(text) if not one.isascii() and one.isdigit()}
    return text.translate({ord(one): str(unicodedata.digit(one)) for one in others})


def joined(groups: str, found: set[str]) -> str:
    digits = re.sub(r"\D", "", groups)
    if len(digits) < MANY or RANGE.fullmatch(groups):
        return groups
    return added(found, written(digits))


def added(found: set[str], number: str) -> str:
    """Adds a number, and leaves a gap where it stood."""
    found.add(number)
    return " "


def written(number: str) -> str:
    whole, _point, part = number.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def scaled(number: str, unit: int) -> str:
    """A number times a unit, by its digits: it may be of any length."""
    whole, _point, part = number.partition(".")
    zeros = len(str(unit)) - 1
    part = part.ljust(zeros, "0")
    return written(f"{whole}{part[:zeros]}.{part[zeros:]}")


def chinese(numeral: str) -> tuple[str, ...]:
    """The number; two of 两三, which stands for two or three."""
    if not any(one in UNITS for one in numeral):
        digits = [str(DIGITS[one]) for one in numeral]
        return tuple(digits) if len(digits) == 2 else (written("".join(digits)),)
    total = section = digit = 0
    unit = 1
    for one in numeral[:40]:
        if one in DIGITS:
            digit, unit = DIGITS[one], 10 if DIGITS[one] == 0 else unit
        elif UNITS[one] < 10_000:
            unit = UNITS[one]
            section, digit = section + (digit or 1) * unit, 0
        else:
            unit = UNITS[one]
            total, section, digit = (total + section + digit or 1) * unit, 0, 0
    # 一百五 is 150.
    return (str(total + section + digit * (unit // 10 if unit > 10 else 1)),)


def english(words: str) -> str:
    total = current = 0
    parts = re.findall(WORD, words)[:40]
    for at, word in enumerate(parts):
        if word in SCALES:
            scale = SCALES[word]
            if scale == 100:
                current = (current or 1) * scale
            else:
                total, current = total + (current or 1) * scale, 0
        elif at and parts[at - 1] in WORDS and not (parts[at - 1] in TENS and WORDS[word] < 10):
            return "".join(str(WORDS.get(each, "")) for each in parts)
        else:
            current += WORDS[word]
    return str(total + current)
