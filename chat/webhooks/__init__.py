"""Webhooks: an enterprise has its events sent to its own programs, by Standard Webhooks 1.0.

`hooks` makes and changes them; `deliveries` holds what is to be sent, in order and until it has
arrived; `dispatching` sends it; `addresses` and `sending` reach no place that they must not reach;
`logs` keeps what was erased out of the answers. docs/webhooks.md tells what receivers get.
"""
