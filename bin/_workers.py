"""The server processes of bin/serve: started, watched, started again, renewed, ended.

The listening sockets are opened here, one for each process and all on the same address, and
stay open here: the kernel spreads connections over them, and while a process is being started
again its connections wait instead of being refused.
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
BACKLOG = 2048  # uvicorn's; the kernel takes no more than net.core.somaxconn
READY_WITHIN = 60  # seconds
END_WITHIN = 20  # seconds; uvicorn gives open requests 10
STEADY = 10  # seconds that a process must have served to be started again at once
LONGEST_WAIT = 30  # seconds between two starts
GIVE_UP = 5  # starts in a row that failed before everything ends


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
    """Stop if the address cannot be bound. The probe shares no port, as the listeners do."""
    with socket.socket(family_of(bind)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            stop(f"cannot listen on {bind} port {port}: {error.strerror or error}")


def family_of(bind):
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


class Process:
    """One running server process. `pipe` gives a line when it accepts, and ends with it."""

    def __init__(self, server, listener, application=APPLICATION, **options):
        self.pipe, told = os.pipe()
        words = [server, str(listener.fileno()), str(told), application]
        # A session of its own: Ctrl-C reaches it once, through us.
        self.popen = subprocess.Popen(
            [*tied_to_us(), str(PYTHON), str(ROOT / "bin" / "_worker.py"), *words],
            cwd=ROOT,
            pass_fds=(listener.fileno(), told),
            start_new_session=True,
            **options,
        )
        os.close(told)
        self.pid = self.popen.pid
        self.since = time.monotonic()  # when it was started, later: when it began to accept
        self.ready = False
        self.kill_at = self.since + READY_WITHIN  # unless it accepts before

    def hear(self):
        """Read the pipe, where something is; False when the process has ended."""
        if os.read(self.pipe, 100):
            self.ready = True
            self.since, self.kill_at = time.monotonic(), None
            return True
        os.close(self.pipe)
        self.popen.wait()
        return False

    def retire(self):
        """Tell it to end gently; END_WITHIN seconds later it is killed."""
        self.popen.terminate()
        self.kill_at = time.monotonic() + END_WITHIN

    def kill(self):
        self.popen.kill()
        self.kill_at = None

    @property
    def end(self):
        """How it ended, in words."""
        code = self.popen.returncode
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def tied_to_us():
    """Return the words before a command that end it when this process is gone."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Place:
    """What stays when a process goes: its number, its socket, and who serves there."""

    def __init__(self, number, listener):
        self.number = number
        self.name = f"worker {number}"
        self.listener = listener
        self.serving = None  # the Process that accepts
        self.coming = None  # the Process that does not accept yet
        self.start_at = None  # when the next one is to be started
        self.false_starts = 0  # processes in a row that never accepted


