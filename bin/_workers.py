"""The server processes of bin/serve: starts, watches, restarts, renews and ends them.

This process opens the listening sockets, one for each server process, all on the same address. The
kernel distributes connections over them. The sockets stay open here, so while a server process is
restarted its connections wait instead of being refused.
"""

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import time

from _bootstrap import PYTHON, ROOT, say, stop

APPLICATION = "kefu.asgi:application"
BACKLOG = 2048  # as in uvicorn; the kernel's limit is net.core.somaxconn
READY_TIMEOUT = 60  # seconds until a new process accepts connections
STOP_TIMEOUT = 20  # seconds until a process is killed; uvicorn gives open requests 10
STEADY_AFTER = 10  # seconds of serving after which a process is restarted without delay
MAX_RESTART_DELAY = 30  # seconds between two starts of a slot
MAX_FAILED_STARTS = 5  # in a row, before bin/serve gives up


def open_listeners(bind, port, count):
    """Return `count` sockets listening on one address; stop if it is taken."""
    check_address_is_free(bind, port)
    family = family_of(bind)
    listeners = []
    for _ in range(count):
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if count > 1:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((bind, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
        listeners.append(listener)
    return listeners


def check_address_is_free(bind, port):
    """Stop if the address cannot be bound. Unlike the listeners, the probe does not share its
    port."""
    with socket.socket(family_of(bind)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            stop(f"cannot listen on {bind} port {port}: {error.strerror or error}")


def family_of(bind):
    """Return the address family of an IP address."""
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


class Process:
    """A running server process. It writes a line to `pipe` when it accepts connections, and the
    pipe is closed when the process ends."""

    def __init__(self, server, listener, application=APPLICATION, **options):
        self.pipe, ready = os.pipe()
        words = [server, str(listener.fileno()), str(ready), application]
        # In a session of its own, so that Ctrl-C does not reach it directly.
        self.popen = subprocess.Popen(
            [*end_with_parent(), str(PYTHON), str(ROOT / "bin" / "_worker.py"), *words],
            cwd=ROOT,
            pass_fds=(listener.fileno(), ready),
            start_new_session=True,
            **options,
        )
        os.close(ready)
        self.pid = self.popen.pid
        self.since = time.monotonic()  # when it was started, later when it began to accept
        self.ready = False
        self.kill_at = self.since + READY_TIMEOUT  # None once it accepts

    def read_ready(self):
        """Read from the pipe. Return True if the process accepts now, False if it has ended."""
        if os.read(self.pipe, 100):
            self.ready = True
            self.since, self.kill_at = time.monotonic(), None
            return True
        os.close(self.pipe)
        self.popen.wait()
        return False

    def retire(self):
        """Send SIGTERM; after STOP_TIMEOUT the process is killed."""
        self.popen.terminate()
        self.kill_at = time.monotonic() + STOP_TIMEOUT

    def kill(self):
        self.popen.kill()
        self.kill_at = None

    @property
    def outcome(self):
        """How the process ended, as a phrase."""
        code = self.popen.returncode
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def end_with_parent():
    """Return the prefix of a command that makes the kernel end it together with this process."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Slot:
    """The number and the socket of a server process, which its successors inherit."""

    def __init__(self, number, listener):
        self.number = number
        self.name = f"worker {number}"
        self.listener = listener
        self.serving = None  # the Process that accepts
        self.coming = None  # the Process that does not accept yet
        self.start_at = None  # when to start the next one
        self.failed_starts = 0  # processes in a row that ended before they accepted


class Workers:
    """All server processes, and the loop that watches them.

    `environment(number)` returns the environment of the process in that slot. `data_dir` gets the
    pids: serve.pid of this process, workers/<number>.pid of the process that serves in the slot.
    """

    def __init__(self, server, listeners, environment, data_dir, application=APPLICATION):
        self.server = server
        self.application = application
        self.environment = environment
        self.serve_pid = data_dir / "serve.pid"
        self.folder = data_dir / "workers"
        self.slots = [Slot(number, one) for number, one in enumerate(listeners, 1)]
        self.running = {}  # {Process: Slot}
        self.to_renew = []  # slots that still get a new process
        self.started = False
        self.terminals = [number for number in (0, 1, 2) if os.isatty(number)]
        self.selector = selectors.DefaultSelector()
        self.signals, self.wakeup = os.pipe()

    def run(self, when_ready):
        """Serve until a signal ends it; call `when_ready` once, when every process accepts."""
        self.catch_signals()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write_pid(self.serve_pid, os.getpid())
        try:
            for slot in self.slots:
                self.start(slot)
            while not self.handle_events():
                self.handle_deadlines()
                if not self.started and all(slot.serving for slot in self.slots):
                    self.started = True
                    when_ready()
        finally:
            self.stop_all()

    def catch_signals(self):
        """Write signals to a pipe from now on, which the loop reads."""
        os.set_blocking(self.wakeup, False)
        signal.set_wakeup_fd(self.wakeup)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self.selector.register(self.signals, selectors.EVENT_READ)

    def start(self, slot):
        slot.start_at = None
        environment = self.environment(slot.number)
        slot.coming = process = Process(
            self.server, slot.listener, self.application, env=environment
        )
        self.running[process] = slot
        self.selector.register(process.pipe, selectors.EVENT_READ, process)
        if not slot.serving:
            write_pid(self.folder / f"{slot.number}.pid", process.pid)

    def handle_events(self):
        """Wait for events and handle them; return True if one says to end."""
        for process in self.events():
            if process is None:
                numbers = os.read(self.signals, 100)
                if signal.SIGTERM in numbers or signal.SIGINT in numbers:
                    return True
                # SIGHUP means that the terminal was closed, or asks for new processes.
                if not all(os.isatty(number) for number in self.terminals):
                    return True
                if self.started:
                    self.renew_all()
            elif process.read_ready():
                self.promote(process)
            else:
                self.handle_end(process)
        return False

    def events(self):
        """Wait for the next event or deadline; return the processes with an event, None for a
        signal."""
        due = [slot.start_at for slot in self.slots if slot.start_at is not None]
        due += [process.kill_at for process in self.running if process.kill_at is not None]
        patience = max(0, min(due) - time.monotonic()) if due else None
        return [key.data for key, _ in self.selector.select(patience)]

    def handle_deadlines(self):
        """Start and kill processes whose time has come."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.start_at is not None and slot.start_at <= now:
                self.start(slot)
        for process, slot in self.running.items():
            if process.kill_at is not None and process.kill_at <= now:
                late = "accept connections" if process is slot.coming else "end"
                load = f"the load of this machine is {os.getloadavg()[0]:.1f}"
                say_if_heard(f"{slot.name} did not {late} in time ({load}) and is killed")
                process.kill()

    def promote(self, process):
        """Let a process that accepts now serve in its slot, and retire the one before it."""
        slot = self.running[process]
        before, slot.serving, slot.coming = slot.serving, process, None
        slot.failed_starts = 0
        write_pid(self.folder / f"{slot.number}.pid", process.pid)
        if before:
            before.retire()
        else:
            self.renew_next()

    def handle_end(self, process):
        """Handle the end of a process: of a retired one, the one that served, or a new one."""
        slot = self.forget(process)
        if process is slot.serving:
            slot.serving = None
            self.restart(slot, process)
        elif process is not slot.coming:
            self.finish_renewal(slot)
        elif slot.serving:
            slot.coming = None
            self.to_renew.clear()
            say_if_heard(f"the new {slot.name} ended {process.outcome}; those that run go on")
        else:
            slot.coming = None
            slot.failed_starts += 1
            tries = MAX_FAILED_STARTS if self.started else 1
            if slot.failed_starts >= tries:
                times = f" {tries} times in a row" if tries > 1 else ""
                reason = (
                    f"{slot.name} ended {process.outcome} before it accepted connections{times}"
                )
                stop(f"{reason}; why stands above")
            self.restart(slot, process)

    def forget(self, process):
        self.selector.unregister(process.pipe)
        return self.running.pop(process)

    def restart(self, slot, process):
        """Start another process, after a delay if this one did not serve for long."""
        wait = 0
        if slot.failed_starts:
            wait = min(2**slot.failed_starts, MAX_RESTART_DELAY)
        elif time.monotonic() - process.since < STEADY_AFTER:
            wait = 1
        when = f" in {wait} s" if wait else ""
        say_if_heard(
            f"{slot.name} (pid {process.pid}) ended {process.outcome}; starting it again{when}"
        )
        if not slot.coming:
            slot.start_at = time.monotonic() + wait

    def renew_all(self):
        """Give every slot a new process, one slot after the other."""
        say_if_heard("renewing every worker, one after the other")
        self.to_renew = list(self.slots)
        self.renew_next()

    def renew_next(self):
        """Begin with the next slot, if exactly one process runs in every slot."""
        settled = len(self.running) == len(self.slots) and all(slot.serving for slot in self.slots)
        if self.to_renew and settled:
            self.start(self.to_renew.pop(0))

    def finish_renewal(self, slot):
        """Report a renewed slot whose old process has ended, and go on with the next."""
        if slot.serving:
            say_if_heard(f"{slot.name} is renewed (pid {slot.serving.pid})")
        self.renew_next()

    def stop_all(self):
        """End all processes by SIGTERM. Kill them after STOP_TIMEOUT, or at a Ctrl-C meanwhile: a
        second SIGTERM is not impatience, GNU timeout always sends two."""
        for slot in self.slots:
            slot.start_at = None  # A process that is started now would not be ended.
        for process in self.running:
            process.retire()
        for slot in self.slots:
            slot.listener.close()  # Whoever connects now is refused at once, and not at the end.
        while self.running:
            for process in self.events():
                if process is None:
                    numbers = os.read(self.signals, 100)
                    for each in self.running if signal.SIGINT in numbers else ():
                        each.kill()
                elif not process.read_ready():
                    self.forget(process)
            self.handle_deadlines()
        for path in (self.serve_pid, *self.folder.glob("*.pid")):
            path.unlink(missing_ok=True)


def say_if_heard(text):
    """Print a line; ignore a closed pipe, which must not end the service."""
    with contextlib.suppress(OSError):
        say(text)


def write_pid(path, pid):
    """Write a pid file in one step, so that no reader finds half a pid. On a full disk it stays as
    it is, which must not end the service."""
    draft = path.with_suffix(f".{os.getpid()}.new")
    with contextlib.suppress(OSError):
        draft.write_text(f"{pid}\n")
        draft.replace(path)
