"""Search in articles: how long it takes in an enterprise that has few, and in one with many, in the
same database.

`python -m bench.articles NUMBERS QUESTIONS` fills an empty database and writes [{"articles",
"p50_ms", "p95_ms"}] as JSON. NUMBERS is one number of articles for each enterprise, in JSON.
"""

import json
import random
import re
import statistics
import sys
import time
from pathlib import Path

from . import data, servers, written
from .options import Options
from .progress import Progress

SENTENCE = re.compile(r'^"?(?:msgstr )?"([^"\\]*[\u4e00-\u9fff][^"\\]*)"$', re.M)
"""A line of Chinese in the catalogue, which is the largest text of this project."""
WARMUP = 20
ARTICLES_PER_SECOND = 300
"""Articles that are made in a second, roughly."""


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    return 8 + sum(asked.sizes.knowledge) / ARTICLES_PER_SECOND


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "sizes": [{"articles", "p50_ms", "p95_ms"}]}]."""
    with servers.run_database(kind, folder / kind) as database:
        progress.begin(f"{database.name}: search in articles")
        sizes, number = json.dumps(asked.sizes.knowledge), str(asked.sizes.questions)
        answer = servers.run_module("bench.articles", database.environment, sizes, number)
    found = json.loads(answer)
    line = ", ".join(f"{one['articles']:,}: {one['p95_ms']:.1f} ms" for one in found)
    progress.end(seconds_of(asked), f"{servers.NAMES[kind]}, search in articles, p95: {line}")
    return [{"database": kind, "sizes": found}]


def measure(numbers: list[int], questions: int) -> list[dict]:
    data.start_django()
    sentences = SENTENCE.findall(written.CATALOGUE.read_text())
    chance, found = random.Random(1), []
    enterprises = [data.create_enterprise(f"articles-{number}")[0] for number in numbers]
    for enterprise, number in zip(enterprises, numbers, strict=True):
        written.fill(enterprise, number, sentences, chance)
    for enterprise, number in zip(enterprises, numbers, strict=True):
        found.append({"articles": number} | ask(enterprise, questions, sentences, chance))
    return found


def ask(enterprise, number: int, sentences: list[str], chance: random.Random) -> dict:
    """Searches for so many parts of sentences."""
    from chat.knowledge import search

    taken = []
    for _ in range(WARMUP + number):
        sentence = chance.choice(sentences)
        start = chance.randrange(max(1, len(sentence) - 4))
        question = sentence[start : start + chance.randint(4, 14)]
        begun = time.perf_counter()
        search.search(enterprise, question)
        taken.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(taken[WARMUP:], n=20)
    return {"p50_ms": cuts[9], "p95_ms": cuts[18]}


if __name__ == "__main__":
    json.dump(measure(json.loads(sys.argv[1]), int(sys.argv[2])), sys.stdout)
