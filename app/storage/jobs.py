"""Jobs: what is to be done after a request has been answered, how far it is, and what came of it."""

from app.storage.queries import load

SQL = load("jobs")


def topic(job_id: int) -> str:
    """What hints call a job (`storage.hints`)."""
    return f"job:{job_id}"
