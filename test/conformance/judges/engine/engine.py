"""Answers selections with Lightly's engine: reads a file of cases, writes a file of answers, both JSON."""

import json
import sys

import lightly_mundig
import numpy as np


def rows(case):
    return np.array(case["rows"], np.float32)


def answer(case):
    if case["kind"] == "typicality":
        return lightly_mundig.Typicality(embeddings=rows(case)).calculate_typicality(
            num_nearest_neighbors=case["neighbors"]
        )
    if case["kind"] == "similarity":
        query = np.array(case["query"], np.float32)
        return lightly_mundig.Similarity(key_embeddings=rows(case)).calculate_similarity(query_embeddings=query)
    selection = lightly_mundig.Selection()
    for strategy in case["strategies"]:
        strength = strategy["strength"]
        if strategy["type"] == "DIVERSITY":
            selection.add_diversifying_strategy(rows(case), strength, strategy.get("minimumDistance"))
        elif strategy["type"] == "WEIGHTS":
            selection.add_weighting_strategy(np.array(strategy["values"], np.float32), strength)
        else:
            distributions = np.array(strategy["distributions"], np.float32)
            selection.add_balancing_strategy(distributions, np.array(strategy["target"], np.float32), strength)
    before = case["preselected"]
    return selection.run_selection(before, len(case["rows"]), len(before) + case["limit"])[len(before) :]


with open(sys.argv[1]) as file:
    cases = json.load(file)
with open(sys.argv[2], "w") as file:
    json.dump([answer(case) for case in cases], file)
