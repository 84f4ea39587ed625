/** How often something is looked up in a map meanwhile. */
export function lookups(during: () => void): number {
  const { get } = Map.prototype;
  let count = 0;
  Map.prototype.get = function (key: unknown) {
    count++;
    return get.call(this, key);
  };
  try {
    during();
  } finally {
    Map.prototype.get = get;
  }
  return count;
}
