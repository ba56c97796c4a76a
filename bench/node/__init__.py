"""The batched Node chat (server.mjs): its program, and where its packages are.

bin/bench has npm install what package-lock.json names, and copies server.mjs beside it. It uses the
standard library only: bin/bench imports it before it installs packages.
"""

import shutil
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
NPM = ("bench/node/package.json", "bench/node/package-lock.json")
SERVER = HERE / "server.mjs"


def packages(folder: Path) -> Path:
    """Where the packages are, in the folder of bin/bench."""
    return folder / "node"


def is_installed(folder: Path) -> bool:
    """Whether npm has installed there what package-lock.json names now. npm writes a list of what
    it has installed last."""
    done = packages(folder) / "node_modules" / ".package-lock.json"
    lock = packages(folder) / "package-lock.json"
    wanted = HERE / "package-lock.json"
    return done.exists() and lock.exists() and lock.read_bytes() == wanted.read_bytes()


def program(library: str = sysconfig.get_path("purelib")) -> str | None:
    """The node that Playwright brings, which is the same version everywhere, or that of the
    machine; None without one. `library` is where Python's packages are."""
    brought = Path(library) / "playwright" / "driver" / "node"
    return str(brought) if brought.exists() else shutil.which("node")


def command(folder: Path, port: int) -> list[str]:
    """The command that serves on a port. Node finds packages beside the file that it runs, so that
    file is a copy beside them."""
    copy = shutil.copy(SERVER, packages(folder))
    return [program(), copy, str(port)]
