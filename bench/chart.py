"""Bar charts as SVG without scripts, for light and dark pages."""

from dataclasses import dataclass
from html import escape

WIDTH, LABEL, RIGHT = 760, 190, 92
BAR, GAP, GROUP = 16, 4, 16
"""Heights in pixels: of a bar, between the bars of a group, between groups."""
TOP = 64
STYLE = """
svg{--back:#fff;--text:#1f2328;--soft:#59636e;--a:#9aa4b0;--b:#c9a13b;--c:#1f75cb}
@media(prefers-color-scheme:dark){
svg{--back:#0d1117;--text:#e6edf3;--soft:#9198a1;--a:#6e7681;--b:#b88a1e;--c:#4c9be8}}
text{font:13px system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;fill:var(--text)}
.title{font-size:15px;font-weight:600}.soft{fill:var(--soft);font-size:12px}
.back{fill:var(--back)}.a{fill:var(--a)}.b{fill:var(--b)}.c{fill:var(--c)}
"""
COLOURS = "abc"


@dataclass(frozen=True)
class Group:
    """A group of bars: a value for each series of the chart, None for no bar."""

    label: str
    values: list[float | None]


def bars(title: str, unit: str, series: list[str], groups: list[Group], digits: int = 1) -> str:
    """Returns an SVG with horizontal bars that start at zero. `series` are up to three names,
    Kefu's last; `digits` are decimals of the values."""
    colours = COLOURS[-len(series) :]
    most = max((value or 0 for group in groups for value in group.values), default=0) or 1
    scale = (WIDTH - LABEL - RIGHT) / most
    body, y = [], TOP
    for group in groups:
        start = y
        for value, colour in zip(group.values, colours, strict=True):
            if value is None:
                continue
            length = max(1, value * scale)
            body.append(
                f'<rect class="{colour}" x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}"/>'
                f'<text x="{LABEL + length + 6:.1f}" y="{y + BAR - 3}">{value:,.{digits}f}</text>'
            )
            y += BAR + GAP
        middle = (start + y - GAP) / 2 + 4
        body.append(
            f'<text x="{LABEL - 10}" y="{middle:.0f}" text-anchor="end">'
            f"{escape(group.label)}</text>"
        )
        y += GROUP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" '
            f'width="{WIDTH}" height="{y}" role="img" aria-label="{escape(title)}">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{y}"/>',
            f'<text class="title" x="16" y="26">{escape(title)}</text>',
            *legend(series, colours, unit),
            *body,
            "</svg>\n",
        ]
    )


def legend(series: list[str], colours: str, unit: str) -> list[str]:
    parts, x = [], 16
    for name, colour in zip(series, colours, strict=True):
        parts.append(
            f'<rect class="{colour}" x="{x}" y="38" width="11" height="11"/>'
            f'<text class="soft" x="{x + 16}" y="48">{escape(name)}</text>'
        )
        x += 34 + round(6.6 * len(name))
    parts.append(
        f'<text class="soft" x="{WIDTH - 16}" y="48" text-anchor="end">{escape(unit)}</text>'
    )
    return parts
