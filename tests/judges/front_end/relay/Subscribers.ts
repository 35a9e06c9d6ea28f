// Only compiled: pagination with @refetchable and @connection both ways, refetching by `node`, updates after a mutation.
import { graphql } from "relay-runtime";

export const page = graphql`
  query SubscribersPageQuery($count: Int!) {
    viewer { ...SubscribersViewer_account }
    ...Subscribers_list @arguments(count: $count)
  }
`;

export const viewer = graphql`
  fragment SubscribersViewer_account on Viewer { account { id name } scopes }
`;

export const list = graphql`
  fragment Subscribers_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "SubscribersListPaginationQuery") {
    subscribers(first: $count, after: $cursor) @connection(key: "Subscribers_subscribers") {
      edges { node { id ...SubscribersRow_subscriber } }
    }
  }
`;

export const row = graphql`
  fragment SubscribersRow_subscriber on Subscriber @refetchable(queryName: "SubscribersRowRefetchQuery") {
    email
    permission { opens { value reason } clicks { value reason } }
    engagement
  }
`;

export const deliveries = graphql`
  fragment SubscribersDeliveries_subscriber on Subscriber
  @argumentDefinitions(
    first: { type: "Int" }, after: { type: "String" }, last: { type: "Int" }, before: { type: "String" }
  )
  @refetchable(queryName: "SubscribersDeliveriesPaginationQuery") {
    deliveries(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "SubscribersDeliveries_deliveries") {
      edges { node { id opensMode opens { value shown } mailing { id name } } }
    }
  }
`;

export const refuse = graphql`
  mutation SubscribersRefuseMutation($input: SetPermissionInput!) @raw_response_type {
    setPermission(input: $input) {
      subscriber { ...SubscribersRow_subscriber }
      errors { code message path }
    }
  }
`;

export const add = graphql`
  mutation SubscribersAddMutation($input: CreateMailingInput!, $connections: [ID!]!) {
    createMailing(input: $input) {
      mailing @appendNode(connections: $connections, edgeTypeName: "MailingEdge") { id name }
      errors { code }
    }
  }
`;

export const progress = graphql`
  subscription SubscribersProgressSubscription($id: ID!) { jobProgress(id: $id) { id status progress } }
`;

export const anything = graphql`
  query SubscribersAnythingQuery($ids: [ID!]!) {
    nodes(ids: $ids) { __typename id ... on Mailing { name } ... on Subscriber { ...SubscribersRow_subscriber @alias(as: "row") } }
  }
`;
