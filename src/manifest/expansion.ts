/**
 * Protects an argument from Kubernetes, which expands `$(NAME)` in the arguments of a container and
 * makes `$` of `$$` (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
 */
export function escapeExpansion(argument: string): string {
  return argument.replaceAll(/\$(?=[$(])/g, "$$$$");
}
