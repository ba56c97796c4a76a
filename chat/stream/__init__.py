"""The stream: every event of an enterprise once, in an order that does not change any more.

`sequencing` gives places to what was stored, behind the chat path; `reading` reads by place, for
the API and for webhooks; `notes` is for transactions that the stream would not notice by itself.
How order and completeness hold under concurrent commits is in docs/architecture.md.
"""
