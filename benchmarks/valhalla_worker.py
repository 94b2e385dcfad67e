"""Isochrones by Valhalla, in an interpreter of its own: requests and answers as lines of JSON.

Run by `benchmarks.isochrones` with a Python that has pyvalhalla; nothing of Lifecircle is imported.
"""

import json
import sys
import time

import valhalla


def draw(actor: valhalla.Actor, requests: list[str]) -> list[str | None]:
    """Return one answer per request; None where Valhalla finds no way near."""
    answers = []
    for request in requests:
        try:
            answers.append(actor.isochrone(request))
        except valhalla.ValhallaError:
            answers.append(None)
    return answers


def main() -> None:
    """Answer each line: draw what it asks for, and tell the seconds or the shapes."""
    actor = valhalla.Actor(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        requests = [
            json.dumps(
                {
                    "locations": [{"lon": lon, "lat": lat}],
                    "costing": "pedestrian",
                    "costing_options": {"pedestrian": {"walking_speed": asked["km_h"]}},
                    "contours": [{"time": asked["minutes"]}],
                    "polygons": True,
                    "denoise": 0,
                    "generalize": 0,
                }
            )
            for lon, lat in asked["origins"]
        ]
        began = time.perf_counter()
        answers = draw(actor, requests)
        told = {"seconds": time.perf_counter() - began}
        if asked["shapes"]:
            told["shapes"] = [
                answer and [f["geometry"] for f in json.loads(answer)["features"]]
                for answer in answers
            ]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
