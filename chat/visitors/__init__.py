"""Who a visitor is: cookie, signed identity, contact, browser, page of the site; and what is asked
before a first message. Conversations, care and posting build on it."""
