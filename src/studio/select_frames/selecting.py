"""LightlyOne's selection strategies with Lightly's engine, which is called directly for the order of the selection."""

from __future__ import annotations

import math
import operator
import zlib
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
MEASURED = ("lightly.sharpness", "lightly.luminance", "lightly.frameIndex")
NEIGHBORS = 20


@dataclass(frozen=True)
class Pool:
    """The candidates, followed by the frames that earlier runs have selected."""

    frames: list[Frame]
    rows: NDArray[np.float32]
    metadata: list[dict[str, Any]]
    candidates: int

    def only(self, keep: list[int]) -> Pool:
        places = [*keep, *range(self.candidates, len(self.frames))]
        frames = [self.frames[place] for place in places]
        return Pool(frames, self.rows[places], [self.metadata[place] for place in places], len(keep))

    def measured(self, key: str) -> list[float]:
        if key == "lightly.frameIndex":
            return [float(one.number) for one in self.frames]
        return [float(one[key]) for one in self.metadata]


Numbers = Callable[[Pool], list[float]]
"""One value per frame."""
Runs = Callable[[], dict[str, set[tuple[str, int]]]]
"""Returns the frames of each earlier run, by its id."""


@dataclass(frozen=True)
class Plan:
    """A parsed selection, checked as far as possible without frames."""

    limit: Callable[[int], int]
    """Returns the maximum number of selected frames for a number of candidates."""
    passes: list[Callable[[Pool], list[int]]]
    """Returns the indices of the remaining candidates."""
    add: list[Callable[[Any, Pool], None]]
    """Adds a strategy to an engine."""


@dataclass(frozen=True)
class Pick:
    frame: Frame
    distance: float | None
    """The distance to the nearest frame that was selected earlier."""


def select(pool: Pool, plan: Plan) -> list[Pick]:
    total = pool.candidates
    for passing in plan.passes:
        pool = pool.only(passing(pool))
    wanted = min(plan.limit(total), pool.candidates)
    if wanted == 0:
        return []
    engine = lightly_mundig.Selection()
    for add in plan.add:
        add(engine, pool)
    before = list(range(pool.candidates, len(pool.frames)))
    order = engine.run_selection(
        preselected_indices=before, n_total_samples=len(pool.frames), n_samples_to_select=len(before) + wanted
    )
    return with_distances(pool, before, order[len(before) :])


def plan_of(selection: dict[str, Any], runs: Runs) -> Plan:
    count = number_of(selection, "nSamples", None)
    share = number_of(selection, "proportionSamples", None)
    plan = Plan(lambda candidates: limit_of(count, share, candidates), [], [])
    for one in selection["strategies"]:
        source, strategy = (one.get("input"), one.get("strategy")) if isinstance(one, dict) else (None, None)
        if not isinstance(source, dict) or not isinstance(strategy, dict):
            raise invalid("A strategy is not an object with input and strategy.")
        plan_strategy(plan, source, strategy, runs)
    return plan


def limit_of(count: float | None, share: float | None, candidates: int) -> int:
    """Uses the smaller one of number and proportion. A proportion above 0 is at least one frame."""
    most = candidates if count is None or count < 0 else int(count)
    if share is not None:
        most = min(most, max(1 if share > 0 else 0, math.floor(candidates * min(1, share) + 0.5)))
    return most


