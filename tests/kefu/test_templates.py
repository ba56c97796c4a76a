"""Templates that can be read in an editor."""

from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LONGEST_LINE = 160


@pytest.mark.once
def test_no_line_of_a_template_is_too_long_to_be_read():
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert len(files) > 60
    too_long = [
        f"{path.relative_to(TEMPLATES)}:{number}: {len(line)} characters"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert too_long == []
