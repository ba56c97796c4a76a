"""The WebSocket consumers.

A consumer finds out who connects, parses each frame, calls one function and sends its answer.
`kefu/asgi.py` imports them; the views import `hello` for what a page needs at once.
"""
