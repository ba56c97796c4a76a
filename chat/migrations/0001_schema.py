"""The tables of visitors and conversations, in place of the migrations in FORMER.

Columns stand in the order in which those added them, so that a new database has the same tables as
one that was upgraded.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator
from django.db import migrations, models
from django.db.models import CASCADE, PROTECT, SET_NULL
from django.db.models.functions import Now

from accounts.models.member import new_uuid
from chat.models.alert_choices import usual

FORMER = """
    0001_initial 0002_inbox_at_scale 0003_group_actions 0004_agent_notices
    0005_message_indexes 0006_mentions 0007_inbox_views 0008_attachments
    0009_leases_taken 0010_canned_replies 0011_tags_and_snoozes 0012_visitor_last_seen
    0013_blocks 0014_sightings 0015_alert_choices 0016_presence_away 0017_reminders
    0018_quick_questions 0019_closings 0020_identity 0021_introductions
    0022_idle_closings 0023_privacy 0024_answers_mailed 0025_topics 0026_errands
    0027_held 0028_site_visits 0029_wording 0030_routing 0031_waiting
    0032_conversation_origin 0033_texts 0034_texts_default 0035_counted 0036_packed
    0037_report_mail 0038_targets 0039_asked_default 0040_counted_origin 0041_stream
    0042_webhooks 0043_adoption 0044_floor 0045_handed_at 0046_legal_holds
    0047_conversation_page 0048_archive 0049_report_mail_language
