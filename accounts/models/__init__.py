"""Enterprises, their members and teams. This app knows nothing of chats."""

from .enterprise import Enterprise
from .greeting_rule import GreetingRule
from .member import Member, new_uuid
from .team import DEFAULT_TEAM, Team, TeamMember
from .topic import Topic

__all__ = [
    "DEFAULT_TEAM",
    "Enterprise",
    "GreetingRule",
    "Member",
    "Team",
    "TeamMember",
    "Topic",
    "new_uuid",
]
