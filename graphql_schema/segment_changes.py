"""Making, changing and deleting segments, and saying of which type attributes are."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.segments import Writer, create_segment, define_attribute, delete_segment, update_segment
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import number_of
from graphql_schema.loaders import SegmentById
from graphql_schema.resolving import Asked, given, reader_of, stated, unit_of
from graphql_schema.scopes import needs
from graphql_schema.segment_rules import SegmentRule, rule_document
from graphql_schema.segments import Segment, segment

_UNMEASURED = "Whether it takes those of whom nobody can say as well; not unless told."
_SHOWN = "The segment; selecting it needs the scope subscribers:read."


@strawberry.input(description="A new segment.")
class CreateSegmentInput:
    """Input of `createSegment`."""

    name: str = strawberry.field(description="What it is called, 1 to 200 characters.")
    rule: SegmentRule = strawberry.field(description="Whom it takes.")
    include_unmeasured: bool | None = strawberry.field(default=strawberry.UNSET, description=_UNMEASURED)


@strawberry.type(description="The answer of createSegment.")
class CreateSegmentPayload:
    """Payload of `createSegment`."""

    segment: Segment | None = strawberry.field(default=None, description=_SHOWN)
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


@strawberry.input(description="What changes of a segment; what is left out stays.")
class UpdateSegmentInput:
    """Input of `updateSegment`."""

    id: ID = strawberry.field(description="The segment.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is called, 1 to 200 characters."
    )
    rule: SegmentRule | None = strawberry.field(default=strawberry.UNSET, description="Whom it takes.")
    include_unmeasured: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it takes those of whom nobody can say as well."
    )


@strawberry.type(description="The answer of updateSegment.")
class UpdateSegmentPayload:
    """Payload of `updateSegment`."""

    segment: Segment | None = strawberry.field(default=None, description=_SHOWN)
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


@strawberry.input(description="A segment that is not needed any more.")
class DeleteSegmentInput:
    """Input of `deleteSegment`."""

    id: ID = strawberry.field(description="The segment.")


@strawberry.type(description="The answer of deleteSegment.")
class DeleteSegmentPayload:
    """Payload of `deleteSegment`."""

    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it is still there.")


@strawberry.input(description="How an attribute is read by rules that are written from now on.")
class DefineAttributeInput:
    """Input of `defineAttribute`."""

    name: str = strawberry.field(description="The attribute's name.")
    type: str | None = strawberry.field(
        default=strawberry.UNSET, description="text, number, date or boolean; text unless told."
    )


@strawberry.type(description="The answer of defineAttribute.")
class DefineAttributePayload:
    """Payload of `defineAttribute`."""

    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


Create = Annotated[CreateSegmentInput, strawberry.argument(name="input", description="The new segment.")]
Update = Annotated[UpdateSegmentInput, strawberry.argument(name="input", description="What changes.")]
Delete = Annotated[DeleteSegmentInput, strawberry.argument(name="input", description="Which one.")]
Define = Annotated[DefineAttributeInput, strawberry.argument(name="input", description="Name and type.")]


@strawberry.type
class SegmentMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a segment.", metadata=needs("subscribers:write"))
    async def create_segment(self, info: Asked, wanted: Create) -> CreateSegmentPayload:
        return await attempt(CreateSegmentPayload, _create(info, wanted))

    @strawberry.mutation(
        description="Changes what is named, and makes the next version.", metadata=needs("subscribers:write")
    )
    async def update_segment(self, info: Asked, wanted: Update) -> UpdateSegmentPayload:
        return await attempt(UpdateSegmentPayload, _update(info, wanted))

    @strawberry.mutation(
        description="Deletes a segment; the people stay.", metadata=needs("subscribers:write")
    )
    async def delete_segment(self, info: Asked, wanted: Delete) -> DeleteSegmentPayload:
        return await attempt(DeleteSegmentPayload, _delete(info, wanted))

    @strawberry.mutation(
        description="Says of which type an attribute is. Segments that are there stay as they were written.",
        metadata=needs("subscribers:write"),
    )
    async def define_attribute(self, info: Asked, wanted: Define) -> DefineAttributePayload:
        return await attempt(DefineAttributePayload, _define(info, wanted))


async def _create(info: Asked, wanted: CreateSegmentInput) -> CreateSegmentPayload:
    document = rule_document(wanted.rule)
    unmeasured = bool(given(wanted.include_unmeasured))
    async with unit_of(info) as work:
        made = await create_segment(work, _writer(info), wanted.name, document, include_unmeasured=unmeasured)
    return CreateSegmentPayload(segment=await _shown(info, made))


async def _update(info: Asked, wanted: UpdateSegmentInput) -> UpdateSegmentPayload:
    changes = stated(wanted, nullable=(), skip={"id"})
    if "rule" in changes:
        changes["rule"] = rule_document(changes["rule"])
    changed = number_of(wanted.id, "Segment", path=("id",))
    async with unit_of(info) as work:
        await update_segment(work, _writer(info), changed, changes)
    return UpdateSegmentPayload(segment=await _shown(info, changed))


async def _delete(info: Asked, wanted: DeleteSegmentInput) -> DeleteSegmentPayload:
    async with unit_of(info) as work:
        await delete_segment(work, number_of(wanted.id, "Segment", path=("id",)))
    return DeleteSegmentPayload()


async def _define(info: Asked, wanted: DefineAttributeInput) -> DefineAttributePayload:
    async with unit_of(info) as work:
        await define_attribute(work, wanted.name, given(wanted.type))
    return DefineAttributePayload()


def _writer(info: Asked) -> Writer:
    return Writer(sees_people=reader_of(info).sees_people)


async def _shown(info: Asked, segment_id: int) -> Segment:
    return segment(await info.context.loader(SegmentById).one(segment_id))
