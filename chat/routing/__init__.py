"""Who gets a conversation in which a visitor waits.

`decision` decides, from facts and without a database; `facts` reads these, and `live` carries the
decision out in a transaction of its own. `background` runs it, `signals` wakes it, and the command
`routing_replay` asks `decision` about stored conversations. It knows nothing of posting: whatever
makes a decision possible is stored before.
"""
