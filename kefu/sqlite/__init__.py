"""A database backend for SQLite; see base.py."""
