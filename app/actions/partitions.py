"""Makes the partitions of the coming months; only the owner of the database may."""

from app.instance import Instance
from app.storage.partitions import make_partitions_as_owner


async def make_partitions_ahead(instance: Instance, owner_dsn: str) -> None:
    """Makes what is missing around now. Raises `DatabaseAway`."""
    await make_partitions_as_owner(owner_dsn, instance.clock())
