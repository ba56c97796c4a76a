"""Draws docs/images/packages.svg: `.venv/bin/python -m docs.draw_packages`.

Boxes, arrows and words come from the source, by packages.py. A test fails when the committed
picture is not what this script makes.
"""

import ast
from html import escape
from textwrap import shorten

from docs.packages import APPS, DRAWING, MODULES, RANKS, ROOT, arrows, is_package, package_of

PICTURE = ROOT / "docs" / "images" / "packages.svg"

COLUMNS = {
    **dict.fromkeys(("reading", "ledger", "models", "accounts", DRAWING), 1),
    **dict.fromkeys(("mail", "metrics"), 2),
}
"""The column of a package, the first that is free where none is named; and of a row's single
modules by the first of them, 1 where none is named."""

TITLE = "The packages of Kefu: each imports from those below it only"

NOTE = "Grey: imports, without those that follow from others. Small: single modules."

STEPS = [
    ("frame", "chat.sockets.base", "parses what a page sent"),
    ("form", "chat.protocol.forms", "checks every field"),
    ("queue", "chat.posting.writer", "collects what waits"),
    ("transaction", "chat.posting.batches", "opens one for all"),
    ("rows", "chat.ledger.ledger", "locks, numbers, inserts"),
    ("commit", "chat.posting.batches", "puts it on disk"),
    ("announce", "chat.delivery.announce", "decides who gets what"),
    ("hub", "chat.delivery.hub", "finds the recipients"),
    ("sockets", "chat.sockets.base", "send it to their pages"),
]
"""A message's way: the word for the step, the module that does it, and what that does."""

LANES = [8, 40, 74, None, 106, 134, 162, None, 412]
"""Pixels from the left: where the way goes up or down to reach each step. None: the step is in the
same package as the one before it."""

LEFT, WIDTH, COLUMN, WIDE, TOP, GAP = 190, 890, 240, 205, 66, 26
"""Pixels: left edge of the first column, the picture's width, from one column to the next, a box's
width, the title's height, and the space between two rows."""
LONGEST = 29
"""Characters of a package's summary that have room in its box."""
PORT = 17
"""Pixels between two places at a box's edge where the way comes in or goes out."""
STYLE = """
svg{--back:#fff;--text:#1f2328;--soft:#59636e;--line:#afb8c1;--box:#f6f8fa;--way:#0969da;--on:#fff}
@media(prefers-color-scheme:dark){svg{--back:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#59636e;
--box:#161b22;--way:#4493f8;--on:#0d1117}}
text{font:12px system-ui,sans-serif;fill:var(--text)}.title{font-size:17px;font-weight:600}
.name{font-size:14px;font-weight:600}.soft{fill:var(--soft);font-size:11.5px}
.back{fill:var(--back)}.box{fill:var(--box);stroke:var(--line)}.app{stroke-dasharray:4 3}
.pill{fill:none;stroke:var(--line)}
.arrow{fill:none;stroke:var(--line);stroke-width:1.5;marker-end:url(#arrow)}
.way{fill:none;stroke:var(--way);stroke-width:3;stroke-linejoin:round}.to{marker-end:url(#to)}
.head{fill:var(--line)}.step{fill:var(--way)}.number{fill:var(--on);font-weight:600}
"""


def summary(name: str) -> str:
    """The first sentence of a package's docstring, without its full stop, or what fits of it."""
    path = ROOT / ("" if name in APPS else "chat") / name.replace(".", "/") / "__init__.py"
    text = ast.get_docstring(ast.parse(path.read_text())).split(".")[0]
    return shorten(text, LONGEST, placeholder="…")


def places() -> tuple[dict[str, tuple[int, int, int]], int]:
    """Left, top and height of each box, in pixels, and how high the picture is."""
    stops = [package_of(module) for _, module, _ in STEPS]
    found, y = {}, TOP
    for names in (["kefu"], *reversed(RANKS), ["accounts"], [DRAWING]):
        packages = [name for name in names if is_package(name)]
        high = max(44 if packages else 24, *(24 + 15 * stops.count(name) for name in names))
        free = [column for column in range(3) if column not in map(COLUMNS.get, packages)]
        for name in packages:
            column = COLUMNS[name] if name in COLUMNS else free.pop(0)
            found[name] = LEFT + COLUMN * column, y, high
        singles = [name for name in names if name not in packages]
        column = COLUMNS.get(singles[0], 1) if singles else 0
        x = LEFT + COLUMN * column + (45 if column == 2 else 0)
        for name in singles:
            found[name] = x, y + (high - 24) // 2, 24
            x += 22 + 6 * len(name)
        y += high + GAP
    return found, y


def box(name: str, x: int, y: int, high: int) -> str:
    if not is_package(name):
        wide = 16 + 6 * len(name)
        return (
            f'<rect class="pill" x="{x}" y="{y}" width="{wide}" height="24" rx="12"/>'
            f'<text class="soft" x="{x + wide / 2}" y="{y + 16}" text-anchor="middle">{name}</text>'
        )
    kind = "box app" if name in APPS else "box"
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDE}" height="{high}" rx="7"/>'
        f'<text class="name" x="{x + 16}" y="{y + 19}">{name}</text>'
        f'<text class="soft" x="{x + 16}" y="{y + 35}">{escape(summary(name))}</text>'
    )


