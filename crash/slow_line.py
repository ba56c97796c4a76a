"""A line that delays and loses packets: `python -m crash.slow_line NAME DELAY JITTER LOSS`, times
in seconds. network.py starts it, inside the router.

The kernel gives it the packets that are routed to the device NAME, and it gives them back, in
their order. Kernels that have tc's netem could do the same; many of virtual machines have not.
The device ends with this process.
"""

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque
from random import Random

SET_NAME, PLAIN_PACKETS = 0x400454CA, 0x0001 | 0x1000
"""TUNSETIFF, and its flags IFF_TUN and IFF_NO_PI."""
LARGEST = 2**16


def main(name: str, *numbers: str) -> None:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, SET_NAME, struct.pack("16sH22x", name.encode(), PLAIN_PACKETS))
    print("ready", flush=True)
    forward(device, *map(float, numbers))


def forward(device: int, delay: float, jitter: float, loss: float) -> None:
    """Forwards for ever."""
    chance, held, last = Random(), deque(), 0.0
    while True:
        patience = max(0.0, held[0][0] - time.monotonic()) if held else None
        readable, _, _ = select.select([device], [], [], patience)
        if readable:
            packet = os.read(device, LARGEST)
            if chance.random() >= loss:
                due = time.monotonic() + delay + chance.uniform(-jitter, jitter)
                last = max(last, due)
                held.append((last, packet))
        while held and held[0][0] <= time.monotonic():
            os.write(device, held.popleft()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