class Workers:
    """All server processes, and the loop that looks after them.

    `environment(number)` gives a process its variables. The pids stand in `data_dir`:
    serve.pid is this process, workers/<number>.pid the one that serves at that place.
    """

    def __init__(self, server, listeners, environment, data_dir, application=APPLICATION):
        self.server = server
        self.application = application
        self.environment = environment
        self.serve_pid = data_dir / "serve.pid"
        self.folder = data_dir / "workers"
        self.places = [Place(number, one) for number, one in enumerate(listeners, 1)]
        self.living = {}  # Process → Place
        self.to_renew = []  # places whose turn is still to come
        self.started = False
        self.terminals = [number for number in (0, 1, 2) if os.isatty(number)]
        self.selector = selectors.DefaultSelector()
        self.signals, self.wakeup = os.pipe()

    def run(self, when_ready):
        """Serve until told to stop; call `when_ready` once, when every process accepts."""
        self.catch_signals()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write(self.serve_pid, os.getpid())
        try:
            for place in self.places:
                self.start(place)
            while not self.told_to_end():
                self.keep_time()
                if not self.started and all(place.serving for place in self.places):
                    self.started = True
                    when_ready()
        finally:
            self.end()

    def catch_signals(self):
        """From here on signals are bytes in a pipe, read when their turn comes."""
        os.set_blocking(self.wakeup, False)
        signal.set_wakeup_fd(self.wakeup)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self.selector.register(self.signals, selectors.EVENT_READ)

    def start(self, place):
        place.start_at = None
        environment = self.environment(place.number)
        place.coming = process = Process(
            self.server, place.listener, self.application, env=environment
        )
        self.living[process] = place
        self.selector.register(process.pipe, selectors.EVENT_READ, process)
        if not place.serving:
            write(self.folder / f"{place.number}.pid", process.pid)

    def told_to_end(self):
        """Wait for the next event and deal with it; True when it says to end."""
        for process in self.events():
            if process is None:
                numbers = os.read(self.signals, 100)
                if signal.SIGTERM in numbers or signal.SIGINT in numbers:
                    return True
                # The hang-up of a closed terminal; otherwise somebody asks for new processes.
                if not all(os.isatty(number) for number in self.terminals):
                    return True
                if self.started:
                    self.renew_all()
            elif process.hear():
                self.take_over(process)
            else:
                self.lose(process)
        return False

    def events(self):
        """The processes that say something, None for a signal; waits until something is due."""
        due = [place.start_at for place in self.places if place.start_at is not None]
        due += [process.kill_at for process in self.living if process.kill_at is not None]
        patience = max(0, min(due) - time.monotonic()) if due else None
        return [key.data for key, _ in self.selector.select(patience)]

    def keep_time(self):
        """Start and kill what is due."""
        now = time.monotonic()
        for place in self.places:
            if place.start_at is not None and place.start_at <= now:
                self.start(place)
        for process, place in self.living.items():
            if process.kill_at is not None and process.kill_at <= now:
                late = "accept connections" if process is place.coming else "end"
                tell(f"{place.name} did not {late} in time and is killed")
                process.kill()

    def take_over(self, process):
        """A new process accepts: it serves from now on, and the one before it may go."""
        place = self.living[process]
        before, place.serving, place.coming = place.serving, process, None
        place.false_starts = 0
        write(self.folder / f"{place.number}.pid", process.pid)
        if before:
            before.retire()
        else:
            self.renew_next()

    def lose(self, process):
        """A process has ended: as it was told to, or not."""
        place = self.forget(process)
        if process is place.serving:
            place.serving = None
            self.start_again(place, process)
        elif process is not place.coming:
            self.renewed(place)
        elif place.serving:
            place.coming = None
            self.to_renew.clear()
            tell(f"the new {place.name} ended {process.end}; those that run go on")
        else:
            place.coming = None
            place.false_starts += 1
            tries = GIVE_UP if self.started else 1
            if place.false_starts >= tries:
                times = f" {tries} times in a row" if tries > 1 else ""
                reason = f"{place.name} ended {process.end} before it accepted connections{times}"
                stop(f"{reason}; why stands above")
            self.start_again(place, process)

    def forget(self, process):
        self.selector.unregister(process.pipe)
        return self.living.pop(process)

    def start_again(self, place, process):
        """Start another, later if this one was short of life."""
        wait = 0
        if place.false_starts:
            wait = min(2**place.false_starts, LONGEST_WAIT)
        elif time.monotonic() - process.since < STEADY:
            wait = 1
        when = f" in {wait} s" if wait else ""
        tell(f"{place.name} (pid {process.pid}) ended {process.end}; starting it again{when}")
        if not place.coming:
            place.start_at = time.monotonic() + wait

    def renew_all(self):
        """Give every place a new process, one after the other."""
        tell("renewing every worker, one after the other")
        self.to_renew = list(self.places)
        self.renew_next()

    def renew_next(self):
        """Begin with the next place, unless somewhere a process is missing, coming or going."""
        settled = len(self.living) == len(self.places) and all(
            place.serving for place in self.places
        )
        if self.to_renew and settled:
            self.start(self.to_renew.pop(0))

    def renewed(self, place):
        """The old process of a place has gone, and the new one serves unless it died as well."""
        if place.serving:
            tell(f"{place.name} is renewed (pid {place.serving.pid})")
        self.renew_next()

    def end(self):
        """End all processes: gently, and after END_WITHIN or at a second signal at once."""
        for place in self.places:
            place.start_at = None  # Nobody would end what is started from here on.
        for process in self.living:
            process.retire()
        while self.living:
            for process in self.events():
                if process is None:
                    os.read(self.signals, 100)
                    for each in self.living:
                        each.kill()
                elif not process.hear():
                    self.forget(process)
            self.keep_time()
        for path in (self.serve_pid, *self.folder.glob("*.pid")):
            path.unlink(missing_ok=True)


def tell(text):
    """Say it, if anybody still listens: a closed pipe must not end the service."""
    with contextlib.suppress(OSError):
        say(text)


def write(path, pid):
    """Write a pid so that a reader never finds half of it, nor two writers each other's draft."""
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_text(f"{pid}\n")
    draft.replace(path)
