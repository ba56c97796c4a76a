"""The documents name files, folders and chapters that exist."""

import re
from fnmatch import filter as matching
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCS = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
NAME = re.compile(r"`([\w.*-]+(?:/[\w.*-]+)*(?:/|\.(?:py|js|mjs|html|css|txt|md|svg|conf|toml)))`")
"""A file or a folder in backticks. What begins with a slash is an address. The end of a path is
enough where its package is clear, but not for a test: several have the same name. A `*` stands for
any part of a name."""
POINTER = re.compile(r"(?<![\w/.<>-])((?:[a-z]\w*/)+\w+\.(?:py|js|html))(?![\w.])")
"""The same in a comment or a docstring of the product."""
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
MADE = {"var/", ".venv/", "media/", "media/files/", "static/"}
"""Folders that Kefu makes on the owner's machine."""
FOLDERS = ("bench", "crash", "docs", "static", "templates", "tests")


def title(path: Path) -> str:
    return str(path.relative_to(ROOT))


def every_file() -> list[str]:
    """The project's files and folders, the latter with a slash at the end."""
    tops = ("accounts", "bin", "chat", "deploy", "kefu", "locale", "requirements", *FOLDERS)
    found = [path for top in tops for path in [ROOT / top, *(ROOT / top).rglob("*")]]
    found += [path for path in ROOT.iterdir() if path.is_file()]
    return [title(path) + "/" * path.is_dir() for path in found if "__pycache__" not in path.parts]


FILES = every_file()


def chapters(path: Path) -> set[str]:
    """The anchors of a document: its headings as GitHub makes them, and those written by hand."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return anchors | set(re.findall(r'<a id="([\w-]+)"', text))


def names(text: str) -> list[tuple[str, str]]:
    """Each name with the folder that it stands for, where the heading above its table is one."""
    found, folder = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
            folder = heading if heading.endswith("/") else ""
        for place, name in ((match.start(), match[1]) for match in NAME.finditer(line)):
            first = line.startswith("|") and "|" not in line[1:place]
            found.append((folder if first else "", name))
    return found


@pytest.mark.parametrize("path", DOCS, ids=title)
def test_every_file_and_folder_that_is_named_exists(path):
    for folder, name in names(path.read_text()):
        whole = folder + name
        known = matching(FILES, whole) or name in MADE
        if not folder and not name.startswith("test_"):
            known = known or matching(FILES, f"*/{name}")
        assert known, f"{title(path)} names {whole}, which is not there"


def test_every_file_that_a_module_or_a_template_points_at_exists():
    paths = "".join(f"/{file}\n" for file in FILES)
    ours = [file for file in FILES if re.match(r"(accounts|chat|kefu|templates|static/js)/", file)]
    for file in ours:
        if file.endswith((".py", ".html", ".js")):
            for name in POINTER.findall((ROOT / file).read_text()):
                known = f"/{name}\n" in paths or name.startswith("admin/")
                assert known, f"{file} names {name}, which is not there"


@pytest.mark.parametrize("path", DOCS, ids=title)
def test_every_link_leads_to_a_file_and_a_chapter(path):
    for target, chapter in LINK.findall(path.read_text()):
        other = (path.parent / target).resolve() if target else path
        assert other.exists(), f"{title(path)} links to {target}"
        if chapter:
            assert chapter in chapters(other), f"{title(path)} links to {target}#{chapter}"


@pytest.mark.parametrize("app", ["accounts", "chat", "kefu"])
def test_every_module_has_its_line_in_the_architecture(app):
    told = {folder + name for folder, name in names((ROOT / "docs/architecture.md").read_text())}
    for file in FILES:
        if file.startswith(app + "/") and file.endswith(".py") and "__init__" not in file:
            above = ["/".join(file.split("/")[:depth]) + "/" for depth in range(2, 9)]
            assert told & {file, *above}, f"docs/architecture.md has no line on {file}"
