"""Who may what: the one table of the rights that a role gives within the member's enterprise.

Further rights come from elsewhere: a seat lets a member read and answer its conversation
(chat/delivery/access.py), a place as leader lets them see the reports of that team and act on
several conversations at once, and a superuser administers all enterprises. docs/protocol.md repeats
the table.
"""

SETTINGS = "settings"
"""The administration of the enterprise: members, teams, settings."""
LEAD = "lead"
"""To act in every conversation of the enterprise without a seat."""
READ_ALL = "read all"
"""To read every conversation of the enterprise without a seat."""
SEVERAL = "several"
"""To close or hand on several conversations at once, each as if it were alone."""
WORKSPACE = "workspace"
"""The workspace, and places in teams."""
REPORTS = "reports"
"""The reports of the enterprise."""
LIVE = "live"
"""The live view, and to change the state of a colleague."""
NAMES = "names"
"""Names of members and visitors in reports, and what visitors wrote to a rating."""

MANAGER, AGENT, SUPERVISOR, ANALYST = 1, 2, 4, 5
"""The values of `Member.Role`, which cannot be imported here."""

OF_ROLE = {
    MANAGER: frozenset(
        (SETTINGS, LEAD, READ_ALL, SEVERAL, WORKSPACE, REPORTS, LIVE, NAMES),
    ),
    SUPERVISOR: frozenset((READ_ALL, SEVERAL, WORKSPACE, REPORTS, LIVE, NAMES)),
    ANALYST: frozenset((REPORTS,)),
    AGENT: frozenset((WORKSPACE,)),
}
"""The rights of each role; a role that is missing has none."""


def roles_with(right: str) -> list[int]:
    return [role for role, has in OF_ROLE.items() if right in has]
