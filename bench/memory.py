"""How much memory a campaign takes: the peak of one whole process that plans, promises and sends to N people.

python bench/memory.py [--people 100000 1000000] [--batch 100] [--concurrency 16] [--short]
"""

from __future__ import annotations

import argparse

from send import Form, notigate, sink


def main() -> None:
    """Run one campaign of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[100_000])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--short", action="store_true", help="a small one: does it work, are the counts right?")
    asked = parser.parse_args()
    with sink(0.0) as port:
        for people in [1_000] if asked.short else asked.people:
            spent = notigate(port, people, Form(asked.batch, asked.concurrency))
            rate, cpu = people / spent.wall, spent.cpu / people * 1e6
            print(
                f"{people:,} people: {spent.memory:.0f} MiB at its peak ({rate:,.0f} messages/s, CPU {cpu:.0f} µs/message)"
            )


if __name__ == "__main__":
    main()
