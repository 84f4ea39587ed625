/**
 * A debugger: a client of the Chrome DevTools Protocol.
 *
 * @module
 */
import { Feed } from "./wait.ts";
import { request } from "./http.ts";

/** What an inspector says without being asked. */
export interface InspectorEvent {
  method: string;
  params: Record<string, unknown>;
}

interface Message extends Partial<InspectorEvent> {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A debugger that is attached, until it is disposed of. */
export class Inspector implements Disposable {
  /** Events in the order in which they came. */
  readonly events = new Feed<InspectorEvent>();
  /** Resolves when it has been detached. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)));
    this.closed = new Promise((resolve) => {
      socket.onclose = () => {
        this.events.end();
        for (const answer of this.#waiting.values()) answer({ error: { message: "detached" } });
        resolve();
      };
    });
  }

  /** Attaches to what listens on a port of 127.0.0.1. Rejects where nothing does. */
  static async attach(port: number): Promise<Inspector> {
    return await Inspector.open(await targetOf(port));
  }

  /** Attaches to a WebSocket URL. */
  static open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    const inspector = new Inspector(socket);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(inspector);
      socket.onerror = () => reject(new Error(`cannot attach to ${url}`));
    });
  }

  /** Calls a method; rejects with what the inspector says against it. */
  call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (result === undefined) reject(new Error(`${method}: ${error?.message}`));
        else resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The value of an expression, which has to be JSON, in the process that is debugged. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression: `JSON.stringify(${expression})`, returnByValue: true };
    const { result } = await this.call("Runtime.evaluate", options);
    return JSON.parse(String((result as { value: unknown }).value));
  }

  /** Waits for an event. */
  event(method: string): Promise<InspectorEvent> {
    return this.events.until(`the event ${method}`, (event) => event.method === method);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #receive(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) this.#waiting.get(id)?.(message);
    else if (method !== undefined) this.events.push({ method, params });
  }
}

/** The WebSocket URL that editors and browsers find on a port. */
export async function targetOf(port: number): Promise<string> {
  const { text } = await request(`http://127.0.0.1:${port}/json/list`);
  const [target] = JSON.parse(text) as { webSocketDebuggerUrl: string }[];
  return target?.webSocketDebuggerUrl ?? "";
}
