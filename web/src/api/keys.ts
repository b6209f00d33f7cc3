import { ask } from "./http";
import type { components } from "./schema";

export type AccessKey = components["schemas"]["KeyJson"];
export type Scope = AccessKey["scopes"][number];
export type KeyRequest = components["schemas"]["KeyRequest"];

export function keys(): Promise<AccessKey[]> {
  return ask("/v1/keys");
}

/** The secret is in this answer only. */
export function createKey(request: KeyRequest): Promise<{ key: AccessKey; secret: string }> {
  return ask("/v1/keys", { method: "POST", body: JSON.stringify(request) });
}

export function revokeKey(id: string): Promise<AccessKey> {
  return ask(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
}
