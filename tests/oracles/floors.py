"""Dwellings by floor with loops over households: nothing here is imported from ``geo``."""

import math


def covered_households(buildings, time_s, limit_s: float, walker) -> list[list[int]]:
    """Return how many households of each building reach each category within `limit_s`."""
    result = []
    for row, home in enumerate(buildings.itertuples()):
        storeys = home.levels if 0 < home.levels <= 200 else 1
        lift = home.lift if home.lift is not None else 0 < walker.lift_from <= storeys
        counts = [0] * time_s.shape[1]
        for number in range(1, home.households + 1):
            # the lowest floor up to which at least `number` live
            floor = next(
                f for f in range(1, storeys + 1)
                if math.floor(home.households * f / storeys + 0.5) >= number
            )  # fmt: skip
            down = seconds_down(floor - 1, lift, walker)
            for column in range(time_s.shape[1]):
                counts[column] += round(time_s[row, column] + down, 2) <= limit_s
        result.append(counts)
    return result


def seconds_down(storeys: int, lift, walker) -> float:
    """Return the seconds from so many storeys above the door."""
    if storeys == 0:
        return 0.0
    stairs = math.inf if "steps" in walker.avoid else storeys * walker.stairs_s
    ride = walker.lift_wait_s + storeys * walker.lift_storey_s
    return min(stairs, ride) if lift else stairs
