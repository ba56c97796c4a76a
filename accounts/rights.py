"""Who may what: the one table of the rights that a role gives within the member's enterprise.

Further rights come from elsewhere: a seat lets a member read and answer its conversation
(chat/ledger/access.py), a place as leader lets them see the reports of that team, change its
canned replies and quick questions, and act on several conversations at once, and a superuser
administers all enterprises. docs/protocol.md repeats the table.
"""

SETTINGS = "settings"
"""The administration of the enterprise: members, teams, settings."""
LEAD = "lead"
"""To act in every conversation of the enterprise without a seat."""
READ_ALL = "read all"
"""To read every conversation of the enterprise without a seat."""
SEVERAL = "several"
"""To close or transfer several conversations at once, each as if it were alone."""
WORKSPACE = "workspace"
"""The workspace: its pages, and to be a colleague to whom conversations are given."""
SEAT = "seat"
"""Places in teams, and with them seats in conversations."""
REPORTS = "reports"
"""The reports of the enterprise."""
LIVE = "live"
"""The live view, and to change the state of a colleague."""
CONTACTS = "contacts"
"""Contact data of visitors where the enterprise hides it from agents; others ask for it, one
visitor at a time, and the audit has that."""
NAMES = "names"
"""Names of members and visitors in reports, and what visitors wrote to a rating."""
ARTICLES = "articles"
"""To write articles as drafts, and to read what is not public of them."""
PUBLISH = "publish"
"""To publish, withdraw and remove articles; leaders of teams may, too."""

MANAGER, AGENT, BOT, SUPERVISOR, ANALYST, SERVICE = range(1, 7)
"""The values of `Member.Role`, which cannot be imported here."""
PROGRAMS = (BOT, SERVICE)
"""The roles of programs. They have access tokens instead of a password, and count nowhere as
people: nobody sees them online, and no visitor waits for them."""
OF_PEOPLE = {"agent": AGENT, "manager": MANAGER, "supervisor": SUPERVISOR, "analyst": ANALYST}
"""The other roles, as commands and the lines of providers name them."""

OF_ROLE = {
    MANAGER: frozenset(
        (
            *(SETTINGS, LEAD, READ_ALL, SEVERAL, WORKSPACE, SEAT, REPORTS, LIVE, NAMES),
            *(CONTACTS, ARTICLES, PUBLISH),
        ),
    ),
    SUPERVISOR: frozenset(
        (READ_ALL, SEVERAL, WORKSPACE, SEAT, REPORTS, LIVE, NAMES, CONTACTS, ARTICLES, PUBLISH),
    ),
    ANALYST: frozenset((REPORTS,)),
    AGENT: frozenset((WORKSPACE, SEAT, ARTICLES)),
    BOT: frozenset((SEAT,)),
    SERVICE: frozenset((LEAD, READ_ALL, REPORTS, NAMES, CONTACTS)),
}
"""The rights of each role; a role that is missing has none."""


def roles_with(right: str) -> list[int]:
    return [role for role, has in OF_ROLE.items() if right in has]
