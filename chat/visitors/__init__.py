"""Who a visitor is.

Cookie, signed identity, contact, browser, the page they look at, and what is asked before a first
message. Conversations, care and posting import this package.
"""
