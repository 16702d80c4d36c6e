"""Voting rules with pabutools, in exact fractions.

Arguments: a Pabulib file, a rule by the engine's name for it, the seconds it may take; then, optional, `merged`: equal
ballots as one with a multiplicity. Prints a line of JSON: the rule, ids of the funded projects in order or null where
the time was over, seconds of the rule alone, and seconds of reading (and merging). Seconds are of CPU time.
"""

import json
import signal
import sys
import time

import pabutools.fractions
from pabutools.election import Cardinality_Sat, Cost_Sat, parse_pabulib
from pabutools.rules import (
    completion_by_rule_combination,
    exhaustion_by_budget_increase,
    greedy_utilitarian_welfare,
    max_additive_utilitarian_welfare,
    method_of_equal_shares,
    sequential_phragmen,
)

pabutools.fractions.FRACTION = "gmpy2"

# Rules that take a satisfaction. Cost_Sat summed over voters and divided by the cost is the number of votes.
BY_SATISFACTION = {
    "greedy-votes": (greedy_utilitarian_welfare, Cost_Sat),
    "greedy-votes-per-cost": (greedy_utilitarian_welfare, Cardinality_Sat),
    "max-welfare": (max_additive_utilitarian_welfare, Cardinality_Sat),
    "max-welfare-cost": (max_additive_utilitarian_welfare, Cost_Sat),
    "equal-shares": (method_of_equal_shares, Cardinality_Sat),
    "equal-shares-cost": (method_of_equal_shares, Cost_Sat),
}


class TimeOver(Exception):
    pass


def time_over(*_):
    raise TimeOver


def outcome(rule, instance, profile):
    if rule == "phragmen":
        return sequential_phragmen(instance, profile)
    name, _, completion = rule.partition("+")
    function, satisfaction = BY_SATISFACTION[name]
    params = {"sat_class": satisfaction}
    if completion == "budget-increase":
        return exhaustion_by_budget_increase(instance, profile, function, params)
    if completion in ("add1", "add1u"):
        params["voter_budget_increment"] = 1
    if completion in ("utilitarian", "add1u"):
        rules = [function, greedy_utilitarian_welfare]
        return completion_by_rule_combination(instance, profile, rules, [params, {"sat_class": Cost_Sat}])
    return function(instance, profile, **params)


def main():
    path, rule, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
    started = time.process_time()
    instance, profile = parse_pabulib(path)
    if "merged" in sys.argv[4:]:
        profile = profile.as_multiprofile()
    read_seconds = time.process_time() - started
    signal.signal(signal.SIGPROF, time_over)
    signal.setitimer(signal.ITIMER_PROF, limit)
    started = time.process_time()
    try:
        funded = sorted(project.name for project in outcome(rule, instance, profile))
    except TimeOver:
        funded = None
    seconds = time.process_time() - started
    signal.setitimer(signal.ITIMER_PROF, 0)
    print(json.dumps({"rule": rule, "funded": funded, "seconds": seconds, "read_seconds": read_seconds}))


main()
