"""Other ways than the page by which visitors write and are answered.

What is the same for all of them stands here: things come in once (arrivals, incoming), messages go
out in order (deliveries), one process serves each channel (health). A folder is an adapter, which
knows one other side (contract.Adapter); `kinds` lists them, `setup` adds and changes channels.
"""
