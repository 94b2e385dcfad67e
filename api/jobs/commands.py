"""``lifecircle jobs``: what runs, and an end to it."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import DbOption, JsonOption, settings_for
from api.console.output import print_json, print_table, print_text
from geo.errors import InputError

if TYPE_CHECKING:
    from boundaries.store.jobs import Job


def print_jobs(
    ctx: typer.Context,
    job: Annotated[str | None, typer.Argument(metavar="[ID]", help="One job.")] = None,
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="End it.")] = False,
    district: Annotated[
        str | None, typer.Option("--district", metavar="CODE", help="Those of a district.")
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of the service, or tell how far one is."""
    from api.jobs.answers import job_row  # noqa: PLC0415 - heavy
    from api.jobs.runner import Jobs  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    if cancel and job is None:
        raise InputError("Got --cancel without a job; wanted its ID. See `lifecircle jobs`.")
    settings = settings_for(ctx, db=db)
    with closing(open_store(settings.db)) as store:
        jobs = Jobs(settings, store, {})
        jobs.sweep()
        if job is None:
            listed = jobs.table.jobs(district=district)
        else:
            listed = [jobs.cancel(job) if cancel else jobs.table.job(job)]
    rows = [job_row(each) for each in listed]
    if as_json:
        print_json({"jobs": rows} if job is None else rows[0])
    elif job is None:
        print_table("Jobs", [_line(each) for each in listed])
    else:
        print_text("; ".join(f"{name}: {value}" for name, value in _line(listed[0]).items()))


def _line(job: "Job") -> dict[str, object]:
    return {
        "job": job.job,
        "kind": job.kind,
        "district": job.district or "-",
        "state": str(job.state),
        "done": f"{100 * job.progress:.0f} %",
        "created": job.created_at[:19],
        "message": job.message or "-",
    }
