/**
 * Kubernetes' quantities, as far as a container's resources need them
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
 *
 * @module
 */

/** What stands behind a number of bytes. Without it `512` would be 512 bytes, and `512m` half of one. */
const units: Record<string, number> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};

/** CPUs in thousandths: `250m`, `0.25`, `2`. `undefined` where it is none, or nothing. */
export function milliCpus(text: string): number | undefined {
  const [, whole, fraction = "", milli] = /^(\d{1,6})(?:\.(\d{1,3})|(m))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const thousandths = Number(whole) * (milli === undefined ? 1000 : 1) +
    Number(fraction.padEnd(3, "0"));
  return thousandths > 0 ? thousandths : undefined;
}

/** Bytes: `512Mi`, `1.5Gi`, `500M`. `undefined` where it is none, or nothing. */
export function bytes(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)([KMGT]i|[kMGT])$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const count = Number(number) * (units[unit] ?? NaN);
  return count > 0 ? count : undefined;
}
