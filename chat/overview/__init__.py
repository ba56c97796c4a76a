"""What managers see first: who waits now, how today goes, what is to be set up and decided.

`now.py` reads how things stand at a moment, `today.py` counts the day so far by the definitions of
chat/reports, `setup.py` and `decisions.py` say what there is to do, and `page.py` makes the page of
it. Nothing here writes.
"""
