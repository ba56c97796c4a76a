"""Keeps the threads on which Django answers pages, each with its connection to the database.

Under ASGI Django answers each request on a thread that is made for it and ends with it, and with it
its connection. Opening one took about as long as all that a page asks of the database.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.db import connections

KEPT = 4
"""Threads that wait for a request, with a connection each. Requests at the same time have as many
as they need; those beyond these end."""


class OnThread(ThreadSensitiveContext):
    """Runs what Django calls without `await` on a given thread, which stays."""

    def __init__(self, thread: ThreadPoolExecutor):
        super().__init__()
        self.thread = thread

    async def __aenter__(self):
        await super().__aenter__()
        SyncToAsync.context_to_thread_executor[self] = self.thread
        return self

    async def __aexit__(self, exc, value, tb):
        SyncToAsync.context_to_thread_executor.pop(self, None)
        await super().__aexit__(exc, value, tb)


class KeepThreads:
    """ASGI middleware: has the application answer on a thread that is kept."""

    def __init__(self, inner):
        self.inner = inner
        self.idle: list[ThreadPoolExecutor] = []
        self.lock = threading.Lock()

    async def __call__(self, scope, receive, send):
        thread = self.idle.pop() if self.idle else ThreadPoolExecutor(1, "kefu-page")
        try:
            async with OnThread(thread):
                await self.inner(scope, receive, send)
        finally:
            # The view of a client who has gone may still run.
            thread.submit(self.free, thread)

    def free(self, thread: ThreadPoolExecutor) -> None:
        """Called on the thread, once nothing else runs there any more."""
        with self.lock:
            if len(self.idle) < KEPT:
                self.idle.append(thread)
                return
        connections.close_all()
        thread.shutdown(wait=False)
