/**
 * Whose word is taken for who the client is: `--trusted-proxy`.
 *
 * @module
 */
import process from "node:process";

/** How many addresses are remembered: to look one up takes Deno 20 µs, and few proxies have many. */
const remembered = 4096;

/** Reads a header of a request. */
export type Header = (name: string) => string | null | undefined;

/** An address or a network (CIDR), taken apart; `undefined` where it is none. */
export function parseNetwork(
  text: string,
): { address: string; prefix: number; family: "ipv4" | "ipv6" } | undefined {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = process.getBuiltinModule("node:net").isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix > longest
    ? undefined
    : { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** The proxies in front, and what they say of a request. */
export class TrustedProxies {
  readonly #net = process.getBuiltinModule("node:net");
  readonly #networks = new this.#net.BlockList();
  readonly #known = new Map<string, boolean>();

  /** @param networks addresses and networks, which have been checked */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const parsed = parseNetwork(network);
      if (parsed === undefined) throw new Error(`${network} is neither an address nor a network`);
      this.#networks.addSubnet(parsed.address, parsed.prefix, parsed.family);
    }
  }

  /**
   * Who a request comes from: from the right, the first one that is none of the proxies. What stands
   * further to the left may be forged. `X-Forwarded-For` counts before `Forwarded` (RFC 7239).
   *
   * @param peer whoever has opened the connection
   */
  clientOf(peer: string, header: Header): string {
    let client = bare(peer);
    if (!this.#trusts(client)) return client;
    const list = header("x-forwarded-for");
    const hops = list?.split(",").filter((hop) => hop.trim() !== "") ??
      forwarded(header("forwarded"), "for");
    for (const hop of hops.reverse()) {
      const address = addressOf(hop);
      // What does not say who it is (`unknown`, `_hidden`) hides whoever is behind it.
      if (address === undefined) break;
      client = address;
      if (!this.#trusts(client)) break;
    }
    return client;
  }

  /** Is that one of the proxies? */
  trusts(peer: string): boolean {
    return this.#trusts(bare(peer));
  }

  /** `http` or `https`, as the proxy that has opened the connection says; or else as it did. */
  protocolOf(peer: string, header: Header, own: string): string {
    if (!this.#trusts(bare(peer))) return own;
    const said = header("x-forwarded-proto")?.split(",") ??
      forwarded(header("forwarded"), "proto");
    const last = said.at(-1)?.trim().toLowerCase();
    return last === "http" || last === "https" ? last : own;
  }

  #trusts(address: string): boolean {
    let known = this.#known.get(address);
    if (known === undefined) {
      const family = this.#net.isIPv6(address) ? "ipv6" : "ipv4";
      known = this.#net.isIP(address) !== 0 && this.#networks.check(address, family);
      if (this.#known.size >= remembered) this.#known.clear();
      this.#known.set(address, known);
    }
    return known;
  }
}

/** What IPv4 is called on a socket of IPv6 (RFC 4291 §2.5.5.2), by its own name. */
function bare(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, "");
}

/** The address of a hop, which may have a port. */
function addressOf(hop: string): string | undefined {
  const [, inBrackets, plain] =
    /^"?(?:\[([\da-f:.]+)\]|([^[\]"]+?))(?::\d+)?"?$/i.exec(hop.trim()) ?? [];
  const { isIP, isIPv6 } = process.getBuiltinModule("node:net");
  // Without brackets the end of an address of IPv6 looks like a port.
  const whole = hop.trim();
  if (isIPv6(whole)) return bare(whole);
  const address = inBrackets ?? plain ?? "";
  return isIP(address) === 0 ? undefined : bare(address);
}

/** What each hop says of one thing, from the client on; those that say nothing of it are empty. */
function forwarded(value: string | null | undefined, name: string): string[] {
  if (value === null || value === undefined) return [];
  const hops = value.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? [];
  return hops.map((hop) => {
    const pairs = hop.match(/(?:"(?:[^"\\]|\\.)*"|[^";])+/g) ?? [];
    const pair = pairs.map((pair) => pair.trim()).find((pair) =>
      pair.toLowerCase().startsWith(`${name}=`)
    );
    return pair?.slice(name.length + 1).replace(/^"(.*)"$/, "$1") ?? "";
  });
}
