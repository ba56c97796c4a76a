"""From a form to a commit.

The queue (`writer`), the transaction (`batches`), agents' actions and uploads. Sockets, views and
background tasks import this package.
"""
