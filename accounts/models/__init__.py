"""The tables of enterprises, members, teams and what they set up: working hours, topics, greetings.
Everything may import them; they import nothing of `chat` or `kefu`."""

from .access_token import AccessToken
from .assistant import Assistant
from .attribute import Attribute
from .audit import AuditHead, AuditRow, SignInFailures
from .embeddings import Embeddings
from .endpoint import Endpoint
from .enterprise import Enterprise
from .greeting_rule import GreetingRule
from .installation import Installation
from .member import Member, new_uuid
from .own_key import OwnKey
from .provider import Provider, ProviderAccount
from .sign_in import AuthenticatorApp, MemberSession, Passkey, RecoveryCode
from .team import DEFAULT_TEAM, FormerHours, Routing, Team, TeamMember
from .topic import Topic
from .translated import Translated
