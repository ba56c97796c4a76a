"""The tables of enterprises, teams and members, in place of the migrations in FORMER.

Columns stand in the order in which those added them, so that a new database has the same tables as
one that was upgraded.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import migrations, models
from django.db.models import CASCADE, PROTECT, SET_NULL
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.enterprise import new_secret, validate_sites
from accounts.models.member import new_uuid

FORMER = """
    0001_initial 0002_team_target 0003_greetings 0004_member_busy 0005_team_mails
    0006_widget 0007_team_hours 0008_identity 0009_before_the_chat 0010_team_closings
    0011_draft_preview 0012_privacy 0013_topics 0014_left_mailed_at 0015_hold
    0016_proactive 0017_challenge 0018_wording 0019_brand 0020_routing 0021_inbox_view
    0022_texts 0023_opens_next 0024_answering_claims 0025_texts_default 0026_reports
    0027_setup_progress 0028_next_seconds 0029_inbox_order 0030_audit 0031_access_tokens
    0032_two_steps 0033_bots 0034_installation 0035_team_retention 0036_hide_contacts
    0037_second_factor_roles 0038_passkeys 0039_single_sign_on 0040_wrong_codes
    0041_directories 0042_vendors
"""
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
IN_ADDRESS = RegexValidator("^[a-z0-9][a-z0-9_-]*\\Z", "Lower-case letters, digits, - and _ only, beginning with a letter or digit.")
COLOUR = RegexValidator("^#[0-9a-fA-F]{6}\\Z", "A colour such as #1f6feb.")
ASK = [(0, "do not ask"), (1, "ask, may be left empty"), (2, "ask, must be given")]
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
ROLES = [(1, "manager"), (2, "agent"), (3, "bot"), (4, "supervisor"), (5, "analyst"), (6, "service account")]


def begin_the_audit(apps, schema_editor):
    """The chain of what belongs to no enterprise: a missing head is a removed one, so it begins
    with one. An enterprise gets its own when it is created."""
    apps.get_model("accounts", "AuditHead").objects.create(chain=0)


class Migration(migrations.Migration):
    initial = True
    replaces = [("accounts", name) for name in FORMER.split()]
    dependencies = []

    operations = [
        # Enterprises, teams and members.
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                ID,
                ("code", models.CharField(help_text="Part of the chat page's address; cannot be changed later.", max_length=100, unique=True, validators=[IN_ADDRESS], verbose_name="code")),
                ("name", models.CharField(max_length=125, verbose_name="name")),
                ("status", models.SmallIntegerField(choices=[(0, "open"), (1, "closed")], default=0, help_text="The chat page and the workspace of a closed enterprise are unavailable immediately.", verbose_name="status")),
                ("accent", models.CharField(default="#1f6feb", help_text="Buttons, links and the visitor's own messages on the chat page.", max_length=7, validators=[COLOUR], verbose_name="accent colour")),
                ("sites", models.TextField(blank=True, default="", help_text="Sites that may embed the chat, one per line, such as https://www.example.com", validators=[validate_sites], verbose_name="sites")),
                ("identity_secret", models.CharField(default=new_secret, editable=False, max_length=64)),
                ("retention_days", models.PositiveIntegerField(blank=True, help_text="In closed conversations, everything older is erased permanently, including files; so are visitors who have not come back for that long. This cannot be undone. If empty, everything is kept until somebody erases it.", null=True, validators=[MinValueValidator(1), MaxValueValidator(3650)], verbose_name="keep conversations for")),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False, verbose_name="created")),
                ("widget_label", models.CharField(blank=True, db_default="", default="", help_text="If empty, the button is round and shows only an icon.", max_length=40, verbose_name="text on the button")),
                ("widget_language", models.CharField(blank=True, choices=LANGUAGES, db_default="", default="", help_text="The language of the chat on sites. If empty, the visitor's own language is used.", max_length=10, verbose_name="language")),
                ("widget_side", models.CharField(choices=[("right", "right"), ("left", "left")], db_default="right", default="right", help_text="The bottom corner of the page in which the chat button is shown.", max_length=5, verbose_name="side")),
                ("former_secret", models.CharField(db_default="", default="", editable=False, max_length=64)),
                ("former_until", models.DateTimeField(editable=False, null=True)),
                ("ask_email", models.SmallIntegerField(choices=ASK, db_default=0, default=0, verbose_name="visitor's e-mail")),
                ("ask_name", models.SmallIntegerField(choices=ASK, db_default=0, default=0, verbose_name="visitor's name")),
                ("ask_phone", models.SmallIntegerField(choices=ASK, db_default=0, default=0, verbose_name="visitor's phone")),
                ("away_email_must", models.BooleanField(db_default=False, default=False, help_text="Outside a team's working hours, and while none of its agents is online, visitors are asked for an e-mail address. With this option the first message requires one.", verbose_name="require an e-mail address while nobody is online")),
                ("consent", models.CharField(blank=True, db_default="", default="", help_text="What visitors must agree to before the first message, such as “I agree that my details are stored to answer me”. If empty, nothing is asked.", max_length=1000, verbose_name="consent")),
                ("draft_preview", models.BooleanField(db_default=True, default=True, help_text="Agents see what a visitor is typing before it is sent. If this is off, they only see that the visitor is typing.", verbose_name="typing preview")),
                ("addresses", models.CharField(choices=[("full", "whole, such as 203.0.113.7"), ("short", "shortened, such as 203.0.113.0/24"), ("none", "not stored")], db_default="short", default="short", help_text="How much of a visitor's IP address agents see. An address that was stored before stays unchanged until the visitor comes back.", max_length=5, verbose_name="visitors' IP addresses")),
                ("hold", models.CharField(choices=[("both", "more than two links, and the same text from many visitors"), ("links", "more than two links"), ("same", "the same text from many visitors"), ("off", "nothing")], db_default="same", default="same", help_text="If a visitor's first message matches, nobody is alerted. The conversation stays in the view “Caught as spam” until an agent decides whether it is spam.", max_length=5, verbose_name="spam filter")),
                ("queries_told", models.BooleanField(db_default=False, default=False, help_text="The part of an address after “?” can contain names and keys.", verbose_name="with query strings")),
                ("visits_told", models.BooleanField(db_default=False, default=False, help_text="The widget reports which page each visitor of your sites is viewing, and agents can invite them to chat. This information is deleted one hour after the visitor's last activity. Explain it in your privacy policy. Browsers that ask not to be tracked report nothing.", verbose_name="show agents who is on the site")),
                ("challenge", models.BooleanField(db_default=False, default=False, help_text="When many new visitors come from one IP address, their browsers solve a small computation before the first message. It is hardly noticeable for people but expensive for bulk senders. Without JavaScript, visitors are asked to wait a minute.", verbose_name="flood protection")),
                ("cover", models.CharField(db_default="", default="", editable=False, max_length=100)),
                ("cover_colour", models.CharField(blank=True, db_default="", default="", help_text="The head of the chat page. It follows the accent colour until you change it.", max_length=7, validators=[COLOUR], verbose_name="cover colour")),
                ("logo", models.CharField(db_default="", default="", editable=False, max_length=100)),
                ("welcome", models.CharField(blank=True, db_default="", default="", help_text="Large, above the conversation, until the visitor writes. If empty, a default text in the visitor's language.", max_length=120, verbose_name="welcome line")),
                ("text_language", models.CharField(choices=LANGUAGES, db_default="en", default="en", help_text="Greetings, topics and other texts are in this language, and can be translated into the others. Visitors read their own language, otherwise this one.", max_length=10, verbose_name="language of your texts")),
                ("translations", models.JSONField(db_default={}, default=dict, editable=False)),
                ("zone", models.CharField(db_default="UTC", default="UTC", help_text="Reports count days and hours in this time zone.", max_length=50, verbose_name="time zone")),
                ("mail_failed_at", models.DateTimeField(editable=False, null=True)),
                ("mailed_at", models.DateTimeField(editable=False, null=True)),
                ("widget_seen_at", models.DateTimeField(editable=False, null=True)),
                ("audit_days", models.PositiveIntegerField(db_default=365, default=365, help_text="The audit says who changed settings and members, who signed in, exported or erased, and who read conversations without taking part.", validators=[MinValueValidator(30), MaxValueValidator(3650)], verbose_name="keep the audit for")),
                ("human_words", models.CharField(blank=True, db_default="", default="", help_text="While a bot replies, a visitor who sends one of these, and nothing else, gets a person. Separate them by commas. If empty, the usual words, such as “human” or “talk to a person”.", max_length=300, verbose_name="words for a person")),
                ("hide_contacts", models.BooleanField(db_default=False, default=False, help_text="Agents see e-mail addresses, phone numbers and other contact details of visitors masked, and cannot search by them. They can show those of one visitor at a time, which the audit records. Managers and supervisors always see them. What visitors write in messages is not masked.", verbose_name="hide contact details from agents")),
                ("second_factor_roles", models.JSONField(blank=True, default=list, help_text="These members must set up a second factor before they see anything else.", null=True, verbose_name="two-step sign-in is compulsory for")),
            ],
            options={
                "db_table": "enterprise",
                "verbose_name": "enterprise",
                "verbose_name_plural": "enterprises",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.AutoField(db_comment="自增主键索引", primary_key=True, serialize=False)),
                ("name", models.CharField(db_comment="账户", db_default="", help_text="The name that the member signs in with; upper and lower case are the same.", max_length=125, unique=True, validators=[RegexValidator("^[\\w.@+-]+\\Z", "Letters, digits and the characters @ . + - _ only.")], verbose_name="account")),
                ("password", models.CharField(db_comment="密码,md5加密(登录后改存Argon2)", db_default="", max_length=128, verbose_name="password")),
                ("nickname", models.CharField(blank=True, db_comment="昵称", db_default="", default="", help_text="The name that visitors and colleagues see.", max_length=50, verbose_name="nickname")),
                ("created_at", models.DateTimeField(db_comment="创建时间", db_default=Now(), editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, db_comment="更新时间", db_default=None, null=True, verbose_name="updated")),
                ("avator", models.CharField(blank=True, db_comment="头像", db_default="", default="", max_length=500, verbose_name="avatar")),
                ("online_status", models.SmallIntegerField(choices=[(1, "online"), (2, "offline")], db_comment="在线状态,1在线,2离线", db_default=1, default=1, verbose_name="online switch")),
                ("status", models.SmallIntegerField(choices=[(0, "normal"), (1, "disabled")], db_comment="开启状态,0正常,1关闭", db_default=0, default=0, help_text="A disabled member is signed out within seconds and leaves all conversations.", verbose_name="status")),
                ("email", models.EmailField(blank=True, db_comment="绑定邮箱", db_default="", default="", help_text="Invitation e-mails and password links are sent to this address.", max_length=125, verbose_name="e-mail")),
                ("tel", models.CharField(blank=True, db_comment="绑定手机", db_default="", default="", max_length=125, verbose_name="phone")),
                ("uuid", models.CharField(db_comment="uuid", db_default="", default=new_uuid, editable=False, max_length=36, unique=True)),
                ("role", models.SmallIntegerField(choices=ROLES, db_default=2, default=2, verbose_name="role")),
                ("is_superuser", models.BooleanField(db_default=False, default=False, verbose_name="superuser")),
                ("must_change_password", models.BooleanField(db_default=False, default=False, editable=False)),
                ("language", models.CharField(blank=True, db_default="", default="", max_length=10, verbose_name="language")),
                ("enterprise", models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="members", to="accounts.enterprise", verbose_name="enterprise")),
                ("busy", models.BooleanField(db_default=False, default=False, verbose_name="busy")),
                ("capacity", models.PositiveSmallIntegerField(blank=True, help_text="If empty, as the conversation's team has it.", null=True, validators=[MaxValueValidator(10000)], verbose_name="conversations at a time")),
                ("given_at", models.DateTimeField(editable=False, null=True)),
                ("languages", models.JSONField(blank=True, default=list, null=True, verbose_name="languages")),
                ("missed_offers", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
                ("offline_since", models.DateTimeField(editable=False, null=True)),
                ("takes_routed", models.BooleanField(db_default=False, default=False, help_text="Agents always do; a manager only with this.", verbose_name="take conversations that are offered or assigned")),
                ("topics", models.JSONField(blank=True, default=list, null=True, verbose_name="topics")),
                ("inbox_view", models.CharField(blank=True, db_default="", default="", editable=False, max_length=20)),
                ("opens_next", models.BooleanField(db_default=True, default=True, help_text="Otherwise the finished one stays open.", verbose_name="after closing, snoozing or handing on, open the next conversation that waits")),
                ("inbox_sort", models.CharField(blank=True, db_default="", default="", editable=False, max_length=10)),
                ("inbox_team", models.CharField(blank=True, db_default="", default="", editable=False, max_length=50)),
            ],
            options={
                "db_table": "member",
                "db_table_comment": "成员表",
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "indexes": [
                    models.Index(fields=["tel"], name="idx_tel"),
                    models.Index(fields=["email"], name="idx_email"),
                    models.Index(fields=["updated_at"], name="idx_updated_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ID,
                ("slug", models.CharField(default="service", help_text="Selects the team in the chat page's address: ?team=…", max_length=50, validators=[IN_ADDRESS], verbose_name="slug")),
                ("name", models.CharField(max_length=125, verbose_name="name")),
                ("greeting", models.CharField(blank=True, default="", help_text="Shown to visitors before their first message. If empty, a default text in the visitor's language.", max_length=500, verbose_name="greeting")),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, related_name="teams", to="accounts.enterprise", verbose_name="enterprise")),
                ("answer_seconds", models.PositiveIntegerField(db_default=120, default=120, help_text="The longest time within working hours that a visitor should wait for the first reply. The inbox warns from half of it on.", validators=[MinValueValidator(5), MaxValueValidator(86400)], verbose_name="first reply within (seconds)")),
                ("mail_minutes", models.PositiveSmallIntegerField(blank=True, help_text="When an unclaimed visitor has waited for this long, or a note that mentions a colleague has not been read for as long, members with an e-mail address get an e-mail, once per wait. If empty, never.", null=True, validators=[MinValueValidator(1), MaxValueValidator(1440)], verbose_name="e-mail after (minutes)")),
                ("reminded_at", models.DateTimeField(editable=False, null=True)),
                ("hours", models.JSONField(default=dict, editable=False)),
                ("mail_left", models.BooleanField(db_default=True, default=True, help_text="When a visitor writes outside working hours, or while nobody in the team is online, the members with an e-mail address get an e-mail, once per reception.", verbose_name="e-mail about messages left while nobody is online")),
                ("farewell", models.CharField(blank=True, db_default="", default="", help_text="If empty, a default text in the visitor's language.", max_length=500, verbose_name="closing text")),
                ("idle_hours", models.PositiveSmallIntegerField(blank=True, help_text="When the visitor has not replied for this long, the conversation is closed automatically; the visitor's next message reopens it. If empty, never.", null=True, validators=[MinValueValidator(1), MaxValueValidator(8760)], verbose_name="close after (hours)")),
                ("warn_minutes", models.PositiveSmallIntegerField(db_default=30, default=30, help_text="How long before the automatic closing the visitor is warned.", validators=[MinValueValidator(1), MaxValueValidator(1440)], verbose_name="warn before (minutes)")),
                ("warning", models.CharField(blank=True, db_default="", default="", help_text="If empty, a default text in the visitor's language.", max_length=500, verbose_name="warning")),
                ("offered", models.BooleanField(db_default=False, default=False, help_text="If two or more teams are offered, a new visitor first chooses one of them; if any team has topics, the visitor chooses a topic instead.", verbose_name="offered on the chat page")),
                ("left_mailed_at", models.DateTimeField(editable=False, null=True)),
                ("capacity", models.PositiveSmallIntegerField(db_default=4, default=4, help_text="How many open conversations an agent may hold before no more are offered or assigned, unless the agent has a number of their own. Snoozed ones do not count.", validators=[MaxValueValidator(10000)], verbose_name="conversations at a time")),
                ("offer_seconds", models.PositiveSmallIntegerField(db_default=30, default=30, help_text="Then the next agent is asked.", validators=[MinValueValidator(5), MaxValueValidator(600)], verbose_name="an offer lasts (seconds)")),
                ("overflow", models.ForeignKey(blank=True, help_text="The team whose agents come to help when visitors have waited too long. The conversation stays with its own team.", null=True, on_delete=SET_NULL, related_name="+", to="accounts.team", verbose_name="overflows into")),
                ("overflow_minutes", models.PositiveSmallIntegerField(db_default=5, default=5, help_text="If nobody has answered after twice the time, the leaders are told; after three times, the visitor is asked to leave a message.", validators=[MinValueValidator(1), MaxValueValidator(1440)], verbose_name="overflows after (minutes)")),
                ("routing", models.CharField(choices=[("everyone", "everyone: agents claim by themselves"), ("offer", "offer: one agent at a time is asked"), ("assign", "assign: one agent gets it at once")], db_default="everyone", default="everyone", help_text="Who gets a conversation in which a visitor waits. Every agent in the team sees it and may answer in any case.", max_length=8, verbose_name="routing")),
                ("translations", models.JSONField(db_default={}, default=dict, editable=False)),
                ("answering_claims", models.BooleanField(db_default=True, default=True, help_text="Who answers in a conversation that nobody has claimed gets the claim with the answer.", verbose_name="an answer claims the conversation")),
                ("next_seconds", models.PositiveIntegerField(blank=True, help_text="The same for later replies. If empty, as for the first one.", null=True, validators=[MinValueValidator(5), MaxValueValidator(86400)], verbose_name="further replies within (seconds)")),
                ("bot_seconds", models.PositiveSmallIntegerField(db_default=30, default=30, help_text="What a bot has not answered by then waits for people.", validators=[MinValueValidator(5), MaxValueValidator(600)], verbose_name="a bot answers within (seconds)")),
            ],
            options={
                "db_table": "team",
                "verbose_name": "team",
                "verbose_name_plural": "teams",
                "constraints": [
                    models.UniqueConstraint(fields=("enterprise", "slug"), name="team_enterprise_slug"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ID,
                ("member_type", models.SmallIntegerField(choices=[(1, "leader"), (2, "member")], default=2, verbose_name="place")),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="places", to=settings.AUTH_USER_MODEL, verbose_name="member")),
                ("team", models.ForeignKey(on_delete=CASCADE, related_name="places", to="accounts.team", verbose_name="team")),
            ],
            options={
                "db_table": "team_member",
                "verbose_name": "place in a team",
                "verbose_name_plural": "places in teams",
                "constraints": [
                    models.UniqueConstraint(fields=("team", "member"), name="team_member_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="team",
            name="members",
            field=models.ManyToManyField(related_name="teams", through="accounts.TeamMember", to=settings.AUTH_USER_MODEL, verbose_name="members"),
        ),
        # By itself: the field above makes SQLite rebuild the table with `overflow` as its last
        # column, and upgraded databases have this one after it.
        migrations.AddField(
            model_name="team",
            name="retention_days",
            field=models.PositiveIntegerField(blank=True, help_text="In this team's closed conversations, everything older is erased permanently, including files. This cannot be undone. If empty, as the enterprise has it.", null=True, validators=[MinValueValidator(1), MaxValueValidator(3650)], verbose_name="keep conversations for"),
        ),
        migrations.CreateModel(
            name="FormerHours",
            fields=[
                ID,
                ("until", models.DateTimeField()),
                ("hours", models.JSONField(default=dict)),
                ("team", models.ForeignKey(on_delete=CASCADE, related_name="former_hours", to="accounts.team")),
            ],
            options={
                "db_table": "former_hours",
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ID,
                ("label", models.CharField(max_length=60, verbose_name="topic")),
                ("position", models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.", verbose_name="order")),
                ("team", models.ForeignKey(on_delete=CASCADE, related_name="topics", to="accounts.team", verbose_name="team")),
                ("translations", models.JSONField(db_default={}, default=dict, editable=False)),
            ],
            options={
                "db_table": "topic",
                "verbose_name": "topic",
                "verbose_name_plural": "topics for this team",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="GreetingRule",
            fields=[
                ID,
                ("text", models.CharField(max_length=300, verbose_name="text")),
                ("page", models.CharField(default="*", help_text="The path on your site, such as /pricing; * matches anything, as in /products/*.", max_length=200, validators=[RegexValidator("^[/*]", "Must start with / or *.")], verbose_name="page")),
                ("seconds", models.PositiveIntegerField(default=20, help_text="How long the visitor has been there.", verbose_name="time on the page (seconds)")),
                ("visits", models.PositiveIntegerField(default=1, help_text="1 greets everyone, 2 only visitors who come back.", validators=[MinValueValidator(1)], verbose_name="from visit")),
                ("only_staffed", models.BooleanField(default=True, help_text="Within the team's working hours and while one of its agents is online.", verbose_name="only while an agent is online")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("position", models.PositiveSmallIntegerField(default=0, help_text="If several match, the one with the smallest number is used.", verbose_name="order")),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, related_name="rules", to="accounts.enterprise", verbose_name="enterprise")),
                ("translations", models.JSONField(db_default={}, default=dict, editable=False)),
            ],
            options={
                "db_table": "greeting_rule",
                "verbose_name": "site greeting",
                "verbose_name_plural": "site greetings",
                "ordering": ["position", "id"],
            },
        ),
        # Sign-in.
        migrations.CreateModel(
            name="Provider",
            fields=[
                ID,
                ("name", models.CharField(help_text="What the button on the sign-in page says.", max_length=60, verbose_name="name")),
                ("issuer", models.CharField(blank=True, help_text="The address below which /.well-known/openid-configuration stands, such as https://login.example.com/realms/acme. The server fetches from there.", max_length=300, verbose_name="issuer")),
                ("client_id", models.CharField(blank=True, max_length=200, verbose_name="client id")),
                ("sealed", models.CharField(blank=True, default="", max_length=600)),
                ("claim", models.CharField(blank=True, default="", help_text="Its name in the ID token, such as groups; a text or a list. Empty: not looked at.", max_length=100, verbose_name="attribute for roles")),
                ("roles", models.TextField(blank=True, default="", help_text="A line for each value of the attribute: value: role, or value: role, team, team. Roles are manager, agent, supervisor and analyst; teams are named by their address. The first line that fits decides; whoever fits none may not sign in.", verbose_name="roles and teams")),
                ("default_role", models.SmallIntegerField(choices=ROLES, default=2, verbose_name="role without such an attribute")),
                ("is_on", models.BooleanField(default=True, verbose_name="on")),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, related_name="providers", to="accounts.enterprise", verbose_name="enterprise")),
                ("authorities", models.TextField(blank=True, help_text="As PEM text, if the directory's certificate is of an authority of your own. Empty: those that the system trusts.", null=True, verbose_name="certificates")),
                ("base", models.CharField(db_default="", default="", help_text="Below which people and groups stand, such as dc=example,dc=com.", max_length=300, verbose_name="search base")),
                ("checked_at", models.DateTimeField(editable=False, null=True)),
                ("is_plain", models.BooleanField(db_default=False, default=False, help_text="Everybody on the way can read passwords then: for a directory on this machine only.", verbose_name="without encryption")),
                ("kind", models.CharField(choices=[("oidc", "OpenID Connect"), ("ldap", "Directory (LDAP)"), ("wecom", "WeCom"), ("dingtalk", "DingTalk"), ("feishu", "Feishu or Lark")], db_default="oidc", default="oidc", editable=False, max_length=10, verbose_name="kind")),
                ("person_filter", models.CharField(db_default="", default="", help_text="By which an account is found; {login} stands for what is typed. Active Directory: (&(objectClass=user)(sAMAccountName={login})).", max_length=300, verbose_name="filter")),
                ("organisation", models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="corporation")),
            ],
            options={
                "db_table": "sign_in_provider",
                "verbose_name": "single sign-on",
                "verbose_name_plural": "single sign-on",
                "constraints": [
                    models.UniqueConstraint(fields=("enterprise", "kind"), name="one_provider_of_a_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderAccount",
            fields=[
                ID,
                ("subject", models.CharField(max_length=255)),
                ("key", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="provider_accounts", to=settings.AUTH_USER_MODEL)),
                ("provider", models.ForeignKey(on_delete=CASCADE, related_name="accounts", to="accounts.provider")),
            ],
            options={
                "db_table": "provider_account",
                "verbose_name": "account at the provider",
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "key"), name="provider_account_once"),
                    models.UniqueConstraint(fields=("provider", "member"), name="provider_account_of_member"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthenticatorApp",
            fields=[
                ("member", models.OneToOneField(on_delete=CASCADE, primary_key=True, related_name="authenticator", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("sealed", models.CharField(max_length=255)),
                ("last_step", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("wrong", models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "authenticator_app",
                "verbose_name": "authenticator app",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ID,
                ("digest", models.CharField(max_length=64)),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="recovery_codes", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "recovery_code",
                "constraints": [
                    models.UniqueConstraint(fields=("member", "digest"), name="recovery_code_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ID,
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("data", models.TextField()),
                ("sign_count", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="passkeys", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "passkey",
                "verbose_name": "passkey",
            },
        ),
        migrations.CreateModel(
            name="MemberSession",
            fields=[
                ID,
                ("key", models.CharField(max_length=40, unique=True)),
                ("browser", models.CharField(max_length=60)),
                ("system", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=45)),
                ("signed_in_at", models.DateTimeField(default=timezone.now)),
                ("seen_at", models.DateTimeField(default=timezone.now)),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="sessions", to=settings.AUTH_USER_MODEL)),
                ("sid", models.CharField(db_default="", default="", max_length=255)),
                ("provider", models.ForeignKey(null=True, on_delete=SET_NULL, related_name="sessions", to="accounts.provider")),
            ],
            options={
                "db_table": "member_session",
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ID,
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("scopes", models.JSONField(default=list, verbose_name="scopes")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False, verbose_name="created")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("last_used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="access_tokens", to=settings.AUTH_USER_MODEL, verbose_name="account")),
            ],
            options={
                "db_table": "access_token",
                "verbose_name": "access token",
                "verbose_name_plural": "access tokens",
            },
        ),
        # Audit.
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("chain", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
                ("hash", models.CharField(default="", max_length=64)),
            ],
            options={
                "db_table": "audit_head",
            },
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ID,
                ("chain", models.PositiveBigIntegerField()),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("actor", models.CharField(max_length=36)),
                ("actor_name", models.CharField(max_length=125, verbose_name="who")),
                ("source", models.CharField(max_length=100, verbose_name="where")),
                ("address", models.CharField(max_length=45, verbose_name="address")),
                ("action", models.CharField(choices=[("added", "added"), ("changed", "changed"), ("deleted", "deleted"), ("used", "used"), ("signed_in", "signed in"), ("sign_in_failed", "failed sign-ins"), ("link_sent", "sent a password link"), ("read", "read without taking part"), ("exported", "exported"), ("shown", "showed contact details"), ("erased", "erased"), ("cut", "audit shortened")], max_length=20, verbose_name="action")),
                ("kind", models.CharField(max_length=30, verbose_name="of")),
                ("object_id", models.CharField(max_length=36, verbose_name="id")),
                ("object_name", models.CharField(max_length=200, verbose_name="name")),
                ("visitor", models.CharField(db_index=True, max_length=36)),
                ("details", models.TextField(null=True)),
                ("digest", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "audit_row",
                "verbose_name": "audit row",
                "verbose_name_plural": "audit",
                "indexes": [
                    models.Index(fields=["chain", "at"], name="audit_row_at"),
                    models.Index(fields=["object_id", "actor", "at"], name="audit_row_object"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "number"), name="audit_row_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInFailures",
            fields=[
                ID,
                ("chain", models.PositiveBigIntegerField()),
                ("minute", models.DateTimeField(db_index=True)),
                ("address", models.CharField(max_length=45)),
                ("account", models.CharField(max_length=125)),
                ("count", models.PositiveIntegerField(default=1)),
            ],
            options={
                "db_table": "sign_in_failures",
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "minute", "address", "account"), name="sign_in_failures_once"),
                ],
            },
        ),
        # The installation.
        migrations.CreateModel(
            name="Installation",
            fields=[
                ID,
                ("key_digest", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "installation",
            },
        ),
        migrations.RunPython(begin_the_audit, migrations.RunPython.noop),
    ]
