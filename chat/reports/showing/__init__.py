"""Answers to what is asked of reports: a question, the figures and rows of its period, split and
listed."""
