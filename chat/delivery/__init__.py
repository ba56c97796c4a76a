"""From a commit to the sockets: events and their recipients.

`announce` decides them, `hub`, `bus` and `outbox` send to the sockets of all processes.
"""
