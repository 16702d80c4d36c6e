"""The opinion workload in Mesa, each agent holding its neighbours: the faster of the two ways Mesa offers.

Arguments: items, agents, steps. Prints the seconds spent stepping and the checksum.
"""

import sys
import time

import mesa
import numpy as np

MASK = (1 << 64) - 1
OFFSETS = (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
OPTIONS = np.array([2, 3, 4, 5, 10], dtype=np.uint64)


def splitmix64(x):
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def splitmix64_of_all(x):
    with np.errstate(over="ignore"):
        z = x + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def slot(i, s, n):
    hashed = splitmix64(1000003 + 10 * i + s)
    if (hashed >> 11) * 2.0**-53 < 0.1:
        drawn = splitmix64(hashed) % n
        return (i + 1) % n if drawn == i else drawn
    return (i + OFFSETS[s]) % n


def opinions(n, items):
    place = np.arange(n * items, dtype=np.uint64)
    options = OPTIONS[(place % np.uint64(items)) % np.uint64(len(OPTIONS))]
    return (1 + splitmix64_of_all(np.uint64(2000003) + place) % options).astype(float).reshape(n, items)


class Member(mesa.Agent):
    def __init__(self, model, row):
        super().__init__(model)
        self.now = row
        self.next = row
        self.peers = []

    def look(self):
        total = self.peers[0].now
        for peer in self.peers[1:]:
            total = total + peer.now
        self.next = total / len(self.peers)

    def move(self):
        self.now = self.next


class Society(mesa.Model):
    def __init__(self, n, items):
        super().__init__(rng=1)
        first = opinions(n, items)
        # A scalar costs less as Python's own number than as an array of one.
        rows = [float(row[0]) for row in first] if items == 1 else list(first)
        members = [Member(self, row) for row in rows]
        for i, member in enumerate(members):
            member.peers = [members[slot(i, s, n)] for s in range(len(OFFSETS))]
        self.members = members

    def step(self):
        self.agents.do("look")
        self.agents.do("move")


def main():
    items, n, steps = (int(word) for word in sys.argv[1:4])
    society = Society(n, items)
    started = time.perf_counter()
    for _ in range(steps):
        society.step()
    seconds = time.perf_counter() - started
    if items == 1:
        now = np.array([[member.now] for member in society.members])
    else:
        now = np.array([member.now for member in society.members])
    print(seconds, now.sum(), now[0, 0], now[-1, -1])


main()
