import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

export async function ask<Answer, Given>(document: TypedDocumentNode<Answer, Given>, given: Given): Promise<Answer> {
  throw new Error(`Nobody runs this; it is only compiled: ${String(document)} ${String(given)}`);
}
