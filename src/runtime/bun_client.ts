import type { LeanClient } from "./lean_client.ts";

/** Options of Bun's `fetch` that the standard has not. */
interface BunRequest extends RequestInit {
  timeout: false;
  decompress: false;
  tls: { rejectUnauthorized: boolean };
}

/** Bun's `fetch`: a request costs a quarter of the processor time that it takes with `node:http`. */
export const client: LeanClient = {
  // All that may name a proxy gives way to it. Of requests at a time, 256 are the default.
  env: { NO_PROXY: "*", no_proxy: "*", BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" },
  async post(url, headers, body) {
    const request: BunRequest = {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      timeout: false,
      decompress: false,
      // The certificate is for a name that clients use.
      tls: { rejectUnauthorized: false },
    };
    const response = await fetch(url, request);
    return {
      status: response.status,
      contentType: response.headers.get("content-type") ?? undefined,
      body: await response.bytes(),
    };
  },
};
