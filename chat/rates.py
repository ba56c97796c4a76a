"""The rates and numbers that limits.py enforces, with the reason of each."""

from typing import NamedTuple


class Rate(NamedTuple):
    """Tokens of a full bucket, and tokens that are refilled per second."""

    burst: int
    per_second: float


RATES = {
    # Messages and actions. A hundred at once are sent by a page that was offline for long. 3,000
    # and 300/s are what 10,000 visitors need who send a message every 30 s.
    "message": {
        "visitor": Rate(100, 1),
        "address": Rate(600, 10),
        "enterprise": Rate(3_000, 300),
        "member": Rate(300, 20),
    },
    # First messages: they store a visitor, a conversation and a seat for each agent, and alert the
    # agents.
    "newcomer": {"address": Rate(60, 0.2), "enterprise": Rate(1_000, 20)},
    # First messages with the same text: more go to quarantine (visitors/spam.py). Five people an
    # hour may have copied the same instructions. `try` makes a visitor's retries count once.
    "same_text": {"text": Rate(5, 5 / 3600), "try": Rate(1, 1 / 3600)},
    # MiB of files, at least one for each file. 100 at once is a folder of photographs; per second
    # it is 4.5 GB a day from a visitor, 22 GB from an address or an enterprise.
    "upload": {
        "visitor": Rate(100, 0.05),
        "address": Rate(400, 0.25),
        "enterprise": Rate(2_000, 0.25),
        "member": Rate(400, 0.5),
    },
    # A page sends typing frames at most twice a second.
    "typing": {"visitor": Rate(10, 4), "member": Rate(10, 4)},
    # A window sends viewing frames when another conversation is opened or the window is shown, at
    # most once in two seconds, and every 25 s.
    "viewing": {"member": Rate(20, 2)},
    # A page sends page frames at most once in three seconds.
    "page": {"visitor": Rate(20, 0.5)},
    # A page of the enterprise's site reports its visit every 15 s: 300/s are 4,500 open pages, and
    # 20/s those of an office of 300.
    "visit": {"address": Rate(600, 20), "enterprise": Rate(3_000, 300)},
    # New visits to the enterprise's sites, of which each stores a row.
    "arrival": {"address": Rate(120, 0.5), "enterprise": Rate(2_000, 50)},
    # Read cursors: a page moves its cursor with each batch of messages that is seen.
    "read": {"visitor": Rate(100, 10), "member": Rate(600, 100)},
    # Requests of both sides, and syncs, of up to 500 messages each. A page without a socket sends
    # one every 5 s, so 50/s is an office of 250 whose proxy blocks sockets.
    "fetch": {"visitor": Rate(300, 10), "address": Rate(1_000, 50), "member": Rate(1_200, 50)},
    # Requests of a program, by its token: a list of 60,000 conversations in the first burst, then
    # as much as four busy windows.
    "api": {"token": Rate(600, 20)},
    # Calls to channels that are none of theirs. What is theirs counts for nothing, as it must not
    # be lost: a platform's addresses are those of all its accounts, so one with a wrong token here
    # must not use them up.
    "forged_call": {"address": Rate(600, 10)},
    # Account forms: a password takes 0.1 s of processor time to check, and the lock is by name and
    # address, so trying many names would use up a core. 100 is an office that begins at nine.
    "account": {"address": Rate(100, 1)},
    # Searches in the help centre, of which each pause in typing is one: an office of fifty readers.
    "look_up": {"address": Rate(200, 10), "enterprise": Rate(2_000, 100)},
    # What readers of the help centre did, of which each stores a row; and their votes.
    "seen": {"address": Rate(200, 2), "enterprise": Rate(1_000, 20)},
    "helpful": {"address": Rate(60, 0.2), "enterprise": Rate(500, 10)},
    # Drafts, summaries and translations, each of which costs tokens and a thread for some seconds.
    # A person reads one before they ask for the next.
    "assistant": {"member": Rate(20, 0.2)},
    # A page says at each start where it takes pushes; one that is tried asks a service elsewhere.
    "device": {"member": Rate(30, 0.2)},
    "test_push": {"member": Rate(5, 0.1)},
    # A search scans up to 50,000 messages; a page sends one at each pause in typing.
    "search": {"member": Rate(30, 2)},
    # A transcript reads a whole conversation.
    "transcript": {"visitor": Rate(20, 0.02), "address": Rate(100, 0.5)},
    # The visitor chooses the recipient of a mail, whose mailbox must not be flooded.
    "mail": {
        "visitor": Rate(3, 1 / 1200),
        "address": Rate(30, 1 / 120),
        "enterprise": Rate(300, 0.2),
        "recipient": Rate(3, 1 / 3600),
    },
    # Mails to a visitor that no person wrote: ten in any day, five and as many again. An enterprise
    # gets no more than three of five, so that none keeps another's from their reader.
    "automatic_mail": {"recipient": Rate(5, 5 / 86_400), "pair": Rate(3, 3 / 86_400)},
    # Opening sockets: after a restart all pages behind an address reconnect within a second.
    "socket": {"address": Rate(600, 30), "member": Rate(100, 2)},
}
"""The rate of each limit and scope. A scope without a rate is not limited."""

MAX_SOCKETS = {"visitor": 20, "address": 500, "enterprise": 100_000, "member": 20}
"""Open sockets by scope. Of a person: windows, devices, and dead sockets before they are detected;
of an address: an office, or a provider's shared address; of an enterprise: ten processes with
10,000 each, as measured."""
