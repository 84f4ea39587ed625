/** An HTTP client of the runtime's own, for requests to this machine. */
export interface LeanClient {
  /** What the process that uses it must have in its environment, so that no proxy is asked. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Posts a body and gives the answer, however long that takes. Rejects with an error whose `code` is
   * `ECONNREFUSED` where nobody listens, and with another one where the connection breaks off.
   */
  post(
    url: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<{ status: number; contentType: string | undefined; body: Uint8Array }>;
}
