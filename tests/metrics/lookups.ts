/** How often a series of a metric is looked up in a map meanwhile. */
export async function lookups(metric: string, during: () => unknown): Promise<number> {
  const { get } = Map.prototype;
  let count = 0;
  Map.prototype.get = function (key: unknown) {
    if (typeof key === "string" && key.startsWith(`${metric}{`)) count++;
    return get.call(this, key);
  };
  try {
    await during();
  } finally {
    Map.prototype.get = get;
  }
  return count;
}
