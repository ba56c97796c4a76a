"""The administration of enterprises, teams and members. `base` restricts managers to their own
enterprise. Importing this package registers the pages; of `chat` only `chat.admin` imports it, for
`base`."""

from . import audit, enterprises, members, single_sign_on, site, teams, tokens
