"""Pages, forms that work without JavaScript, and JSON by HTTP. Only urls.py imports them, and
kefu/limits.py for its refusals."""
