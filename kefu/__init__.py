"""The site: settings, addresses, the ASGI application, middleware, monitoring and the doctor. It
mounts `accounts` and `chat`, which import nothing of it but `kefu.drawing`."""
