// A page of mailings with their reports, as a front end writes it: every type below is made from the schema, and `tsc
// --strict` proves that they are what the code expects. An unused @ts-expect-error is an error, too.
import { graphql, useFragment, type FragmentType } from "./generated/index.js";
import type { MailingsQuery, MailingsQueryVariables } from "./generated/graphql.js";
import { ask } from "./readme.js";

const MailingReport = graphql(`
  fragment MailingReport on Report {
    sent
    measured { opens clicks }
    uniqueOpens { value shown }
    openRate { value lower upper basis shown }
  }
`);

const Mailings = graphql(`
  query Mailings($first: Int!, $after: String, $filter: MailingFilter) {
    mailings(first: $first, after: $after, filter: $filter) {
      totalCount
      totalCountCapped
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node { id name channel tracking { opens clicks } report { ...MailingReport } }
      }
    }
  }
`);

export function line(fragment: FragmentType<typeof MailingReport>): string {
  const report = useFragment(MailingReport, fragment);
  // @ts-expect-error  A figure may be withheld, so its value may be null.
  const opens: number = report.uniqueOpens.value;
  const sent: number = report.sent;
  switch (report.uniqueOpens.shown) {
    case "EXACT":
    case "ROUNDED":
      return `${opens} of ${sent}`;
    case "SUPPRESSED":
      return "withheld";
    case "NOT_MEASURED":
      return "not measured";
    default:
      return report.uniqueOpens.shown satisfies never;
  }
}

export async function* allMailings(): AsyncGenerator<string> {
  let after: string | null = null;
  do {
    const given: MailingsQueryVariables = { first: 50, after, filter: { channel: "CAMPAIGN" } };
    const { mailings }: MailingsQuery = await ask(Mailings, given);
    for (const { node } of mailings.edges) yield `${node.name}: ${line(node.report)}`;
    after = mailings.pageInfo.hasNextPage ? (mailings.pageInfo.endCursor ?? null) : null;
  } while (after !== null);
}

// @ts-expect-error  The size of a page is needed, and a number.
export const withoutSize = () => ask(Mailings, { first: "50" });
// @ts-expect-error  There is no such channel.
export const ofNoChannel = () => ask(Mailings, { first: 50, filter: { channel: "LETTER" } });
