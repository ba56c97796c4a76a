"""Reads the XML of WeChat's calls: a flat list of elements. What could make a parser work, a DTD
and its entities, is refused before anything of it is read.
"""

from xml.parsers import expat

MOST = 256 * 1024
"""Bytes: several times the longest text that can be written in WeChat, encrypted."""


class Unreadable(Exception):
    """It is no XML of theirs."""


def fields(body: bytes) -> dict[str, str]:
    """The texts of the elements that stand directly in the first one, by name. Raises
    Unreadable."""
    if len(body) > MOST:
        raise Unreadable
    reader = Reader()
    try:
        reader.parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Unreadable from error
    return reader.found


class Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.path: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def refuse(self, *declared: object) -> None:
        raise Unreadable

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) == 2:
            self.found[name] = ""

    def end(self, name: str) -> None:
        self.path.pop()

    def text(self, text: str) -> None:
        if len(self.path) == 2:
            self.found[self.path[1]] += text
