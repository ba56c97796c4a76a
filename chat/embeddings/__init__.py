"""Finds articles by meaning: vectors of texts and of questions, by a model of an endpoint or by one
on this server. A text gets them after it was published, and a search uses what is in this process's
memory, so that neither waits for a model.
"""
