{{- /*
What could not work, as hurricane manifest refuses it. What is wrong with one value alone is in
values.schema.json.
*/ -}}
{{- define "hurricane.refuse" -}}
{{- $given := .given -}}

{{- if eq .image "" -}}
{{- fail "no image is given, as in: --set image=registry.example/web:1.2" -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$" .name) -}}
{{- fail (printf "%q, after the release, cannot be the name of a Service: set name" .name) -}}
{{- end -}}

{{- /* What a Secret holds. */ -}}
{{- $urls := concat (list .amqpUrl) .webhookUrl -}}
{{- range compact $urls -}}
{{- $path := regexReplaceAll "^[a-z]+://[^/?]*" . "" -}}
{{- if or (regexMatch "^[a-z]+://[^/?]*@" .) (and (hasPrefix "http" .) (regexMatch "\\?|[^/]{20}" $path)) -}}
{{- fail "amqpUrl and webhookUrl must not hold what is secret (a user, a query, a long part of a path), for many can read values: set secretEnv.HURRICANE_AMQP_URL or secretEnv.HURRICANE_WEBHOOK_URL to SECRET/KEY" -}}
{{- end -}}
{{- end -}}
{{- range .secrets -}}
{{- if get $given .option -}}
{{- fail (printf "secretEnv.%s and %s contradict each other: set one of them" .name .option) -}}
{{- end -}}
{{- end -}}
{{- range $name := concat (keys (default dict $given.env)) (keys (default dict $given.secretEnv)) -}}
{{- $held := has $name (keys (include "hurricane.heldOptions" $ | fromJson)) -}}
{{- if or (eq $name "PORT") (and (hasPrefix "HURRICANE_" $name) (ne $name "HURRICANE_RUNTIME") (not (and $held (not (hasKey (default dict $given.env) $name))))) -}}
{{- fail (printf "the variable %s is Hurricane's own, and the chart has to fit its option: set the value instead, or in secretEnv HURRICANE_WEBHOOK_SECRET, HURRICANE_WEBHOOK_URL or HURRICANE_AMQP_URL" $name) -}}
{{- end -}}
{{- end -}}
{{- range .secretEnv -}}
{{- if hasKey (default dict $given.env) .name -}}
{{- fail (printf "the variable %s is in env and in secretEnv: set it once" .name) -}}
{{- end -}}
{{- end -}}
{{- if and .takesMessages (not .amqpQueue) -}}
{{- fail "amqpUrl needs amqpQueue, the queue that messages are taken from" -}}
{{- end -}}
{{- if and .amqpQueue (not .takesMessages) -}}
{{- fail "amqpQueue means nothing without the broker: set amqpUrl, or secretEnv.HURRICANE_AMQP_URL to SECRET/KEY" -}}
{{- end -}}
{{- if and .takesMessages .tlsClientCa -}}
{{- fail "amqpUrl posts messages to the handler without a certificate, which tlsClientCa asks for: set one of them" -}}
{{- end -}}

{{- /* Ports, addresses and paths. */ -}}
{{- if or (eq (int64 .port) 0) (and .probe (eq (int64 .probePort) 0)) -}}
{{- fail "port and probePort cannot be 0 in a pod, where they must be known" -}}
{{- end -}}
{{- if and .probe (gt (int64 .probePort) 65535) -}}
{{- fail "port is 65535, and no port follows it for the probes: set probePort" -}}
{{- end -}}
{{- if and .consumes .given.host (ne .host "127.0.0.1") -}}
{{- fail (printf "noService with amqpUrl runs consume, which listens on 127.0.0.1 alone, and host is %q: leave it away" .host) -}}
{{- end -}}
{{- if and .consumes .probe (eq (int64 .port) (int64 .probePort)) -}}
{{- fail (printf "noService with amqpUrl runs consume, which listens where no kubelet could reach the probes: set a probePort of their own, not %d" (int64 .port)) -}}
{{- end -}}
{{- $reached := dict "probeHost" .probeHost -}}
{{- if not .consumes }}{{ $_ := set $reached "host" .host }}{{ end -}}
{{- range $key, $host := $reached -}}
{{- if not (has $host (list "::" "0.0.0.0")) -}}
{{- fail (printf "%s %q cannot be reached in a pod, whose address nobody knows before: set 0.0.0.0 or ::" $key $host) -}}
{{- end -}}
{{- end -}}
{{- if .probe -}}
{{- $paths := compact (list .startupProbe .readinessProbe .livenessProbe (toString (default "" .metrics))) -}}
{{- if ne (len $paths) (len (uniq $paths)) -}}
{{- fail "startupProbe, readinessProbe, livenessProbe and metrics must be different paths" -}}
{{- end -}}
{{- else -}}
{{- range $key := list "probePort" "probeHost" "startupProbe" "readinessProbe" "livenessProbe" "statusPage" "metrics" "startupTimeout" "networkPolicy" "autoscale" "monitor" "dashboard" -}}
{{- if get $given $key -}}
{{- fail (printf "probe: false and %s contradict each other: set one of them" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := list "autoscale" "monitor" "dashboard" -}}
{{- if and (get $given $key) (not $.metrics) -}}
{{- fail (printf "metrics: false and %s contradict each other: set one of them" $key) -}}
{{- end -}}
{{- end -}}

{{- /* TLS. */ -}}
{{- if ne (empty .tlsCert) (empty .tlsKey) -}}
{{- fail "tlsCert and tlsKey mean nothing without each other: set both or none of them" -}}
{{- end -}}
{{- if and .tlsClientCa (empty .tlsCert) -}}
{{- fail "tlsClientCa means nothing without tlsCert and tlsKey" -}}
{{- end -}}
{{- $shared := and .probe (eq (int64 .port) (int64 .probePort)) -}}
{{- if and .tlsCert $shared -}}
{{- fail (printf "probePort is %d, where the handler speaks TLS and probes would have to: set another port" (int64 .port)) -}}
{{- end -}}
{{- $files := include "hurricane.tlsFiles" . | fromJsonArray -}}
{{- if $files -}}
{{- $directories := list -}}
{{- $paths := list -}}
{{- range $files -}}
{{- $directories = append $directories .directory -}}
{{- $paths = append $paths .path -}}
{{- end -}}
{{- $directory := first $directories -}}
{{- if or (gt (len (uniq $directories)) 1) (ne (len $paths) (len (uniq $paths))) (not (hasPrefix "/" $directory)) (has $directory (list "/" "/tmp")) -}}
{{- fail "tlsCert, tlsKey and tlsClientCa must be files of one directory of their own, by absolute paths such as /etc/tls/tls.crt: a Secret is mounted there" -}}
{{- end -}}
{{- end -}}

{{- /* One process alone. */ -}}
{{- if and .debugger (gt (int64 .workers) 1) -}}
{{- fail "debugger shows one worker: set workers to 1" -}}
{{- end -}}
{{- if .debugger -}}
{{- if and (ne (int64 .debuggerPort) 0) (has (int64 .debuggerPort) (list (int64 .port) (ternary (int64 .probePort) 0 .probe))) -}}
{{- fail "debuggerPort is that of the handler or of the probes: each needs its own" -}}
{{- end -}}
{{- end -}}
{{- if and .autoreload (or (gt (int64 .workers) 1) .tlsClientCa $shared) -}}
{{- fail "autoreload is for one worker, without tlsClientCa, and with a probePort of its own" -}}
{{- end -}}
{{- $prefixes := list -}}
{{- range .static }}{{ $prefixes = append $prefixes (ternary (regexReplaceAll "=.*$" . "") "/static/" (contains "=" .)) }}{{ end -}}
{{- if ne (len $prefixes) (len (uniq $prefixes)) -}}
{{- fail "static gives one prefix to several directories: each needs one of its own, as in /other/=dir" -}}
{{- end -}}

{{- /* Pods. */ -}}
{{- if .autoscale -}}
{{- $range := splitList ".." .autoscale -}}
{{- if gt (int64 (first $range)) (int64 (last $range)) -}}
{{- fail (printf "autoscale %q: the least number of pods is above the most" .autoscale) -}}
{{- end -}}
{{- if not (kindIs "invalid" $given.replicas) -}}
{{- fail "replicas and autoscale contradict each other: set one of them" -}}
{{- end -}}
{{- if gt (len .name) 46 -}}
{{- fail (printf "with autoscale, the name %q can have 46 characters: Kubernetes cuts longer ones in the names of pods; set name" .name) -}}
{{- end -}}
{{- else if $given.prometheusUrl -}}
{{- fail "prometheusUrl means nothing without autoscale" -}}
{{- end -}}
{{- if and $given.monitorLabel (not .monitor) -}}
{{- fail "monitorLabel means nothing without monitor" -}}
{{- end -}}
{{- if and $given.prometheusNamespace (not .networkPolicy) -}}
{{- fail "prometheusNamespace means nothing without networkPolicy" -}}
{{- end -}}
{{- if and (eq (toString $given.workers) "auto") (not .cpuLimit) -}}
{{- fail "without a limit, workers: auto is one for each CPU of the node, and nobody knows how much memory they need: set cpuLimit, or a number of workers" -}}
{{- end -}}
{{- range $key := list "cpu" "cpuLimit" -}}
{{- $cpus := get $given $key -}}
{{- if not (or (kindIs "invalid" $cpus) (eq (toString $cpus) "")) -}}
{{- if le (int64 (include "hurricane.milliCpus" $cpus)) 0 -}}
{{- fail (printf "%s must be CPUs above 0 as Kubernetes writes them, such as 250m, 0.5 or 2" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .cpu .cpuLimit -}}
{{- if gt (int64 (include "hurricane.milliCpus" .cpu)) (int64 (include "hurricane.milliCpus" .cpuLimit)) -}}
{{- fail (printf "cpu %v is more than cpuLimit %v: a pod cannot ask for more than it may use" .cpu .cpuLimit) -}}
{{- end -}}
{{- end -}}
{{- if not (has (toString .maxMemory) (list "auto" "none")) -}}
{{- if lt (int64 (include "hurricane.mebibytes" .maxMemory)) 32 -}}
{{- fail "maxMemory must be 32mb or more (a runtime alone takes 40mb and more), or auto, or none" -}}
{{- end -}}
{{- end -}}
{{- if and .memory (not (has (toString .maxMemory) (list "auto" "none"))) -}}
{{- $least := add (include "hurricane.besides" .) (mul (include "hurricane.mebibytes" .maxMemory) .workers) 64 -}}
{{- if lt (int64 (include "hurricane.bytes" .memory)) (mul $least 1048576) -}}
{{- fail (printf "memory %q is too little for maxMemory: with workers: %d, and another one while one is replaced, that takes at least %dMi" .memory (int64 .workers) $least) -}}
{{- end -}}
{{- end -}}

{{- /* Who may call them. */ -}}
{{- if ne (empty .route) (empty .gateway) -}}
{{- fail "route and gateway mean nothing without each other: set both or none of them" -}}
{{- end -}}
{{- if and .noService (or .route .ingress) -}}
{{- fail "noService contradicts route and ingress: set one of them" -}}
{{- end -}}
{{- if and .networkPolicy $shared -}}
{{- fail (printf "networkPolicy cannot tell probes from requests, which are both on port %d: set a probePort of its own" (int64 .port)) -}}
{{- end -}}
{{- end -}}
