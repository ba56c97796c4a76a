"""The consumers: who is it, parse a frame, call one function, relay its answer. Nothing imports
them but kefu/asgi.py."""
