"""LightlyOne's selection strategies with Lightly's engine, called directly for the order of its picks."""

from __future__ import annotations

import math
import operator
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightly_mundig
import numpy as np
from numpy.typing import NDArray

from .database import Frame
from .failure import Failure

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "SMALLER": operator.lt,
    "SMALLER_EQUAL": operator.le,
    "BIGGER": operator.gt,
    "BIGGER_EQUAL": operator.ge,
}
NEIGHBORS = 20


@dataclass(frozen=True)
class Pool:
    """Candidates, and behind them the frames that earlier runs selected."""

    frames: list[Frame]
    rows: NDArray[np.float32]
    metadata: list[dict[str, Any]]
    candidates: int
    runs: dict[str, set[tuple[str, int]]]
    """The frames of each earlier run, by its id."""

    def only(self, keep: list[int]) -> Pool:
        places = [*keep, *range(self.candidates, len(self.frames))]
        frames = [self.frames[place] for place in places]
        return Pool(frames, self.rows[places], [self.metadata[place] for place in places], len(keep), self.runs)

    def values(self, key: Any) -> list[Any]:
        if key == "lightly.frameIndex":
            return [one.number for one in self.frames]
        return [one.get(key) for one in self.metadata]

    def numbers(self, key: Any) -> list[float]:
        values = self.values(key)
        if any(not isinstance(value, (bool, int, float)) or math.isnan(value) for value in values):
            raise invalid(f"METADATA {key!r} is not a number in every frame.")
        return [float(value) for value in values]


@dataclass(frozen=True)
class Pick:
    frame: Frame
    distance: float | None
    """To the nearest frame that was selected before it."""


def select(pool: Pool, selection: dict[str, Any]) -> list[Pick]:
    total = pool.candidates
    strategies = [(one.get("input") or {}, one.get("strategy") or {}) for one in selection["strategies"]]
    for source, strategy in strategies:
        if strategy.get("type") == "THRESHOLD":
            pool = pool.only(passing(pool, source, strategy))
    wanted = min(limit_of(selection, total), pool.candidates)
    if wanted == 0:
        return []
    engine = lightly_mundig.Selection()
    for source, strategy in strategies:
        add_strategy(engine, pool, source, strategy)
    before = list(range(pool.candidates, len(pool.frames)))
    order = engine.run_selection(
        preselected_indices=before, n_total_samples=len(pool.frames), n_samples_to_select=len(before) + wanted
    )
    return with_distances(pool, before, order[len(before) :])


def limit_of(selection: dict[str, Any], candidates: int) -> int:
    """The smaller one of number and share counts; at least one frame of a share above 0."""
    count, share = selection.get("nSamples"), selection.get("proportionSamples")
    most = candidates if count is None or count < 0 else int(count)
    if share is not None:
        most = min(most, max(1 if share > 0 else 0, math.floor(candidates * min(1, share) + 0.5)))
    return most


def pair_of(source: dict[str, Any], strategy: dict[str, Any]) -> str:
    return f"{source.get('type')} + {strategy.get('type')}"


def passing(pool: Pool, source: dict[str, Any], strategy: dict[str, Any]) -> list[int]:
    refuse_unknown(source, {"key", "randomSeed"}, strategy, {"threshold", "operation"})
    compare, threshold = COMPARE.get(strategy.get("operation", "")), strategy.get("threshold")
    if compare is None or not isinstance(threshold, (int, float)):
        raise invalid(f"A THRESHOLD needs a threshold, and one of the operations {', '.join(COMPARE)}.")
    values = numbers_of(pool, source)
    return [place for place in range(pool.candidates) if compare(values[place], threshold)]


def add_strategy(engine: Any, pool: Pool, source: dict[str, Any], strategy: dict[str, Any]) -> None:
    strength = strategy.get("strength", 1.0)
    if not isinstance(strength, (int, float)) or not math.isfinite(strength):
        raise invalid("A strength is not a number.")

    def weigh(values: list[float]) -> None:
        engine.add_weighting_strategy(np.asarray(values, np.float32), float(strength))

    match pair_of(source, strategy):
        case "METADATA + THRESHOLD" | "RANDOM + THRESHOLD":
            pass
        case "EMBEDDINGS + DIVERSITY":
            refuse_unknown(source, set(), strategy, {"stopping_condition_minimum_distance"})
            stop = strategy.get("stopping_condition_minimum_distance")
            engine.add_diversifying_strategy(pool.rows, float(strength), stop)
        case "EMBEDDINGS + TYPICALITY":
            refuse_unknown(source, set(), strategy, {"numNearestNeighbors"})
            weigh(typicality(pool.rows, int(strategy.get("numNearestNeighbors", NEIGHBORS))))
        case "EMBEDDINGS + SIMILARITY":
            refuse_unknown(source, {"tagName"}, strategy, set())
            weigh(similarity(pool, str(source.get("tagName"))))
        case "RANDOM + WEIGHTS":
            refuse_unknown(source, {"randomSeed"}, strategy, set())
            weigh(numbers_of(pool, source))
        case "METADATA + WEIGHTS":
            refuse_unknown(source, {"key"}, strategy, set())
            weigh(numbers_of(pool, source))
        case "METADATA + BALANCE":
            refuse_unknown(source, {"key"}, strategy, {"target", "distribution"})
            rows, target = shares(pool, source.get("key"), strategy)
            engine.add_balancing_strategy(rows, target, float(strength))
        case pair:
            raise invalid(f"LightlyStudio can't select by {pair}.")


