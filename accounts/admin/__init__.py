"""The administration of enterprises, teams and members: a page for each, `base` keeps each manager
within the own enterprise. Importing this registers the pages; `chat.admin` builds on `base`."""

from . import enterprises, members, site, teams

__all__ = ["enterprises", "members", "site", "teams"]
