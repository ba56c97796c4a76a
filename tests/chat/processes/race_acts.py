"""Small bunches of actions that get in each other's way when they happen at once.

A race says what the conversation has to be like before (`WANTED`), and which actions it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.chat.helpers import new_id

from .race_model import Talk
from .race_rules import Act


@dataclass
class Scene:
    """A conversation before a race: who is there, and the chance that chooses among them."""

    talk: Talk
    chance: Random
    manager: str
    staff: list[str]
    """Everybody who may sit there, the manager left out."""

    @property
    def seated(self) -> list[str]:
        """Agents who sit there, in any order."""
        found = sorted(self.talk.agents())
        self.chance.shuffle(found)
        return found

    @property
    def anybody(self) -> str:
        return self.chance.choice([*self.staff, self.manager])

    @property
    def leads(self) -> str:
        """Somebody who may take over and remove."""
        leaders = [who for who in self.seated if self.talk.seats[who].leads]
        return self.chance.choice([*leaders, self.manager])

    def message(self, who: str, name: str = "message", behind: int | None = None) -> Act:
        """`behind`: how many rows the sender's page lacks, which says what it has seen then."""
        content = self.chance.choice(["你好", "👋", "hello", "%s"])
        seen = None if behind is None else max(0, len(self.talk.rows) - behind)
        return Act(who, name, content=content, client_id=new_id(), seen=seen)

    def reads(self, who: str) -> Act:
        """Up to one of the last rows that they may see."""
        talk = self.talk
        rows = [row.seq for row in talk.rows if row.public or who != talk.visitor]
        return Act(who, "read", seq=self.chance.choice(rows[-4:]))

    def last_of(self, who: str) -> int:
        """Their last message that was not recalled; 0 if there is none."""
        mine = (row.seq for row in self.talk.rows if row.sender == who)
        return max(set(mine) - self.talk.recalled, default=0)


def opened(scene: Scene) -> Act | None:
    return None if scene.talk.open else Act(scene.manager, "reopen")


def free(scene: Scene) -> Act | None:
    return Act(scene.manager, "release") if scene.talk.holder else None


def held(scene: Scene) -> Act | None:
    return None if scene.talk.holder else Act(scene.seated[0], "claim")


def peopled(scene: Scene) -> Act | None:
    """At least three sit there."""
    absent = [who for who in scene.staff if who not in scene.talk.seats]
    if len(scene.talk.agents()) > 2:
        return None
    return Act(scene.manager, "invite", member=scene.chance.choice(absent))


def alone(scene: Scene) -> Act | None:
    """At most two sit there."""
    if len(scene.talk.agents()) < 3:
        return None
    return Act(scene.manager, "remove", member=scene.seated[0])


def spoken(scene: Scene) -> Act:
    return scene.message(scene.chance.choice([*scene.seated, scene.talk.visitor]))


def claim_and_claim(scene: Scene) -> list[Act]:
    return [Act(who, "claim") for who in scene.seated * 2]


