"""What becomes of a job: work that outlasts the request which asked for it.

    QUEUED → RUNNING → DONE        the whole of it was done
                     → FAILED      it cannot be done; what its finished steps did stays
           → CANCELLED             somebody called it off; what its finished steps did stays

A job works in steps. Each is one transaction that also says how far the job is, so that whoever goes on after a crash
begins where the last step ended, and no step is done twice. Source: contract.md (Job).
"""

from enum import StrEnum, unique


@unique
class JobStatus(StrEnum):
    """Where a job stands, by the table at the top."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in {JobStatus.QUEUED, JobStatus.RUNNING}
