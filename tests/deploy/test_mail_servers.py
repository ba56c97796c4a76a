"""A mailbox on Debian's mail servers, Dovecot and Exim."""

import os
import shutil
import smtplib
import tempfile
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace

import pytest

from chat.channels import setup
from chat.channels.mail import fetching
from chat.channels.mail.imap import Connection
from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.webhooks.addresses import Target
from tests.chat.channels.conftest import deliver, receive
from tests.chat.helpers import draft_of
from tests.plugins import services

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SHOP, ANN, USER = "shop@shop.example", "ann@customer.example", "Debian-exim"
WAITS = Connection.waits
DOVECOT = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
auth_allow_cleartext = yes
first_valid_uid = 1
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
mail_uid = {user}
mail_gid = {user}
passdb static {{
  password = secret
}}
userdb static {{
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
EXIM = """
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {smtp}
acl_smtp_rcpt = accept hosts = 127.0.0.1
deliver_drop_privilege
keep_environment =
begin routers
local:
  driver = accept
  local_parts = shop : ann
  local_part_suffix = +*
  local_part_suffix_optional
  transport = box
begin transports
box:
  driver = appendfile
  directory = {folder}/mail/$local_part_data
  maildir_format
  return_path_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{shop}}}}{{eq{{$auth3}}{{secret}}}}}}}}
"""


@pytest.fixture
def servers(request):
    there = all(shutil.which(one, path=services.PATH) for one in ("dovecot", "exim4"))
    if os.geteuid() or not there:
        sentence = "it takes root, Dovecot and Exim; bin/test --all installs them"
        required = os.environ.get("KEFU_REQUIRE", "").split(",")
        pytest.fail(sentence) if "mail" in required else pytest.skip(sentence)
    # Not in pytest's own folder, which Exim's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="kefu-mail-", dir="/tmp"))
    request.config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    folder.chmod(0o755)
    for name in "mail", "spool":
        (folder / name).mkdir()
        shutil.chown(folder / name, USER)
    ports = {"imap": services.free_port(), "smtp": services.free_port()}
    for text, port, *command in (
        (DOVECOT, "imap", "dovecot", "-F", "-c"),
        (EXIM, "smtp", "exim4", "-bdf", "-C"),
    ):
        file = folder / command[0]
        file.write_text(text.format(folder=folder, user=USER, **ports))
        services.start(request.config, [*command, str(file)], ports[port], folder / "log")
    yield SimpleNamespace(**ports)
    fetching.close()


def ann_writes(servers, to: str, text: str) -> None:
    with smtplib.SMTP("127.0.0.1", servers.smtp) as line:
        line.sendmail(ANN, to, f"From: Ann <{ANN}>\r\nTo: {to}\r\n\r\n{text}\r\n".encode())


def read(servers):
    """The mail in Ann's mailbox, once it is there."""
    line = Connection(Target(False, "127.0.0.1", servers.imap, "/"))
    line.login("ann", "secret")
    while line.select("INBOX", readonly=True)[1] == [b"0"]:
        assert WAITS(line, 30)
    raw = line.fetch("1", "(BODY.PEEK[])")[1][0][1]
    line.shutdown()
    return message_from_bytes(raw, policy=policy.default)


def test_a_thread_comes_and_goes(servers, enterprise, team, alice, settings, monkeypatch):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    place = "shop:secret@127.0.0.1"
    keys = {"imap": f"imap://{place}:{servers.imap}", "smtp": f"smtp://{place}:{servers.smtp}"}
    box = setup.add(enterprise, "mail", {"address": SHOP, **keys}, team=team)
    assert setup.test(box) is None

    def comes(line, seconds):
        ann_writes(servers, *said)
        assert WAITS(line, seconds), "the server has not said that something came"
        return True

    monkeypatch.setattr(Connection, "waits", comes)
    said = SHOP, "Where is my order?"
    receive(box)
    row = GroupMessage.objects.get(message_type=1)
    batches.post(draft_of(alice, row.group_id, "On its way.\n.\nReally."))
    deliver(box)
    answer = read(servers)
    assert answer.get_content().replace("\r", "").startswith("On its way.\n.\nReally.")
    said = answer["Reply-To"].addresses[0].addr_spec, "Thanks, 谢谢"
    receive(box)
    assert Conversation.objects.count() == 1
    assert GroupMessage.objects.filter(message_content="Thanks, 谢谢").exists()