def hand_on_while_closing(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    other_team = "sales" if scene.talk.team == "service" else "service"
    return [
        Act(one, "transfer", member=scene.anybody, note="他等了很久"),
        Act(other, "close", reason="done", summary="他退了款", note="bye"),
        Act(scene.leads, "transfer", team=other_team, note="for you"),
        Act(other, "claim"),
    ]


def leave_while_sending(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    return [
        Act(one, "leave", note=scene.chance.choice(["", "bye"])),
        scene.message(one, behind=1),
        scene.message(one, "note"),
        scene.message(scene.talk.visitor),
        scene.message(other, behind=scene.chance.randrange(3)),
    ]


def remove_while_reading(scene: Scene) -> list[Act]:
    one, *_ = scene.seated
    return [
        Act(scene.leads, "remove", member=one),
        scene.reads(one),
        Act(one, "history"),
        scene.reads(one),
        scene.message(scene.talk.visitor),
        scene.message(one),
    ]


def reopen_while_closing(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    names = ["close", "reopen", "close", "reopen"]
    acts = [Act(who, name) for who, name in zip([one, other] * 2, names, strict=True)]
    return [*acts, scene.message(scene.talk.visitor)]


def snooze_while_the_visitor_writes(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    return [
        Act(one, "snooze", minutes=60),
        Act(scene.manager, "snooze", minutes=5),
        Act(other, "wake"),
        Act(scene.manager, "close", reason="quiet"),
        scene.message(scene.talk.visitor),
        scene.message(one),
    ]


def take_over_while_releasing(scene: Scene) -> list[Act]:
    holder = scene.talk.holder
    others = [who for who in scene.seated if who != holder]
    takers = [Act(who, "claim", take_over=True) for who in others]
    return [Act(holder, "release"), Act(scene.leads, "release"), Act(others[0], "claim"), *takers]


def invite_while_leaving(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    return [
        Act(one, "leave"),
        Act(other, "invite", member=one),
        Act(scene.leads, "transfer", member=one),
        Act(one, "claim"),
        scene.reads(one),
    ]


def all_leave(scene: Scene) -> list[Act]:
    """A visitor must not be left alone."""
    return [Act(who, "leave") for who in scene.seated]


def remove_each_other(scene: Scene) -> list[Act]:
    return [Act(scene.leads, "remove", member=who) for who in scene.seated]


def hand_to_both_teams(scene: Scene) -> list[Act]:
    first, second = scene.chance.sample(["sales", "service"], 2)
    return [
        Act(scene.manager, "transfer", team=first),
        Act(scene.leads, "transfer", team=second, note="yours"),
        scene.message(scene.talk.visitor),
        scene.message(scene.seated[0]),
    ]


def the_same_message_twice(scene: Scene) -> list[Act]:
    one, other, *_ = scene.seated
    acts = []
    for who in (one, scene.talk.visitor):
        first = scene.message(who)
        copies = [Act(who, "message", content=first.content, client_id=first.client_id)]
        acts += [first, *copies, scene.reads(other)]
    return acts


def recall_while_reading(scene: Scene) -> list[Act]:
    talk = scene.talk
    written = [who for who in [*scene.seated, talk.visitor] if scene.last_of(who)]
    acts = [Act(who, "recall", seq=scene.last_of(who)) for who in written[-2:] * 2]
    acts += [Act(who, "read", seq=len(talk.rows)) for who in scene.seated[:3]]
    return [*acts, scene.message(scene.seated[0], "note")]


def anything(scene: Scene) -> list[Act]:
    chance, acts = scene.chance, []
    for _number in range(5):
        who = scene.anybody
        acts.append(
            chance.choice(
                [
                    Act(who, "claim", take_over=chance.random() < 0.5),
                    Act(who, chance.choice(["release", "close", "reopen", "leave", "history"])),
                    Act(who, chance.choice(["invite", "transfer"]), member=scene.anybody),
                    Act(who, "transfer", team=chance.choice(["sales", "service"])),
                    Act(who, "remove", member=scene.anybody),
                    scene.message(who, chance.choice(["message", "note"])),
                    scene.reads(chance.choice([who, scene.talk.visitor])),
                    scene.message(scene.talk.visitor),
                ]
            )
        )
    return acts


Before = Callable[[Scene], Act | None]

RACES: dict[str, tuple[list[Before], Callable[[Scene], list[Act]]]] = {
    "claim and claim": ([opened, free], claim_and_claim),
    "hand on while closing": ([opened, peopled], hand_on_while_closing),
    "leave while sending": ([opened, peopled], leave_while_sending),
    "remove while reading": ([opened, peopled, spoken, spoken], remove_while_reading),
    "reopen while closing": ([peopled], reopen_while_closing),
    "snooze while the visitor writes": ([opened, peopled], snooze_while_the_visitor_writes),
    "take over while releasing": ([opened, peopled, held], take_over_while_releasing),
    "invite while leaving": ([opened, peopled], invite_while_leaving),
    "all leave": ([opened, alone], all_leave),
    "remove each other": ([opened], remove_each_other),
    "hand to both teams": ([opened], hand_to_both_teams),
    "the same message twice": ([peopled], the_same_message_twice),
    "recall while reading": ([spoken, spoken, peopled], recall_while_reading),
    "anything": ([], anything),
}
"""What each race needs before, and what happens at once then."""
