"""Pictures and faces, drawn when the demo is made.

Everything is drawn twice as large as it is kept, since Pillow's shapes have no smooth edges.
"""

import hashlib
import io
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from chat.files.pictures import THUMBNAIL

TWICE = 2
SIZE = 960, 720
FACE = 128
"""Pixels of an avatar's side, as accounts/avatars.py keeps them."""

WALL, TABLE, SHADE = "#efe6d8", "#dcbb93", "#c4a074"
CELADON, CELADON_DARK, CELADON_LIGHT = "#a9c7bb", "#86a99b", "#c9ddd4"
CLAY, CLAY_DARK = "#9a5b43", "#7c4632"
CARTON, CARTON_DARK, TAPE = "#c69c6d", "#a67f52", "#e8d9b8"

LOOKS = {
    "alice": {"back": "#f3c8b4", "hair": "#3a2a25", "skin": "#f4d3bd", "shirt": "#c4574c"},
    "bob": {"back": "#bcd3e6", "hair": "#22262e", "skin": "#eac3a4", "shirt": "#3d6488"},
    "carol": {"back": "#c9dcc0", "hair": "#5b3b2a", "skin": "#f6d9c6", "shirt": "#5b8058"},
}
"""The colours of the agents' faces."""


@dataclass(slots=True)
class Drawing:
    """A picture as a PNG, and its thumbnail as a WebP."""

    name: str
    content: bytes
    thumbnail: bytes
    width: int = SIZE[0]
    height: int = SIZE[1]
    digest: str = field(init=False)

    def __post_init__(self):
        self.digest = hashlib.sha256(self.content).hexdigest()


def gaiwan() -> Drawing:
    """A covered cup on its saucer."""
    picture, pen = still_life()
    pen.ellipse((560, 1090, 1360, 1210), fill=SHADE)
    draw_cup(pen)
    pen.chord((610, 470, 1310, 850), 180, 360, fill=CELADON_LIGHT)
    pen.rectangle((610, 656, 1310, 690), fill=CELADON_DARK)
    pen.ellipse((885, 410, 1035, 520), fill=CELADON)
    return finished(picture, "gaiwan.png")


def broken_cup() -> Drawing:
    """The same cup without its cover, with a piece beside it."""
    picture, pen = still_life()
    pen.ellipse((560, 1090, 1360, 1210), fill=SHADE)
    draw_cup(pen)
    pen.ellipse((590, 630, 1330, 740), fill=CELADON_DARK)
    pen.polygon([(1130, 600), (1350, 600), (1350, 800), (1230, 850), (1190, 740)], fill=WALL)
    pen.line([(1190, 740), (1120, 850), (1150, 930), (1080, 1020)], fill="#5d766c", width=8)
    pen.polygon([(1420, 1180), (1600, 1140), (1640, 1230), (1500, 1270)], fill=CELADON_LIGHT)
    pen.polygon([(1420, 1180), (1500, 1270), (1490, 1300), (1405, 1200)], fill=CELADON_DARK)
    return finished(picture, "cup.png")


def parcel() -> Drawing:
    """A box with a dented corner."""
    picture, pen = still_life()
    pen.ellipse((420, 1150, 1560, 1290), fill=SHADE)
    pen.polygon([(480, 560), (1120, 640), (1120, 1240), (480, 1120)], fill=CARTON)
    pen.polygon(
        [(1120, 640), (1500, 600), (1430, 720), (1510, 800), (1500, 1130), (1120, 1240)],
        fill=CARTON_DARK,
    )
    pen.polygon([(480, 560), (860, 500), (1500, 600), (1120, 640)], fill="#d6b083")
    pen.polygon([(740, 592), (830, 603), (830, 800), (740, 785)], fill=TAPE)
    pen.polygon([(740, 592), (1110, 540), (1200, 552), (830, 603)], fill=TAPE)
    return finished(picture, "box.png")


