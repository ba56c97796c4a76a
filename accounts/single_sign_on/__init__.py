"""Single sign-on: members sign in at their enterprise's own provider, by OpenID Connect or by
企业微信, 钉钉 or 飞书.

This is its only door. `begin` tells where to send a browser, `finish` what the provider says of who
came back, `member_of` which member that is; `sessions_meant` takes the provider's word that
somebody signed out there. Whatever does not fit raises `Refused` with a sentence for the person.
`record` keeps why somebody was refused. `read_roles` checks how roles are written, `is_safe` an
issuer. `has_access` tells whether claims give a role.

accounts/directory/ asks directories (LDAP), whose claims `member_of` takes, too.
"""

from .calls import is_safe
from .errors import Refused
from .flow import begin, finish, sessions_meant, sid_of
from .mapping import has_access, read_roles
from .people import member_of
from .refusals import record
