"""Webhooks: an enterprise has its events sent to its own programs, by Standard Webhooks 1.0.

`hooks` makes and changes them; `deliveries` holds what is to be sent, in order and until it has
arrived; `dispatcher` sends it, `trials` a test for which somebody waits; `recovery` does what
follows for the whole webhook; `addresses` and `sender` reach no place that they must not reach;
`logs` keeps what was erased out of the answers. docs/webhooks.md shows what receivers get.
"""