def teapot() -> Drawing:
    """A pot of clay."""
    picture, pen = still_life()
    pen.ellipse((520, 1120, 1420, 1240), fill=SHADE)
    pen.arc((1090, 690, 1560, 1090), 270, 90, fill=CLAY_DARK, width=54)
    pen.polygon([(640, 800), (400, 640), (350, 670), (600, 1010)], fill=CLAY)
    pen.ellipse((560, 640, 1360, 1200), fill=CLAY)
    pen.ellipse((700, 610, 1220, 720), fill=CLAY_DARK)
    pen.chord((720, 560, 1200, 760), 180, 360, fill=CLAY)
    pen.ellipse((910, 490, 1010, 590), fill=CLAY_DARK)
    return finished(picture, "teapot.png")


def still_life() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A table before a wall."""
    width, height = (side * TWICE for side in SIZE)
    picture = Image.new("RGB", (width, height), WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 0.62, width, height), fill=TABLE)
    return picture, pen


def draw_cup(pen: ImageDraw.ImageDraw) -> None:
    """A cup with its saucer."""
    pen.ellipse((600, 1040, 1320, 1180), fill=CELADON_DARK)
    pen.ellipse((620, 1030, 1300, 1150), fill=CELADON_LIGHT)
    outline = [(590, 690), (1330, 690), (1230, 960), (1120, 1080), (800, 1080), (690, 960)]
    pen.polygon(outline, fill=CELADON)
    light = [(590, 690), (700, 690), (780, 960), (840, 1080), (800, 1080), (690, 960)]
    pen.polygon(light, fill=CELADON_LIGHT)


def finished(picture: Image.Image, name: str) -> Drawing:
    picture = picture.resize(SIZE, Image.Resampling.BOX)
    small = picture.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    # Flat colours: a palette keeps the file at some kilobytes.
    return Drawing(name, encoded(picture.quantize(64), "PNG"), encoded(small, "WEBP"))


def encoded(picture: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def logo() -> bytes:
    """A moon above a hill, as a PNG of a logo's size."""
    picture = Image.new("RGB", (512, 512), "#f3ead6")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((258, 92, 402, 236), fill="#dca63f")
    pen.ellipse((-60, 290, 380, 760), fill="#4f9a77")
    pen.ellipse((190, 340, 640, 800), fill="#2e7d5b")
    return encoded(picture.resize((256, 256), Image.Resampling.BOX), "PNG")


def face(name: str) -> bytes:
    """An agent's face as a PNG of FACE pixels each side."""
    look = LOOKS[name]
    picture = Image.new("RGB", (512, 512), look["back"])
    pen = ImageDraw.Draw(picture)
    if name != "bob":
        pen.rounded_rectangle((118, 130, 394, 400), 130, fill=look["hair"])
    pen.ellipse((66, 380, 446, 700), fill=look["shirt"])
    pen.rounded_rectangle((214, 320, 298, 430), 40, fill=look["skin"])
    pen.ellipse((156, 120, 356, 366), fill=look["skin"])
    if name == "alice":
        pen.pieslice((140, 90, 372, 330), 180, 360, fill=look["hair"])
        pen.rectangle((140, 205, 372, 222), fill=look["hair"])
    elif name == "bob":
        pen.chord((144, 96, 368, 320), 190, 350, fill=look["hair"])
        for left in (180, 264):
            pen.ellipse((left, 216, left + 70, 286), outline="#2d3138", width=8)
        pen.line((250, 248, 264, 248), fill="#2d3138", width=8)
    else:
        pen.pieslice((140, 86, 372, 330), 150, 300, fill=look["hair"])
        pen.pieslice((140, 86, 372, 310), 280, 380, fill=look["hair"])
    for left in (204, 288):
        pen.ellipse((left, 240, left + 20, 264), fill="#2b2523")
    pen.arc((216, 262, 296, 322), 30, 150, fill="#9c4a3e", width=8)
    return encoded(picture.resize((FACE, FACE), Image.Resampling.BOX), "PNG")
