/**
 * The arguments that a container gets, given what its environment holds: a reading of
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container (`args`).
 */
export function expand(argument: string, variables: Record<string, string> = {}): string {
  return argument.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (all: string, name?: string) => {
    if (name === undefined) return "$";
    return variables[name] ?? all;
  });
}
