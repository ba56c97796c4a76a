"""Pages, forms that work without JavaScript, and JSON by HTTP. `refusals.py` turns `Refused` into
responses. Only urls.py imports the views; kefu/limits.py imports `refusals.py`."""
