/**
 * Variables of a container: what they are, or where a Secret holds it.
 *
 * @module
 */

/** A variable whose value is in the manifest. */
export interface PlainVariable {
  name: string;
  value: string;
}

/** A variable whose value is in a Secret. */
export interface SecretVariable {
  name: string;
  secret: string;
  key: string;
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name of a Secret, and of a value in it: https://kubernetes.io/docs/concepts/configuration/secret/ */
const secretName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const secretKey = /^[A-Za-z0-9._-]+$/;
const longestName = 253;

/**
 * What `--env` says: `NAME=VALUE`. The value may be empty.
 *
 * @throws {Error} what is wrong with it; the value is not shown, for it may be a secret
 *
 * @example
 * ```ts
 * import { parseVariable } from "./variables.ts";
 *
 * console.assert(parseVariable("FEATURES=a=1").value === "a=1");
 * ```
 */
export function parseVariable(text: string): PlainVariable {
  const { name, rest } = parts(text, "NAME=VALUE");
  return { name, value: rest };
}

/**
 * What `--secret-env` says: `NAME=SECRET/KEY`.
 *
 * @throws {Error} what is wrong with it
 *
 * @example
 * ```ts
 * import { parseSecretVariable } from "./variables.ts";
 *
 * console.assert(parseSecretVariable("DATABASE_URL=database/url").key === "url");
 * ```
 */
export function parseSecretVariable(text: string): SecretVariable {
  const { name, rest } = parts(text, "NAME=SECRET/KEY");
  const [secret = "", key = "", ...more] = rest.split("/");
  const fits = secretName.test(secret) && secret.length <= longestName && secretKey.test(key) &&
    key.length <= longestName;
  if (!fits || more.length > 0) {
    throw new Error("the value must be the name of a Secret and a key in it, as in database/url");
  }
  return { name, secret, key };
}

function parts(text: string, form: string): { name: string; rest: string } {
  const end = text.indexOf("=");
  if (end < 0) throw new Error(`it must be ${form}`);
  const name = text.slice(0, end);
  if (!variableName.test(name)) {
    throw new Error(
      "the name of a variable has letters, digits and underscores, and no digit first",
    );
  }
  return { name, rest: text.slice(end + 1) };
}
