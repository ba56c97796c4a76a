"""A whole enterprise as one file, and back: to move it to another installation.

`tables` says of every table whether it goes along; a test fails for one that it does not know.
`export` writes the file and `load` reads it into an installation that does not know the enterprise;
both refuse with `Unusable`. The file is described in docs/portability.md.
"""

from .form import Unusable
from .importer import load
from .writer import export