def numbers_of(pool: Pool, source: dict[str, Any]) -> list[float]:
    match source.get("type"):
        case "METADATA":
            return pool.numbers(source.get("key"))
        case "RANDOM":
            return [draw(source.get("randomSeed", 0), one) for one in pool.frames]
        case other:
            raise invalid(f"LightlyStudio has no numbers of {other}.")


def typicality(rows: NDArray[np.float32], neighbors: int) -> list[float]:
    if len(rows) < 2:
        return [1.0] * len(rows)
    values = lightly_mundig.Typicality(embeddings=rows).calculate_typicality(num_nearest_neighbors=neighbors)
    return [1.0 if math.isnan(value) else value for value in values]  # All frames are equal.


def similarity(pool: Pool, tag: str) -> list[float]:
    """To the frames of an earlier run, whose tag is run-ID."""
    query = pool.runs.get(tag.removeprefix("run-"))
    places = [place for place, one in enumerate(pool.frames) if query and (one.uri, one.number) in query]
    if not places:
        raise invalid(f"No earlier run of the dataset has the tag {tag!r}, or it selected nothing.")
    found: list[float] = lightly_mundig.Similarity(key_embeddings=pool.rows).calculate_similarity(
        query_embeddings=pool.rows[places]
    )
    return found


def draw(seed: Any, frame: Frame) -> float:
    """The same number for the same frame, whichever run asks."""
    return (1 + zlib.crc32(f"{seed} {frame.uri} {frame.number}".encode())) / 2**32


def shares(pool: Pool, key: Any, strategy: dict[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    values = [str(value).lower() if isinstance(value, bool) else value for value in pool.values(key)]
    if any(not isinstance(value, str) for value in values):
        raise invalid(f"METADATA {key!r} is not a text or a boolean in every frame.")
    counts = Counter(values[: pool.candidates])
    distribution = strategy.get("distribution", "TARGET")
    if distribution == "TARGET":
        target = dict(strategy.get("target") or {})
        if set(counts) - set(target):
            target[None] = max(0.0, 1 - sum(target.values()))  # All other values together.
    else:
        target = {value: count if distribution == "INPUT" else 1 for value, count in counts.items()}
    if not target or sum(target.values()) <= 0:
        raise invalid("A BALANCE needs a target, or one of the distributions UNIFORM and INPUT.")
    columns = {value: column for column, value in enumerate(target)}
    rows = np.zeros((len(values), len(columns)), np.float32)
    for row, value in enumerate(values):
        rows[row, columns.get(value, columns.get(None, 0))] = 1
    goal = np.asarray(list(target.values()), np.float32)
    return rows, goal / goal.sum()


def with_distances(pool: Pool, before: list[int], order: list[int]) -> list[Pick]:
    nearest = np.full(len(pool.frames), np.inf)
    taken: list[int] = []
    picks: list[Pick] = []
    for place in [*before, *order]:
        if len(taken) >= len(before):
            distance = float(nearest[place])
            picks.append(Pick(pool.frames[place], None if math.isinf(distance) else round(distance, 6)))
        taken.append(place)
        nearest = np.minimum(nearest, np.linalg.norm(pool.rows - pool.rows[place], axis=1))
    return picks


def refuse_unknown(source: dict[str, Any], keys: set[str], strategy: dict[str, Any], options: set[str]) -> None:
    given = {key for key, value in source.items() if value is not None} - keys - {"type"}
    given |= {key for key, value in strategy.items() if value is not None} - options - {"type", "strength"}
    if given:
        raise invalid(f"LightlyStudio has no {', '.join(sorted(given))} for {pair_of(source, strategy)}.")


def invalid(message: str) -> Failure:
    return Failure("STUDIO_SPEC_INVALID", message)
