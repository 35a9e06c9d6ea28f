"""The product's schema: every noun's part of Query, Mutation and Subscription, put together.

`python -m graphql_schema.schema` prints it; `schema.graphql` beside this file is the printed schema, kept fresh by
a test.
"""

import sys

import strawberry

from graphql_schema import enums as _enums  # noqa: F401  Declares the domain's enums before the schema names them.
from graphql_schema.accounts import AccountQueries
from graphql_schema.brands import BrandMutations
from graphql_schema.build import Schema, build_schema
from graphql_schema.decisions import DecisionQueries
from graphql_schema.deliveries import DeliveryMutations
from graphql_schema.erasure import ErasureMutations
from graphql_schema.exports import ExportMutations
from graphql_schema.form_changes import FormMutations
from graphql_schema.forms import FormQueries
from graphql_schema.identity_changes import IdentityMutations
from graphql_schema.jobs import JobSubscriptions
from graphql_schema.ledger import LedgerQueries
from graphql_schema.lists import ListMutations, ListQueries
from graphql_schema.mailing_changes import MailingMutations
from graphql_schema.mailings import MailingQueries
from graphql_schema.messages import MessageMutations
from graphql_schema.permission_requests import PermissionRequestMutations
from graphql_schema.policy_impact import PolicyImpactQueries
from graphql_schema.refetch import NODES, NodeQueries
from graphql_schema.reports import ReportQueries
from graphql_schema.retention import RetentionMutations, RetentionQueries
from graphql_schema.segment_changes import SegmentMutations
from graphql_schema.segments import SegmentQueries
from graphql_schema.settings import SettingsQueries
from graphql_schema.settings_changes import SettingsMutations
from graphql_schema.subscriber_changes import SubscriberMutations
from graphql_schema.subscribers import SubscriberQueries
from graphql_schema.tokens import TokenMutations, TokenQueries
from graphql_schema.users import UserMutations, UserQueries
from graphql_schema.wordings import WordingMutations, WordingQueries


@strawberry.type(description="Everything that can be asked.")
class Query(
    ReportQueries,
    SegmentQueries,
    FormQueries,
    WordingQueries,
    PolicyImpactQueries,
    UserQueries,
    DecisionQueries,
    MailingQueries,
    SubscriberQueries,
    LedgerQueries,
    ListQueries,
    RetentionQueries,
    SettingsQueries,
    AccountQueries,
    TokenQueries,
    NodeQueries,
):
    """Composed of the nouns' parts; the last base's fields come first."""


@strawberry.type(
    description="Everything that can be changed. One input each; the answer says what went wrong."
)
class Mutation(
    ExportMutations,
    SegmentMutations,
    BrandMutations,
    PermissionRequestMutations,
    UserMutations,
    TokenMutations,
    WordingMutations,
    FormMutations,
    DeliveryMutations,
    MessageMutations,
    MailingMutations,
    IdentityMutations,
    ErasureMutations,
    SubscriberMutations,
    ListMutations,
    RetentionMutations,
    SettingsMutations,
):
    """Composed of the nouns' parts; the last base's fields come first."""


@strawberry.type(description="Everything that can be watched, over WebSocket or as a stream of events.")
class Subscription(JobSubscriptions):
    """Composed of the nouns' parts."""


def product_schema() -> Schema:
    """The schema that the product serves, with every guard on it."""
    return build_schema(Query, Mutation, Subscription, types=[kind for kind, _ in NODES.values()])


def printed() -> str:
    """The schema in GraphQL's own language."""
    return product_schema().as_str() + "\n"


if __name__ == "__main__":
    sys.stdout.write(printed())
