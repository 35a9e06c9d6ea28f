"""What has a global id. The resolvers of `node` and `nodes` stand in `refetch`."""

import strawberry
from strawberry import ID

ID_DESCRIPTION = "The global id; opaque, and the same as long as the thing exists."


@strawberry.interface(description="Anything that can be asked for again by its id.")
class Node:
    """Relay's Node."""

    id: ID = strawberry.field(description=ID_DESCRIPTION)
