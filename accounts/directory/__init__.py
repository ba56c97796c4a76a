"""The directory of an enterprise (LDAP): members sign in on our own pages with the password that
they have there.

This is its only door. `who` tells what the directory says of somebody whose password it accepts,
in the form of a provider's claims, so that `single_sign_on.member_of` finds the member;
`of_enterprise` tells whose directory is asked. `check_server`, `check_filter`, `check_authorities`
and `is_loopback` are for the form that sets it up, and `answers` tries it. `look_after` ends the
sessions of those whom the directory has locked or no longer has. `Away` is raised where it does
not answer.
"""

from .checks import check_authorities, check_filter, check_server, is_loopback
from .errors import Away
from .lookup import answers, of_enterprise, who
from .upkeep import look_after