def arrow(name: str, other: str, where: dict[str, tuple[int, int, int]]) -> str:
    """From the lower edge of one box to the upper edge of another one, around those between."""
    (start, top, high), (end, bottom, _) = where[name], where[other]
    between = [x for box, (x, y, _) in where.items() if is_package(box) and top < y < bottom]
    turn = (end > start) - (end < start)
    x, y = start + WIDE // 2 + 80 * turn, top + high
    left, bottom = end + WIDE // 2 - 70 * turn, bottom - 2
    if end in between:
        aside = end - (COLUMN - WIDE) // 2
        path = f"C{x} {y + 26} {aside} {y - 10} {aside} {y + 40}V{bottom - 50}"
        path += f"Q{aside} {bottom - 20} {left} {bottom}"
    elif start in between or bottom - y < 2 * GAP:
        bend = min(40, (bottom - y) * 0.8)
        path = f"C{x} {y + bend:.0f} {left} {bottom - bend:.0f} {left} {bottom}"
    else:
        above = bottom - GAP + 3
        path = f"V{above}C{x} {bottom} {left} {above} {left} {bottom}"
    return f'<path class="arrow" d="M{x} {y}{path}"/>'


def way(where: dict[str, tuple[int, int, int]]) -> list[str]:
    """The highlighted path from step to step, and the steps' numbers on it."""
    used = dict.fromkeys(where, 0)

    def port(name: str) -> int:
        used[name] += 1
        return where[name][1] + 8 + PORT * (used[name] - 1)

    lines, numbers, last, edge, y = [], [], None, 0, 0
    for number, ((_, module, _), lane) in enumerate(zip(STEPS, LANES, strict=True), 1):
        name = package_of(module)
        left = where[name][0]
        if lane is None:
            edge, y, before = left, port(name), y
            lines.append(f'<path class="way" d="M{edge} {before}V{y}"/>')
        elif last is None:
            edge, y = left, port(name)
            lines.append(f'<text class="soft" x="{lane}" y="{y - 8}">from a page</text>')
            lines.append(f'<path class="way to" d="M{lane} {y}H{edge - 13}"/>')
        else:
            if LANES[number - 2] is not None:
                lines.append(f'<path class="way" d="M{edge} {y}V{y + PORT}"/>')
                y = port(last)
            right = lane > left
            start, edge, above = edge, left + WIDE * right, y
            y = port(name)
            stop = edge + (13 if right else -13)
            lines.append(f'<path class="way to" d="M{start} {above}H{lane}V{y}H{stop}"/>')
        numbers.append(badge(number, edge, y))
        last = name
    return [*lines, *numbers]


def badge(number: int, x: int, y: int) -> str:
    return (
        f'<circle class="step" cx="{x}" cy="{y}" r="8.5"/>'
        f'<text class="number" x="{x}" y="{y + 4}" text-anchor="middle">{number}</text>'
    )


def legend(x: int, y: int) -> list[str]:
    lines = [f'<text class="name" x="{x - 9}" y="{y}">The way of a message</text>']
    for number, (word, module, does) in enumerate(STEPS, 1):
        at = y + 36 * number - 10
        lines += [
            badge(number, x, at),
            f'<text x="{x + 18}" y="{at + 1}"><tspan class="name">{word}</tspan> {does}</text>',
            f'<text class="soft" x="{x + 18}" y="{at + 16}">{module}</text>',
        ]
    return lines


def draw() -> str:
    """The picture, as SVG."""
    where, high = places()
    missing = {module for _, module, _ in STEPS} - set(MODULES)
    if missing:
        raise SystemExit(f"STEPS names what is not there: {missing}")
    heads = [
        f'<marker id="{name}" viewBox="0 0 8 8" refX="{at}" refY="4" markerWidth="{wide}" '
        f'markerHeight="{wide}" orient="auto" markerUnits="userSpaceOnUse">'
        f'<path class="{kind}" d="M0 0L8 4L0 8z"/></marker>'
        for name, kind, at, wide in (("arrow", "head", 7, 8), ("to", "step", 4, 11))
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" '
            f'width="{WIDTH}" height="{high}" role="img" aria-label="{TITLE}">',
            f"<title>{TITLE}</title><style>{STYLE}</style><defs>{''.join(heads)}</defs>",
            f'<rect class="back" width="{WIDTH}" height="{high}"/>',
            f'<text class="title" x="16" y="28">{TITLE}</text>',
            f'<text class="soft" x="16" y="45">{NOTE}</text>',
            *(arrow(name, other, where) for name, other in arrows()),
            *(box(name, *place) for name, place in where.items()),
            *way(where),
            *legend(LEFT + 2 * COLUMN - 50, TOP + 20),
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(draw())
