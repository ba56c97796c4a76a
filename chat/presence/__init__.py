"""Who is connected, who waits.

Leases of connected people, the line of waiting visitors, and teams where visitors wait and no
agent is there. Delivery and everything above it may import this package.
"""
