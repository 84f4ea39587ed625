/**
 * The variable that makes a process the one of the pump: the supervisor's process id. What it is to do
 * comes as a message, for the URL of the broker is a secret.
 */
export const pumpVariable = "HURRICANE_INTERNAL_PUMP";
