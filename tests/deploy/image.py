"""The image of deploy/Dockerfile, built and started without a Docker engine and without a registry:
buildah builds it from a Debian that debootstrap makes, namespaces and a chroot start it."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.plugins.services import PATH, free_port

ROOT = Path(__file__).resolve().parents[2]
BASE = "docker.io/library/debian:trixie-slim"
NETAVARK = "/usr/lib/podman/netavark"
"""A part of buildah that Debian only recommends."""
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
NEEDLESS = ("doc", "info", "locale", "man")
"""Folders of /usr/share that the slim image does not have."""
RUN = """set -e
mount --bind {root} {root}
mount -o remount,bind,ro {root}
mount --bind {volume} {root}/data
mount -t tmpfs tmpfs {root}/tmp
mount -t proc proc {root}/proc
mount --rbind /dev {root}/dev
exec env -i {environment} chroot --userspec={user} {root} sh -c 'cd {folder} && exec {command}'
"""


def obstacle() -> str:
    """Why no image can be built here, or nothing."""
    if os.geteuid() != 0:
        return "building an image needs root"
    packages = {"buildah": "buildah", "debootstrap": "debootstrap", "netavark": NETAVARK}
    missing = [name for name, word in packages.items() if not shutil.which(word, path=PATH)]
    return f"apt-get install {' '.join(missing)}" if missing else ""


class Images:
    """buildah with a store of its own in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder

    def buildah(self, *words, **options) -> str:
        store = ["--root", self.folder / "store", "--runroot", self.folder / "run"]
        command = ["buildah", *store, "--storage-driver", "vfs", *words]
        environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, **options)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout.strip()

    def make_base(self) -> None:
        """Debian's slim image, with what this machine needs to reach its packages."""
        root = self.folder / "base"
        command = ["debootstrap", "--variant=minbase", "trixie", root]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        left_out = [root / "usr/share" / name for name in NEEDLESS]
        for path in (*left_out, root / "var/cache/apt", root / "var/lib/apt/lists"):
            shutil.rmtree(path)
        text = "".join(f"path-exclude /usr/share/{name}/*\n" for name in NEEDLESS)
        (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(text)
        shutil.copytree("/etc/apt/apt.conf.d", root / "etc/apt/apt.conf.d", dirs_exist_ok=True)
        if Path("/etc/pip.conf").exists():
            text = Path("/etc/pip.conf").read_text().replace(CERTIFICATES, "/etc/machine.crt")
            (root / "etc/pip.conf").write_text(text)
            shutil.copy(CERTIFICATES, root / "etc/machine.crt")
        container = self.buildah("from", "scratch")
        self.buildah("add", "-q", container, root, "/")
        self.buildah("commit", "-q", "--rm", container, BASE)
        shutil.rmtree(root)

    def build(self, name: str, dockerfile: Path, context: Path) -> None:
        limits = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=90000:90000"]
        words = ["--pull-never", "--format", "docker", *limits, "-t", name, "-f", dockerfile]
        self.buildah("bud", *words, context)

    def size(self, name: str) -> float:
        """In megabytes."""
        number, unit = self.buildah("images", "--format", "{{.Size}}", name).split()
        return float(number) * {"MB": 1, "GB": 1000}[unit]

    def settings(self, name: str) -> dict:
        found = json.loads(self.buildah("inspect", "--type", "image", name))
        return found["Docker"]["config"]

    def remove(self) -> None:
        """All of them: they are gigabytes, and pytest keeps the folders of three runs."""
        self.buildah("rm", "--all")
        shutil.rmtree(self.folder)


class House:
    """A container: its root is read-only, its network is ours, and its process is the first."""

    def __init__(self, images: Images, name: str, volume: Path):
        self.settings = images.settings(name)
        self.root = images.buildah("mount", images.buildah("from", "--pull-never", name))
        self.volume = volume
        self.port = free_port()

    @contextlib.contextmanager
    def started(self, **environment):
        """The house, ready."""
        settings = [*self.settings["Env"], f"PORT={self.port}"]
        settings += [f"{name}={value}" for name, value in environment.items()]
        script = RUN.format(
            root=self.root,
            volume=self.volume,
            environment=" ".join(settings),
            user=self.settings["User"],
            folder=self.settings["WorkingDir"],
            command=" ".join(self.settings["Entrypoint"]),
        )
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(words, text=True, **pipes)
        try:
            lines = []
            while not (lines and lines[-1].startswith("ready ")):
                lines.append(self.process.stdout.readline())
                assert lines[-1], "".join(lines)
            yield self
        finally:
            self.process.kill()
            self.process.communicate()

    @property
    def pid(self) -> int:
        """Of the container's first process."""
        parent = self.process.pid
        return int(Path(f"/proc/{parent}/task/{parent}/children").read_text())

    @property
    def user(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"Uid:\s+(\d+)", status)[1])

    def end(self, number: int) -> int:
        """What becomes of the first process by a signal: its exit code."""
        os.kill(self.pid, number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def is_healthy(self) -> bool:
        command = self.settings["Healthcheck"]["Test"][1:]
        done = subprocess.run(
            command, env={**os.environ, "PORT": str(self.port)}, capture_output=True
        )
        return done.returncode == 0
