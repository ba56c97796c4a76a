"""The assistant: a model answers from published articles, with proof, until people do.

`assistants.py` is its door: who it is, and how it is set up. `answering.py` takes one question from
the conversation to its end, which `ending.py` stores; `requests.py` makes the request,
`endpoint.py` sends it, and `checking.py` leaves of the reply what articles prove. Nothing that a
model writes does anything: it has no tools, and what it says is text.
"""
