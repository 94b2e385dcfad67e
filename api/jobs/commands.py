"""``lifecircle jobs``: what runs, and an end to it."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import DbOption, JsonOption, settings_for
from api.console.output import line_of, percent, print_json, print_table, print_text
from api.console.terms import JOBS, STATES, term
from geo.errors import InputError
from geo.messages import Message

if TYPE_CHECKING:
    from boundaries.store.jobs.job import JobSummary


def print_jobs(
    ctx: typer.Context,
    job: Annotated[str | None, typer.Argument(metavar="[ID]", help="One job.")] = None,
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel it.")] = False,
    district: Annotated[
        str | None, typer.Option("--district", metavar="CODE", help="Those of a district.")
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of the service, or show one."""
    from api.jobs.answers import job_row  # noqa: PLC0415 - heavy
    from api.jobs.runner import Jobs  # noqa: PLC0415 - heavy
    from boundaries.store.open import open_store  # noqa: PLC0415 - heavy

    if cancel and job is None:
        raise InputError("cli_jobs.cancel_what")
    settings = settings_for(ctx, db=db)
    with closing(open_store(settings.db)) as store:
        jobs = Jobs(settings, store, {})
        jobs.sweep()
        listed: list[JobSummary]
        if job is None:
            listed = jobs.table.jobs(district=district)
        else:
            listed = [jobs.cancel(job) if cancel else jobs.table.job(job)]
    rows = [job_row(each) for each in listed]
    if as_json:
        print_json({"jobs": rows} if job is None else rows[0])
    elif job is None:
        print_table(Message("cli_jobs.title"), [_line(each) for each in listed])
    else:
        print_text(line_of(_line(listed[0])))


def _line(job: "JobSummary") -> dict[str, object]:
    return {
        "heads.job": job.job,
        "heads.kind": term(job.kind, JOBS),
        "heads.district": job.district or "-",
        "heads.state": term(job.state, STATES),
        "heads.done": percent(job.progress),
        "heads.created": job.created_at[:19],
        "heads.message": str(job.message) or "-",
    }
