"""Charts of a report as shapes that a template draws: their sizes are in units of a box that is as
wide as the page, WIDTH × HEIGHT, from its upper left corner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .figures import Measures, at_position

WIDTH, HEIGHT = 800, 160
SMALLEST = 0.001
"""The least number of seconds that a box is high."""
ROOM = 1.2
"""How much higher a box is than what it shows, at the least."""
ROUND = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400, 172_800, 259_200, 432_000),
)
"""Seconds that may stand at the top of a box, up to five days."""
TICKS = 10
"""Names under a chart at the most."""
SHADES = 5
"""Shades of the heat map, beside none for no receptions."""


@dataclass
class Bar:
    """The receptions of a day or an hour: a bar, of which the upper part are those without a
    reply."""

    day: date | int
    x: float
    width: float
    top: float
    height: float
    upper: float
    n: int

    @property
    def whole(self) -> str:
        return self.box(self.height)

    @property
    def part(self) -> str:
        return self.box(self.upper)

    def box(self, height: float) -> str:
        """The path of a box of this height below the bar's top."""
        return f"M{self.x} {self.top}h{self.width}v{height}h{-self.width}z"


@dataclass
class Over:
    """What the axis under a chart and the row above it say of a day or an hour."""

    tick: str
    """Its name; empty where there is no room for one."""
    seconds: float | None
    """What leaves the box at the top, if something does."""
    named: bool
    """Whether there is room for how long that is."""


def axis(names: list[str], values: list[float | None], most: float) -> list[Over]:
    """For each day or hour its name and what of `values` is greater than `most`, which the whole
    height stands for."""
    every = -(-len(names) // TICKS)
    return [
        Over(
            name if place % every == 0 else "",
            value if value is not None and value > most else None,
            every == 1,
        )
        for place, (name, value) in enumerate(zip(names, values, strict=True))
    ]


def bars(days: list, lines: list[Measures], at_least: int = 0) -> tuple[list[Bar], int]:
    """The bars of all days or hours, and the number that the whole height stands for, which is
    `at_least` that one."""
    most = ceiling(max(at_least, *(line.receptions for line in lines)))
    step = WIDTH / len(days)
    found = []
    for place, (day, line) in enumerate(zip(days, lines, strict=True)):
        height = HEIGHT * line.receptions / most
        upper = HEIGHT * line.unanswered / most
        gap = min(step * 0.2, 6)
        found.append(
            Bar(
                day,
                round(place * step + gap / 2, 2),
                round(step - gap, 2),
                round(HEIGHT - height, 2),
                round(height, 2),
                round(upper, 2),
                line.receptions,
            )
        )
    return found, most


def steps(lines: list[Measures], name: str) -> tuple[dict[str, str], float, list[float | None]]:
    """The paths of `median` and `p90` of a duration, a level for each day that has one, the seconds
    that the whole height stands for, and the seconds of each day's `p90`."""
    values = {
        percent: [
            at_position(getattr(line, name), percent) if getattr(line, name) else None
            for line in lines
        ]
        for percent in (50, 90)
    }
    medians, longest = ([one for one in values[percent] if one is not None] for percent in (50, 90))
    # One long night must not press all other days to the ground: it leaves the box at the top.
    usual = sorted(longest)[len(longest) // 2] if longest else 0
    most = top(max([*medians, usual, SMALLEST]) * ROOM)
    width = WIDTH / len(lines)
    return (
        {
            "median": path(values[50], width, most),
            "p90": path(values[90], width, most),
        },
        most,
        values[90],
    )


def top(seconds: float) -> float:
    """The next round length of time: of ROUND, above it whole weeks; below a second as it is."""
    if seconds < 1:
        return seconds
    week = 7 * ROUND[-4]
    return next((one for one in ROUND if one >= seconds), -(-seconds // week) * week)


def path(values: list[float | None], width: float, most: float) -> str:
    parts, joined = [], False
    for place, value in enumerate(values):
        if value is None:
            joined = False
            continue
        x, y = round(place * width, 2), round(HEIGHT * max(0, 1 - value / most), 2)
        parts.append(f"{'L' if joined else 'M'}{x} {y}H{round(x + width, 2)}")
        joined = True
    return "".join(parts)


def ceiling(number: int) -> int:
    """The next round number: a digit and zeros."""
    unit = 1
    while unit * 10 < number:
        unit *= 10
    return max(-(-number // unit) * unit, 1)


def shades(hours: Iterable[list[int]]) -> list[list[tuple[int, int]]]:
    """For each hour of each weekday the number and its shade, 0 to SHADES."""
    rows = [list(row) for row in hours]
    most = max((n for row in rows for n in row), default=0)
    return [[(n, -(-SHADES * n // most) if n else 0) for n in row] for row in rows]