def plan_strategy(plan: Plan, source: dict[str, Any], strategy: dict[str, Any], runs: Runs) -> None:
    strength = number_of(strategy, "strength", 1.0)

    def diversify(stop: float | None) -> None:
        plan.add.append(lambda engine, pool: engine.add_diversifying_strategy(pool.rows, strength, stop))

    def weigh(numbers: Numbers) -> None:
        plan.add.append(
            lambda engine, pool: engine.add_weighting_strategy(np.asarray(numbers(pool), np.float32), strength)
        )

    match (source.get("type"), strategy.get("type")):
        case ("EMBEDDINGS", "DIVERSITY"):
            refuse_unknown(source, set(), strategy, {"stopping_condition_minimum_distance"})
            stop = number_of(strategy, "stopping_condition_minimum_distance", None)
            if stop is not None and stop < 0:
                raise invalid("stopping_condition_minimum_distance is below 0.")
            diversify(stop)
        case ("EMBEDDINGS", "TYPICALITY"):
            refuse_unknown(source, set(), strategy, {"numNearestNeighbors"})
            neighbors = int(number_of(strategy, "numNearestNeighbors", NEIGHBORS) or 0)
            if neighbors < 1:
                raise invalid("numNearestNeighbors is below 1.")
            weigh(lambda pool: typicality(pool.rows, neighbors))
        case ("EMBEDDINGS", "SIMILARITY"):
            refuse_unknown(source, {"tagName"}, strategy, set())
            weigh(similarity_to(str(source.get("tagName")), runs))
        case ("RANDOM" | "METADATA", "WEIGHTS"):
            refuse_unknown(source, {"key", "randomSeed"}, strategy, set())
            weigh(numbers_of(source))
        case ("RANDOM" | "METADATA", "THRESHOLD"):
            refuse_unknown(source, {"key", "randomSeed"}, strategy, {"threshold", "operation"})
            plan.passes.append(passing(numbers_of(source), strategy))
        case _:
            raise invalid(f"LightlyStudio can't select by {pair_of(source, strategy)}.")


def numbers_of(source: dict[str, Any]) -> Numbers:
    if source["type"] == "RANDOM":
        seed = source.get("randomSeed", 0)
        return lambda pool: [draw(seed, one) for one in pool.frames]
    key = source.get("key")
    if key not in MEASURED:
        raise invalid(f"METADATA {key!r} is not measured: use {', '.join(MEASURED)}.")
    return lambda pool: pool.measured(str(key))


def passing(numbers: Numbers, strategy: dict[str, Any]) -> Callable[[Pool], list[int]]:
    compare, threshold = COMPARE.get(str(strategy.get("operation"))), number_of(strategy, "threshold", None)
    if compare is None or threshold is None:
        raise invalid(f"A THRESHOLD needs a threshold, and one of the operations {', '.join(COMPARE)}.")
    return lambda pool: [
        place for place, value in enumerate(numbers(pool)[: pool.candidates]) if compare(value, threshold)
    ]


def typicality(rows: NDArray[np.float32], neighbors: int) -> list[float]:
    if len(rows) < 2:
        return [1.0] * len(rows)
    values = lightly_mundig.Typicality(embeddings=rows).calculate_typicality(num_nearest_neighbors=neighbors)
    return [1.0 if math.isnan(value) else value for value in values]  # All frames are equal.


def similarity_to(tag: str, runs: Runs) -> Numbers:
    """The similarity to the frames of an earlier run, whose tag is run-ID."""
    query = runs().get(tag.removeprefix("run-"))
    if not query:
        raise invalid(f"No earlier run of the dataset has the tag {tag!r}, or it selected nothing.")

    def similarity(pool: Pool) -> list[float]:
        places = [place for place, one in enumerate(pool.frames) if (one.uri, one.number) in query]
        if not places:
            raise invalid(f"The videos that the run of the tag {tag!r} selected from are gone or changed.")
        found: list[float] = lightly_mundig.Similarity(key_embeddings=pool.rows).calculate_similarity(
            query_embeddings=pool.rows[places]
        )
        return found

    return similarity


def draw(seed: Any, frame: Frame) -> float:
    """Returns the same number for the same frame in every run."""
    return (1 + zlib.crc32(f"{seed} {frame.uri} {frame.number}".encode())) / 2**32


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


def number_of(values: dict[str, Any], key: str, otherwise: float | None) -> Any:
    value = values.get(key)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise invalid(f"{key} is not a number.")
    return value


def pair_of(source: dict[str, Any], strategy: dict[str, Any]) -> str:
    return f"{source.get('type')} + {strategy.get('type')}"


def refuse_unknown(source: dict[str, Any], keys: set[str], strategy: dict[str, Any], options: set[str]) -> None:
    given = {key for key, value in source.items() if value is not None} - keys - {"type"}
    given |= {key for key, value in strategy.items() if value is not None} - options - {"type", "strength"}
    if given:
        raise invalid(f"LightlyStudio has no {', '.join(sorted(given))} for {pair_of(source, strategy)}.")


def invalid(message: str) -> Failure:
    return Failure("STUDIO_SPEC_INVALID", message)
