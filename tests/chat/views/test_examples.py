"""The examples of docs/widget.md make tokens that the server takes for what they say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import playwright
import pytest
from django.conf import settings
from django.utils import timezone

from chat.visitors import identities

pytestmark = pytest.mark.django_db

NODE = Path(playwright.__file__).parent / "driver" / "node"
PERSON = ("42", '王 "Wang" / <b>', "w+1@example.com")


def example(language: str) -> str:
    text = (settings.BASE_DIR / "docs" / "widget.md").read_text()
    return re.search(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[1]


def python(tmp_path) -> list[str]:
    code = f"{example('python')}\nimport sys\nprint(kefu_token(*sys.argv[1:]))\n"
    return [sys.executable, save(tmp_path / "made.py", code)]


def node(tmp_path) -> list[str]:
    code = f"{example('js')}\nconsole.log(kefuToken(...process.argv.slice(2)));\n"
    return [str(NODE), save(tmp_path / "made.cjs", code)]


def php(tmp_path) -> list[str]:
    code = f"<?php\n{example('php')}\necho kefu_token(...array_slice($argv, 1));\n"
    return [program("php"), save(tmp_path / "made.php", code)]


def go(tmp_path) -> list[str]:
    main = "func main() { a := os.Args; fmt.Print(KefuToken(a[1], a[2], a[3], a[4])) }\n"
    code = f"package main\n{example('go')}\n{main}".replace('"time")', '"time"; "fmt"; "os")')
    return [program("go"), "run", save(tmp_path / "made.go", code)]


def program(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is not here")


def save(path: Path, code: str) -> str:
    path.write_text(code)
    return str(path)


@pytest.mark.parametrize("language", [python, node, php, go])
def test_an_example_makes_a_token_that_is_taken(language, enterprise, tmp_path):
    command = [*language(tmp_path), enterprise.identity_secret, *PERSON]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    person, _secret = identities.verify_token(made.stdout.strip(), enterprise, timezone.now())
    assert person == identities.Person(*PERSON)
