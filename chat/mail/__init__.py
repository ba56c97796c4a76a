"""Reminders, answers by mail.

What is due, and the jobs that send each mail at least once. Background tasks import this package,
and conversations where they change what is due.
"""
