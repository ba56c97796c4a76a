"""Draws the icons of the installed workspace from the mark of the product, static/img/icon.svg:

    .venv/bin/python docs/draw_icons.py

They are PNG files, since home screens know no SVG.
"""

import re
from pathlib import Path

from PIL import Image, ImageDraw

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
BLUE, WHITE, NOTHING = "#1f6feb", "#ffffff", (0, 0, 0, 0)
SIZE = 32
"""The width of the mark's own coordinates."""
FINER = 4
"""It is drawn so many times larger, and then made smaller, which smooths its edges."""
STEPS = 24
"""Straight lines that stand for a curve."""
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)|[A-Za-z]")


def outline(path: str) -> list[tuple[float, float]]:
    """The points of an SVG path of lines and cubic curves."""
    words, command, points = NUMBER.findall(path), "", []
    x = y = 0.0
    control = (x, y)

    def take(count: int) -> list[float]:
        found = [float(words.pop(0)) for _ in range(count)]
        if command.islower():
            found = [one + (x, y)[at % 2] for at, one in enumerate(found)]
        return found

    while words:
        if words[0].isalpha():
            command = words.pop(0)
            continue
        if command in "MmLl":
            x, y = take(2)
            points.append((x, y))
            control = (x, y)
            continue
        if command in "Ss":
            first = (2 * x - control[0], 2 * y - control[1])
            second_x, second_y, end_x, end_y = take(4)
        elif command in "Cc":
            first_x, first_y, second_x, second_y, end_x, end_y = take(6)
            first = (first_x, first_y)
        else:
            raise ValueError(f"The mark has a command that is not known here: {command}")
        curve = [(x, y), first, (second_x, second_y), (end_x, end_y)]
        points += [point_of(curve, step / STEPS) for step in range(1, STEPS + 1)]
        x, y, control = end_x, end_y, (second_x, second_y)
    return points


def point_of(curve: list[tuple[float, float]], at: float) -> tuple[float, float]:
    weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    x, y = (sum(weights[n] * curve[n][axis] for n in range(4)) for axis in (0, 1))
    return x, y


def draw(name: str, size: int, *, share: float, ground, bubble: str, dots) -> None:
    """Stores the mark, as wide as this share of the picture, as `name`.png."""
    mark = (IMAGES / "icon.svg").read_text()
    wide = size * FINER
    scale = wide * share / SIZE
    margin = wide * (1 - share) / 2
    picture = Image.new("RGBA", (wide, wide), ground)
    pen = ImageDraw.Draw(picture)
    (shape,) = re.findall(r' d="([^"]+)"', mark)
    pen.polygon([(margin + x * scale, margin + y * scale) for x, y in outline(shape)], fill=bubble)
    for x, y, radius in re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', mark):
        middle = [margin + float(one) * scale for one in (x, y)]
        pen.circle(middle, float(radius) * scale, fill=dots)
    smooth = picture.resize((size, size), Image.Resampling.LANCZOS)
    smooth.quantize(64).save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    for size in (192, 512):
        draw(f"app-{size}", size, share=1, ground=NOTHING, bubble=BLUE, dots=WHITE)
    # Systems cut these to a shape of theirs.
    draw("app-maskable", 512, share=0.62, ground=BLUE, bubble=WHITE, dots=BLUE)
    draw("app-apple", 180, share=0.7, ground=BLUE, bubble=WHITE, dots=BLUE)
    # Of this one only the shape is shown.
    draw("app-badge", 96, share=1, ground=NOTHING, bubble=WHITE, dots=NOTHING)


if __name__ == "__main__":
    main()
