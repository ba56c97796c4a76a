"""Pictures to upload as a profile's."""

import io

from PIL import Image


def picture(kind="PNG", size=(300, 200), colour="red", mode="RGB", **more) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **more)
    return file.getvalue()
