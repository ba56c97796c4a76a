"""Knowledge: articles, and how they are found.

`articles.py` is the one way to write, publish and remove an article. `index.py` keeps the words of
what is published for `search.py`, in the transaction that publishes; `tokens.py` has how texts
become words. `uses.py` stores what readers do with articles. `markup.py` makes a tree of a body's
Markdown, which pages show (`chat/templatetags/articles.py`); `pictures.py` stores the pictures in
it. `files.py` imports and exports a folder. `listing.py` and `differences.py` are for those who
write, `centre.py` is for the help centre, `beside.py` for the chat, `figures.py` and `missing.py`
for reports; `excerpts.py` and `frequency.py` are parts of the search. The tables stand in
`chat/models/knowledge.py`.
"""
