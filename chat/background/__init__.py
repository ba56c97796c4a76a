"""Upkeep and periodic tasks.

`upkeep` ticks every three seconds, `periodic` runs what may take longer, `sampler` takes metrics
and `revocation` ends access. Sockets and views import this package.
"""
