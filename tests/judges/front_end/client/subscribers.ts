// Changing something: errors are data, with a code and the path of the input.
import { graphql } from "./generated/index.js";
import type { UpsertSubscriberInput } from "./generated/graphql.js";
import { ask } from "./readme.js";

const UpsertSubscriber = graphql(`
  mutation UpsertSubscriber($input: UpsertSubscriberInput!) {
    upsertSubscriber(input: $input) {
      subscriber {
        id
        permission { opens { value reason } clicks { value reason } }
      }
      errors { code message path }
    }
  }
`);

const JobProgress = graphql(`
  subscription JobProgress($id: ID!) {
    jobProgress(id: $id) { id status progress counts }
  }
`);

export async function save(input: UpsertSubscriberInput): Promise<string> {
  const { upsertSubscriber } = await ask(UpsertSubscriber, { input });
  const refused = upsertSubscriber.errors.find((error) => error.path?.[0] === "email");
  if (refused) throw new Error(refused.message);
  // @ts-expect-error  Where something was wrong, there may be no subscriber.
  const id: string = upsertSubscriber.subscriber.id;
  return id;
}

export const evidence: UpsertSubscriberInput = {
  email: "ann@example.org",
  permission: "YES",
  source: "FORM",
  at: "2026-11-01T09:00:00Z",
};

export async function wait(id: string): Promise<number | null | undefined> {
  const { jobProgress } = await ask(JobProgress, { id });
  return jobProgress.progress;
}
