"""A database backend for MySQL and MariaDB; see base.py and schema.py."""
