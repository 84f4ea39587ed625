import type { Container, Probe } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { probePortName } from "./ports.ts";
import { inWords, wholeSeconds } from "./time.ts";

/** How much sooner than the kubelet's patience ends a check has to be over: for the answer. */
const headroom = 100;

const startupPeriod = 2;
const livenessPeriod = 10;

/**
 * How often readiness is asked, and how often it may say no. Where a kubelet restarts a container, for its
 * liveness probe failed, the pod stays in its Service until readiness has said no that often; that takes
 * two periods, proxies hear of it up to two seconds later, and both has to be over before
 * `--shutdown-delay` is, which is 5 s in Kubernetes.
 */
const readinessPeriod = 1;
const readinessFailures = 2;

/** The three probes of a container; none where the service has none. */
export function probes(
  options: ManifestOptions,
): Noted<Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe">> {
  const { service, startupTimeout } = options;
  const port = probePortName(service);
  if (port === undefined) return {};
  const { startupProbe, readinessProbe, livenessProbe, checkTimeout, reqQueueLen } = service;
  const timeoutSeconds = wholeSeconds(checkTimeout + headroom);
  const timeout = note(timeoutSeconds, `longer than a check may take (${inWords(checkTimeout)})`);
  return {
    startupProbe: {
      httpGet: { path: startupProbe, port },
      periodSeconds: startupPeriod,
      timeoutSeconds: 1,
      failureThreshold: note(
        startupFailures(startupTimeout),
        `${inWords(startupTimeout)} for the commands and the handler's start, then a restart`,
      ),
    },
    readinessProbe: {
      httpGet: { path: readinessProbe, port },
      periodSeconds: note(
        readinessPeriod,
        `how soon a pod gets no requests when more than ${reqQueueLen} are in its queue\n` +
          "(--req-queue-len: about twice what one pod has in flight at its peak)",
      ),
      timeoutSeconds: timeout,
      failureThreshold: note(
        readinessFailures,
        "one no may be chance; after two, a container that stops still serves for a while",
      ),
    },
    livenessProbe: {
      httpGet: { path: livenessProbe, port },
      periodSeconds: livenessPeriod,
      timeoutSeconds: timeout,
      failureThreshold: note(3, "a restart is the last resort: three answers in a row"),
    },
  } satisfies Noted<Record<string, Probe>>;
}

/** The kubelet asks at once and then after each period: one failure more than periods fit in. */
function startupFailures(startupTimeout: number): number {
  return Math.ceil(startupTimeout / 1000 / startupPeriod) + 1;
}
