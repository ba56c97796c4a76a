"""An accent corrected until it can be read (WCAG AA), for pages that are not ours to script.

The same rules as static/js/colour.js has for our own pages in light.
"""

import re

Rgb = tuple[float, float, float]

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
WHITE: Rgb = (255, 255, 255)
INK: Rgb = (6, 10, 18)
READABLE = 4.5
DISTINCT = 3
"""Contrast ratios: of text, and of what white is still expected on."""


def button_colours(accent: str) -> tuple[str, str]:
    """The ground for an accent such as `#1f6feb`, and what is written on it, both as #rrggbb."""
    given = tuple(int(accent[at : at + 2], 16) for at in (1, 3, 5))
    on, aim = (WHITE, INK) if contrast(given, WHITE) >= DISTINCT else (INK, WHITE)
    ground, step = given, 0
    while contrast(ground, on) < READABLE:
        step += 1
        ground = tuple(
            part + (end - part) * step / 50 for part, end in zip(given, aim, strict=True)
        )
    return to_hex(ground), to_hex(on)


def contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(rgb: Rgb) -> float:
    shares = (rounded(part) / 255 for part in rgb)
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rounded(part: float) -> int:
    """As JavaScript rounds: a half goes up."""
    return int(part + 0.5)


def to_hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{rounded(part):02x}" for part in rgb)