"""
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    initial = True
    replaces = [("chat", name) for name in FORMER.split()]
    dependencies = [("accounts", "0001_schema")]

    operations = [
        # Visitors.
        migrations.CreateModel(
            name="Visitor",
            fields=[
                ID,
                ("uuid", models.CharField(default=new_uuid, editable=False, max_length=36, unique=True)),
                ("ent_id", models.CharField(db_index=True, max_length=100, verbose_name="enterprise")),
                ("secret_hash", models.CharField(editable=False, max_length=64)),
                ("label", models.CharField(max_length=125, verbose_name="name")),
                ("contact", models.CharField(blank=True, default="", max_length=125, verbose_name="contact")),
                ("referrer", models.CharField(blank=True, default="", max_length=500, verbose_name="came from")),
                ("language", models.CharField(blank=True, default="", max_length=10, verbose_name="language")),
                ("blocked", models.BooleanField(default=False, verbose_name="blocked")),
                ("created_at", models.DateTimeField(db_default=Now(), verbose_name="first seen")),
                ("last_seen_at", models.DateTimeField(null=True, verbose_name="last seen")),
                ("block_reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("blocked_by", models.CharField(blank=True, default="", max_length=125, verbose_name="blocked by")),
                ("blocked_until", models.DateTimeField(db_index=True, null=True, verbose_name="blocked until")),
                ("address", models.CharField(blank=True, default="", max_length=45, verbose_name="address")),
                ("browser", models.CharField(blank=True, default="", max_length=60, verbose_name="browser")),
                ("device", models.CharField(blank=True, default="", max_length=60, verbose_name="device")),
                ("path", models.JSONField(default=list, verbose_name="pages visited")),
                ("identity", models.JSONField(default=dict, editable=False)),
                ("identity_key", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ("consented_at", models.DateTimeField(null=True, verbose_name="agreed")),
            ],
            options={
                "db_table": "visitor",
                "verbose_name": "visitor",
                "verbose_name_plural": "visitors",
            },
        ),
        migrations.CreateModel(
            name="EndedSession",
            fields=[
                ID,
                ("key", models.CharField(max_length=36, unique=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "ended_session",
            },
        ),
        migrations.CreateModel(
            name="SiteVisit",
            fields=[
                ID,
                ("key", models.CharField(max_length=32)),
                ("url", models.CharField(max_length=300)),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                ("referrer", models.CharField(blank=True, default="", max_length=300)),
                ("visits", models.PositiveIntegerField(default=1)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
                ("invitation", models.CharField(blank=True, default="", max_length=300)),
                ("invited_at", models.DateTimeField(null=True)),
                ("dismissed_at", models.DateTimeField(null=True)),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, to="accounts.enterprise")),
                ("invited_by", models.ForeignKey(null=True, on_delete=SET_NULL, to=settings.AUTH_USER_MODEL)),
                ("visitor", models.ForeignKey(null=True, on_delete=CASCADE, to="chat.visitor", to_field="uuid")),
            ],
            options={
                "db_table": "site_visit",
                "indexes": [
                    models.Index(fields=["enterprise", "seen_at"], name="site_visit_seen"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("enterprise", "key"), name="site_visit_key"),
                ],
            },
        ),
        # Conversations.
        migrations.CreateModel(
            name="Reception",
            fields=[
                ID,
                ("group_id", models.CharField(db_index=True, max_length=36)),
                ("ent_id", models.CharField(db_index=True, max_length=100)),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("first_reply_at", models.DateTimeField(null=True, verbose_name="first reply")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("closed_by", models.CharField(blank=True, default="", max_length=36)),
                ("score", models.SmallIntegerField(null=True, verbose_name="score")),
                ("comment", models.CharField(blank=True, default="", max_length=1000, verbose_name="comment")),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="reason")),
                ("summary", models.CharField(blank=True, db_default="", default="", max_length=1000, verbose_name="summary")),
                ("mailed_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "reception",
                "verbose_name": "reception",
                "verbose_name_plural": "receptions",
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ID,
                ("uuid", models.CharField(default=new_uuid, editable=False, max_length=36, unique=True)),
                ("ent_id", models.CharField(max_length=100, verbose_name="enterprise")),
                ("last_seq", models.IntegerField(default=0)),
                ("public_seq", models.IntegerField(default=0)),
                ("message_seq", models.IntegerField(default=0)),
                ("open", models.BooleanField(choices=[(True, "open"), (False, "closed")], default=True, verbose_name="status")),
                ("claimed_by", models.CharField(blank=True, default="", max_length=36)),
                ("waiting_since", models.DateTimeField(null=True, verbose_name="waiting since")),
                ("last_activity", models.DateTimeField(verbose_name="last activity")),
                ("team", models.ForeignKey(on_delete=PROTECT, to="accounts.team", verbose_name="team")),
                ("reception", models.ForeignKey(null=True, on_delete=SET_NULL, to="chat.reception")),
                ("visitor", models.ForeignKey(on_delete=CASCADE, to="chat.visitor", to_field="uuid", verbose_name="visitor")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("door", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="accounts.team")),
                ("snoozed_until", models.DateTimeField(db_index=True, null=True, verbose_name="snoozed until")),
                ("tags", models.JSONField(default=list, verbose_name="tags")),
                ("reminded_at", models.DateTimeField(null=True)),
                ("closing_at", models.DateTimeField(db_index=True, null=True)),
                ("emptied_seq", models.IntegerField(default=0)),
                ("mailed_seq", models.IntegerField(db_default=0, default=0)),
                ("mails_stopped", models.BooleanField(db_default=False, default=False)),
                ("topic", models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="topic")),
                ("held_for", models.CharField(blank=True, db_default="", default="", max_length=10)),
                ("held_since", models.DateTimeField(null=True, verbose_name="caught as spam at")),
                ("asked", models.JSONField(db_default={}, default=dict)),
                ("last_held_at", models.DateTimeField(null=True)),
                ("last_held_by", models.CharField(blank=True, db_default="", default="", max_length=36)),
                ("offer_reason", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("offered_to", models.CharField(blank=True, db_default="", default="", max_length=36)),
                ("offered_until", models.DateTimeField(null=True)),
                ("overflow_step", models.SmallIntegerField(db_default=0, default=0)),
                ("overflowed_for", models.DateTimeField(null=True)),
                ("origin", models.CharField(blank=True, choices=[("", "Live"), ("demo", "Demo"), ("imported", "Imported")], db_default="", default="", max_length=10)),
                ("counted_seq", models.IntegerField(db_default=0, default=0)),
                ("counting", models.JSONField(null=True)),
                ("uncounted", models.GeneratedField(db_persist=False, expression=models.Q(("held_for", ""), ("last_seq__gt", models.F("counted_seq"))), output_field=models.SmallIntegerField())),
                ("due_at", models.DateTimeField(null=True, verbose_name="answer due")),
                ("bot", models.CharField(blank=True, db_default="", default="", max_length=36)),
                ("bot_asked_at", models.DateTimeField(db_index=True, null=True)),
                ("page", models.CharField(blank=True, db_default="", default="", max_length=300)),
            ],
            options={
                "db_table": "conversation",
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
                "indexes": [
                    models.Index(fields=["ent_id", "last_activity"], name="conversation_activity"),
                    models.Index(fields=["claimed_by"], name="conversation_claimed_by"),
                    models.Index(fields=["ent_id", "open", "claimed_by"], name="conversation_view"),
                    models.Index(fields=["team", "open", "closing_at"], name="conversation_idle"),
                    models.Index(fields=["ent_id", "held_since"], name="conversation_held"),
                    models.Index(fields=["offered_to"], name="conversation_offered"),
                    models.Index(fields=["ent_id", "waiting_since"], name="conversation_waiting"),
                    models.Index(fields=["uncounted", "ent_id"], name="conversation_uncounted"),
                    models.Index(fields=["ent_id", "due_at"], name="conversation_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("visitor", "team"), name="conversation_one_a_team"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=30)),
                ("key", models.CharField(max_length=100)),
            ],
            options={
                "db_table": "tag",
                "constraints": [
                    models.UniqueConstraint(fields=("ent_id", "key"), name="tag_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversationTag",
            fields=[
                ID,
                ("conversation", models.ForeignKey(on_delete=CASCADE, to="chat.conversation", to_field="uuid")),
                ("tag", models.ForeignKey(on_delete=CASCADE, to="chat.tag")),
            ],
            options={
                "db_table": "conversation_tag",
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "tag"), name="conversation_tag_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ID,
                ("ent_id", models.CharField(db_index=True, max_length=100, verbose_name="enterprise")),
                ("group_id", models.CharField(blank=True, db_index=True, default="", max_length=36)),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("placed_by", models.CharField(max_length=36)),
                ("placed_by_name", models.CharField(max_length=125, verbose_name="placed by")),
                ("placed_at", models.DateTimeField(db_default=Now(), verbose_name="since")),
                ("kept", models.JSONField(db_default=[], default=list, encoder=DjangoJSONEncoder)),
                ("visitor", models.ForeignKey(on_delete=PROTECT, to="chat.visitor", to_field="uuid", verbose_name="visitor")),
            ],
            options={
                "db_table": "legal_hold",
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
            },
        ),
        # The tables of the original schema, beside the member's.
        migrations.CreateModel(
            name="ChatGroup",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("ent_id", models.CharField(db_comment="企业ID", db_default="", default="", max_length=100)),
                ("member_id", models.CharField(db_comment="成员ID", db_default="", default="", max_length=36)),
                ("group_name", models.CharField(db_comment="群名称", db_default="", default="", max_length=500)),
                ("uuid", models.CharField(db_comment="唯一ID", db_default="", default="", max_length=36)),
                ("member_type", models.SmallIntegerField(choices=[(1, "leader"), (2, "member")], db_comment="成员类型,1管理,2成员", db_default=2, default=2)),
                ("unread", models.IntegerField(db_comment="未读消息数", db_default=0, default=0)),
                ("created_at", models.DateTimeField(db_default=Now(), null=True)),
                ("read_seq", models.IntegerField(db_default=0, default=0)),
                ("joined_seq", models.IntegerField(db_default=0, default=0)),
                ("has_unread", models.GeneratedField(db_persist=False, expression=models.Q(("unread__gt", 0)), output_field=models.SmallIntegerField())),
                ("mentioned_seq", models.IntegerField(db_default=0, default=0)),
                ("reminded_seq", models.IntegerField(db_default=0, default=0)),
            ],
            options={
                "db_table": "chat_group",
                "db_table_comment": "聊天群(写扩散)",
                "indexes": [
                    models.Index(fields=["uuid"], name="chat_group_uuid"),
                    models.Index(fields=["member_id"], name="chat_group_member_id"),
                    models.Index(fields=["ent_id"], name="chat_group_ent_id"),
                    models.Index(fields=["member_id", "has_unread"], name="chat_group_unread"),
                    models.Index(fields=["member_id", "mentioned_seq"], name="chat_group_mentioned"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("uuid", "member_id"), name="chat_group_one_seat"),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("ent_id", models.CharField(db_comment="企业ID", db_default="", default="", max_length=100)),
                ("member_id", models.CharField(db_comment="成员ID", db_default="", default="", max_length=36)),
                ("member_name", models.CharField(db_comment="成员名称", db_default="", default="", max_length=500)),
                ("member_avatar", models.CharField(db_comment="成员头像", db_default="", default="", max_length=500)),
                ("group_id", models.CharField(db_comment="群ID", db_default="", default="", max_length=36)),
                ("member_type", models.SmallIntegerField(choices=[(1, "leader"), (2, "member")], db_comment="成员类型,1管理,2成员", db_default=2, default=2)),
                ("created_at", models.DateTimeField(db_default=Now(), null=True)),
            ],
            options={
                "db_table": "group_member",
                "db_table_comment": "聊天群成员(写扩散)",
                "indexes": [
                    models.Index(fields=["group_id"], name="group_member_group_id"),
                    models.Index(fields=["member_id"], name="group_member_member_id"),
                    models.Index(fields=["ent_id"], name="group_member_ent_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("group_id", "member_id"), name="group_member_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMessage",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("ent_id", models.CharField(db_comment="企业ID", db_default="", default="", max_length=100)),
                ("sender", models.CharField(db_comment="发送成员ID", db_default="", default="", max_length=36)),
                ("sender_name", models.CharField(db_comment="发送成员名称", db_default="", default="", max_length=500)),
                ("sender_avatar", models.CharField(db_comment="发送成员头像", db_default="", default="", max_length=500)),
                ("group_id", models.CharField(db_comment="群ID", db_default="", default="", max_length=36)),
                ("message_type", models.SmallIntegerField(choices=[(1, "message"), (2, "notice"), (3, "note"), (4, "notice to agents")], db_comment="消息类型,1消息,2通知", db_default=1, default=1)),
                ("message_content", models.TextField(db_comment="消息内容", db_default=None, null=True)),
                ("created_at", models.DateTimeField(db_default=Now(), null=True)),
                ("seq", models.IntegerField()),
                ("client_id", models.CharField(max_length=36)),
                ("data", models.JSONField(null=True)),
            ],
            options={
                "db_table": "group_message",
                "db_table_comment": "聊天群消息(读扩散)",
                "indexes": [
                    models.Index(fields=["ent_id"], name="group_message_ent_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("group_id", "seq"), name="group_message_seq"),
                    models.UniqueConstraint(fields=("sender", "client_id"), name="group_message_once"),
                ],
            },
        ),
        # Messages and presence.
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ID,
                ("key", models.CharField(max_length=32, unique=True)),
                ("ent_id", models.CharField(max_length=100)),
                ("sender", models.CharField(max_length=36)),
                ("client_id", models.CharField(max_length=36)),
                ("digest", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("size", models.IntegerField()),
                ("mime", models.CharField(max_length=100)),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("created_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "attachment",
                "indexes": [
                    models.Index(fields=["sender", "client_id"], name="attachment_message"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ID,
                ("who", models.CharField(max_length=36)),
                ("node", models.CharField(max_length=36)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("taken_at", models.DateTimeField(db_default=Now(), db_index=True)),
                ("away", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "db_table": "presence",
                "constraints": [
                    models.UniqueConstraint(fields=("who", "node"), name="presence_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Errand",
            fields=[
                ID,
                ("taken_at", models.DateTimeField()),
                ("undo", models.JSONField()),
            ],
            options={
                "db_table": "errand",
            },
        ),
        # What members set up.
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                ID,
                ("title", models.CharField(max_length=60, verbose_name="title")),
                ("content", models.TextField(help_text="{visitor}, {agent} and {team} are replaced by the names in the conversation.", max_length=4000, verbose_name="text")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, to="accounts.enterprise", verbose_name="enterprise")),
                ("owner", models.ForeignKey(blank=True, editable=False, null=True, on_delete=CASCADE, to=settings.AUTH_USER_MODEL)),
                ("team", models.ForeignKey(blank=True, help_text="If empty, for every team of the enterprise.", null=True, on_delete=CASCADE, to="accounts.team", verbose_name="team")),
            ],
            options={
                "db_table": "canned_reply",
                "verbose_name": "canned reply",
                "verbose_name_plural": "canned replies",
                "ordering": ["title", "id"],
            },
        ),
        migrations.CreateModel(
            name="QuickQuestion",
            fields=[
                ID,
                ("question", models.CharField(help_text="As the visitor would ask it.", max_length=100, verbose_name="question")),
                ("answer", models.TextField(max_length=4000, verbose_name="answer")),
                ("position", models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.", verbose_name="order")),
                ("team", models.ForeignKey(on_delete=CASCADE, related_name="questions", to="accounts.team", verbose_name="team")),
                ("translations", models.JSONField(db_default={}, default=dict, editable=False)),
            ],
            options={
                "db_table": "quick_question",
                "verbose_name": "quick question",
                "verbose_name_plural": "quick questions",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="AlertChoices",
            fields=[
                ("member", models.OneToOneField(on_delete=CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ("sound", models.JSONField(default=usual, verbose_name="sound")),
                ("desktop", models.JSONField(default=usual, verbose_name="notification")),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                ("quiet_to", models.TimeField(blank=True, null=True, verbose_name="until")),
                ("away_minutes", models.PositiveSmallIntegerField(db_default=10, default=10, help_text="Colleagues see you as away; visitors do not see you online. 0 means never.", validators=[MaxValueValidator(480)], verbose_name="away after (minutes without input)")),
            ],
            options={
                "db_table": "alert_choices",
            },
        ),
        # Reports.
        migrations.CreateModel(
            name="CountedReception",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100)),
                ("group_id", models.CharField(db_index=True, max_length=36)),
                ("first_seq", models.IntegerField()),
                ("opened_at", models.DateTimeField()),
                ("replied_at", models.DateTimeField(null=True)),
                ("replied_by", models.CharField(default="", max_length=36)),
                ("reply_worked", models.BigIntegerField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("resolution_worked", models.BigIntegerField(null=True)),
                ("holder", models.CharField(default="", max_length=36)),
                ("members", models.JSONField(default=list)),
                ("score", models.SmallIntegerField(null=True)),
                ("team", models.ForeignKey(null=True, on_delete=SET_NULL, related_name="+", to="accounts.team")),
                ("origin", models.CharField(db_default="", default="", max_length=10)),
            ],
            options={
                "db_table": "counted_reception",
                "indexes": [
                    models.Index(fields=["ent_id", "opened_at"], name="counted_reception_time"),
                    models.Index(fields=["ent_id", "closed_at"], name="counted_reception_close"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedReply",
            fields=[
                ID,
                ("asked_at", models.DateTimeField()),
                ("replied_at", models.DateTimeField()),
                ("replied_by", models.CharField(max_length=36)),
                ("worked", models.BigIntegerField()),
                ("reception", models.ForeignKey(on_delete=CASCADE, related_name="replies", to="chat.countedreception")),
            ],
            options={
                "db_table": "counted_reply",
            },
        ),
        migrations.CreateModel(
            name="CountedMessages",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100)),
                ("group_id", models.CharField(db_index=True, max_length=36)),
                ("quarter", models.DateTimeField()),
                ("member", models.CharField(default="", max_length=36)),
                ("n", models.IntegerField()),
                ("first_seq", models.IntegerField()),
                ("last_seq", models.IntegerField()),
                ("team", models.ForeignKey(null=True, on_delete=SET_NULL, related_name="+", to="accounts.team")),
                ("reception", models.ForeignKey(null=True, on_delete=CASCADE, to="chat.countedreception")),
                ("origin", models.CharField(db_default="", default="", max_length=10)),
            ],
            options={
                "db_table": "counted_messages",
                "indexes": [
                    models.Index(fields=["ent_id", "quarter"], name="counted_messages_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedDay",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100)),
                ("day", models.DateField()),
                ("version", models.IntegerField(db_default=0, default=0)),
                ("packed", models.IntegerField(db_default=0, default=0)),
                ("data", models.BinaryField(default=b"")),
            ],
            options={
                "db_table": "counted_day",
                "constraints": [
                    models.UniqueConstraint(fields=("ent_id", "day"), name="counted_day_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportMail",
            fields=[
                ID,
                ("every", models.CharField(choices=[("week", "Week"), ("month", "Month")], max_length=5)),
                ("sent_at", models.DateTimeField(null=True)),
                ("member", models.OneToOneField(on_delete=CASCADE, related_name="report_mail", to=settings.AUTH_USER_MODEL)),
                ("language", models.CharField(blank=True, db_default="", default="", max_length=12)),
            ],
            options={
                "db_table": "report_mail",
            },
        ),
        # The archive.
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ID,
                ("name", models.CharField(max_length=60)),
                ("fields", models.JSONField(default=dict)),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.enterprise")),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="saved_views", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "saved_view",
                "constraints": [
                    models.UniqueConstraint(fields=("member", "enterprise", "name"), name="saved_view_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchiveExport",
            fields=[
                ID,
                ("kind", models.CharField(choices=[("csv", "Csv"), ("json", "Json"), ("zip", "Zip")], max_length=4)),
                ("fields", models.JSONField(default=dict)),
                ("chosen", models.JSONField(default=list)),
                ("state", models.CharField(choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")], default="waiting", max_length=7)),
                ("key", models.CharField(default="", max_length=32)),
                ("done", models.IntegerField(default=0)),
                ("percent", models.SmallIntegerField(default=0)),
                ("tries", models.SmallIntegerField(default=0)),
                ("problem", models.CharField(default="", max_length=10)),
                ("size", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("taken_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, related_name="+", to="accounts.enterprise")),
                ("member", models.ForeignKey(on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "archive_export",
            },
        ),
        migrations.CreateModel(
            name="ExportedConversation",
            fields=[
                ID,
                ("group_id", models.CharField(db_index=True, max_length=36)),
                ("export", models.ForeignKey(on_delete=CASCADE, to="chat.archiveexport")),
            ],
            options={
                "db_table": "exported_conversation",
            },
        ),
        # The stream and its webhooks.
        migrations.CreateModel(
            name="StreamHead",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100, unique=True)),
                ("last", models.BigIntegerField(default=0)),
                ("deleted", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "stream_head",
            },
        ),
        migrations.CreateModel(
            name="StreamEvent",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=30)),
                ("row_id", models.IntegerField(null=True)),
                ("visitor", models.CharField(default="", max_length=36)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "stream_event",
            },
        ),
        migrations.CreateModel(
            name="StreamPlace",
            fields=[
                ("group_id", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("seq", models.IntegerField()),
            ],
            options={
                "db_table": "stream_place",
            },
        ),
        migrations.CreateModel(
            name="StreamDue",
            fields=[
                ID,
                ("ent_id", models.CharField(max_length=100)),
                ("type", models.CharField(default="", max_length=30)),
                ("about", models.CharField(max_length=36)),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "stream_due",
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ID,
                ("uuid", models.CharField(default=new_uuid, editable=False, max_length=36, unique=True)),
                ("url", models.CharField(max_length=500, verbose_name="web address")),
                ("events", models.JSONField(default=list, verbose_name="events")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("secret", models.CharField(editable=False, max_length=100)),
                ("former_secret", models.CharField(default="", editable=False, max_length=100)),
                ("former_until", models.DateTimeField(editable=False, null=True)),
                ("place", models.BigIntegerField(default=0, editable=False)),
                ("told_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False, verbose_name="created")),
                ("enterprise", models.ForeignKey(on_delete=CASCADE, to="accounts.enterprise", verbose_name="enterprise")),
            ],
            options={
                "db_table": "webhook",
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ID,
                ("event", models.BigIntegerField(null=True)),
                ("type", models.CharField(max_length=30, verbose_name="event")),
                ("about", models.CharField(max_length=36, verbose_name="conversation or visitor")),
                ("state", models.SmallIntegerField(choices=[(0, "to be sent"), (1, "delivered"), (2, "parked")], default=0, verbose_name="state")),
                ("tries", models.IntegerField(default=0, verbose_name="tries")),
                ("due_at", models.DateTimeField(verbose_name="next try")),
                ("leased_until", models.DateTimeField(null=True)),
                ("lease", models.CharField(default="", max_length=36)),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("ended_at", models.DateTimeField(null=True)),
                ("webhook", models.ForeignKey(on_delete=CASCADE, to="chat.webhook", verbose_name="webhook")),
            ],
            options={
                "db_table": "webhook_delivery",
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(fields=["webhook", "state", "due_at"], name="webhook_delivery_due"),
                    models.Index(fields=["about", "webhook", "state", "event"], name="webhook_delivery_first"),
                    models.Index(fields=["ended_at"], name="webhook_delivery_ended"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("webhook", "event"), name="webhook_delivery_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                ID,
                ("at", models.DateTimeField(verbose_name="time")),
                ("seconds", models.FloatField(verbose_name="seconds")),
                ("status", models.SmallIntegerField(null=True, verbose_name="status")),
                ("error", models.CharField(default="", max_length=200, verbose_name="error")),
                ("lines", models.CharField(default="", max_length=500, verbose_name="response")),
                ("delivery", models.ForeignKey(on_delete=CASCADE, related_name="attempts", to="chat.webhookdelivery")),
            ],
            options={
                "db_table": "webhook_attempt",
                "verbose_name": "try",
                "verbose_name_plural": "tries",
            },
        ),
        # Conversations of other systems.
        migrations.CreateModel(
            name="AdoptionSource",
            fields=[
                ID,
                ("uuid", models.CharField(default=new_uuid, max_length=36, unique=True)),
                ("ent_id", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=300)),
            ],
            options={
                "db_table": "adoption_source",
                "constraints": [
                    models.UniqueConstraint(fields=("ent_id", "kind", "name"), name="adoption_source_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdoptedGroup",
            fields=[
                ID,
                ("group", models.CharField(max_length=36, unique=True)),
                ("theirs", models.CharField(max_length=500)),
                ("visitor", models.CharField(max_length=500)),
                ("places", models.JSONField(default=list)),
                ("state", models.CharField(max_length=64)),
                ("messages", models.IntegerField(default=0)),
                ("id_sum", models.BigIntegerField(default=0)),
                ("id_xor", models.BigIntegerField(default=0)),
                ("last_id", models.BigIntegerField(default=0)),
                ("source", models.ForeignKey(on_delete=CASCADE, to="chat.adoptionsource")),
            ],
            options={
                "db_table": "adopted_group",
            },
        ),
        migrations.CreateModel(
            name="AdoptedMember",
            fields=[
                ID,
                ("theirs", models.CharField(max_length=125)),
                ("member", models.CharField(max_length=36)),
                ("source", models.ForeignKey(on_delete=CASCADE, to="chat.adoptionsource")),
            ],
            options={
                "db_table": "adopted_member",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "theirs"), name="adopted_member_once"),
                ],
            },
        ),
    ]
