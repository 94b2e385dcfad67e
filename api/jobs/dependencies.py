"""The jobs of the service as a dependency of routes."""

from typing import Annotated

from fastapi import Depends, Request

from api.jobs.runner import Jobs


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    jobs.sweep()
    return jobs


Running = Annotated[Jobs, Depends(_jobs)]
"""The jobs of the service; none of a service that is gone counts as running."""
