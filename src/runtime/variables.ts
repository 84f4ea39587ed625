/** The variable that makes a process import a script, where the executable is no runtime itself. */
export const scriptVariable = "HURRICANE_INTERNAL_SCRIPT";

/**
 * The variable by which a process knows that a handler or a script has started it, where it could be a
 * runtime.
 */
export const handlerVariable = "HURRICANE_INTERNAL_HANDLER";
