"""Derives readable colours from an enterprise's accent colour (contrast of WCAG AA)."""

import re
from functools import lru_cache

Rgb = tuple[float, float, float]

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
WHITE: Rgb = (255, 255, 255)
INK: Rgb = (6, 10, 18)
BLACK: Rgb = (0, 0, 0)
BACKGROUND: dict[str, Rgb] = {"light": (245, 247, 249), "dark": (36, 42, 53)}
"""The page's background, by colour scheme."""
MIN_TEXT_CONTRAST = 4.5
MIN_SHAPE_CONTRAST = 3
"""Contrast ratios of WCAG AA: of text, and of shapes and large text."""
STEPS = 50


@lru_cache(maxsize=1024)
def accent_colours(accent: str, scheme: str) -> tuple[str, str, str] | None:
    """Three colours as #rrggbb for an accent such as `#1f6feb` in the scheme "light" or "dark": the
    accent as a background, the text on it, and the accent as a text colour on the page. None for an
    invalid accent."""
    if not HEX.match(accent):
        return None
    given = parse(accent)
    dark = scheme == "dark"
    ground = (
        shift_until_contrast(given, WHITE, BACKGROUND["dark"], MIN_SHAPE_CONTRAST)
        if dark
        else given
    )
    # White text is usual on a strong colour; a pale one gets dark text.
    on, aim = (WHITE, INK) if contrast(ground, WHITE) >= MIN_SHAPE_CONTRAST else (INK, WHITE)
    ink = shift_until_contrast(given, WHITE if dark else INK, BACKGROUND[scheme], MIN_TEXT_CONTRAST)
    return to_hex(shift_until_contrast(ground, aim, on, MIN_TEXT_CONTRAST)), to_hex(on), to_hex(ink)


def cover_colours(cover: str, scheme: str) -> tuple[str, str, str] | None:
    """Three colours as #rrggbb for the head of the visitor's page: the cover in the scheme, the
    text on it, and the colour at the end of its gradient, on which the text stands out more still.
    None for an invalid cover."""
    found = accent_colours(cover, scheme)
    if found is None:
        return None
    ground, on, _ink = found
    away = BLACK if on == to_hex(WHITE) else WHITE
    end = tuple(part * 0.7 + other * 0.3 for part, other in zip(parse(ground), away, strict=True))
    return ground, on, to_hex(end)


def parse(colour: str) -> Rgb:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def shift_until_contrast(rgb: Rgb, aim: Rgb, against: Rgb, ratio: float) -> Rgb:
    """`rgb`, mixed with more and more of `aim` until its contrast to `against` is `ratio`."""
    for step in range(STEPS):
        mixed = tuple(
            part + (end - part) * step / STEPS for part, end in zip(rgb, aim, strict=True)
        )
        if contrast(mixed, against) >= ratio:
            return mixed
    return aim


def contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(rgb: Rgb) -> float:
    shares = (round_half_up(part) / 255 for part in rgb)
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def round_half_up(part: float) -> int:
    """Rounds half up, where round() rounds half to even."""
    return int(part + 0.5)


def to_hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round_half_up(part):02x}" for part in rgb)
