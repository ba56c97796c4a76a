"""Pages and JSON over HTTP.

One module for each page or group of addresses, also for forms that work without JavaScript. Only
`chat/urls.py` imports the views, and `kefu/limits.py` for its refusals.
"""
