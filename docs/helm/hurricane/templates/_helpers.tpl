{{- /* A duration such as 1.5s, in milliseconds. */ -}}
{{- define "hurricane.milliseconds" -}}
{{- $factor := get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) (regexFind "[a-z]+$" .) -}}
{{- round (mulf (regexFind "^[0-9.]+" . | float64) $factor) 0 | int64 -}}
{{- end -}}

{{- /* Whole seconds that are at least as long as so many milliseconds. */ -}}
{{- define "hurricane.seconds" -}}
{{- ceil (divf . 1000) | int64 -}}
{{- end -}}

{{- /* CPUs such as 250m or 0.5, in thousandths. */ -}}
{{- define "hurricane.milliCpus" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}
{{- trimSuffix "m" $text | int64 -}}
{{- else -}}
{{- round (mulf (float64 $text) 1000) 0 | int64 -}}
{{- end -}}
{{- end -}}

{{- /* Kubernetes' 512Mi, in bytes. */ -}}
{{- define "hurricane.bytes" -}}
{{- $factors := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $factors (regexFind "[A-Za-z]+$" .)) | int64 -}}
{{- end -}}

{{- /* Hurricane's 300mb, in MiB, of which a part counts as one. */ -}}
{{- define "hurricane.mebibytes" -}}
{{- $text := lower (include "hurricane.text" .) -}}
{{- $factors := dict "" 1 "kb" 1024 "mb" 1048576 "gb" 1073741824 -}}
{{- $bytes := round (mulf (regexFind "^[0-9.]+" $text | float64) (get $factors (regexFind "[a-z]*$" $text))) 0 -}}
{{- ceil (divf $bytes 1048576) | int64 -}}
{{- end -}}

{{- /* A value as it stands on a command line. Helm's numbers are floating, and one of 1000000 would be 1e+06. */ -}}
{{- define "hurricane.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- /* A variable's value: a number as people write it, 9000 or 0.5, and true or false. */ -}}
{{- define "hurricane.number" -}}
{{- if kindIs "float64" . }}{{ toJson . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{- /* The path of a URL: with a slash before it, and none behind. */ -}}
{{- define "hurricane.path" -}}
{{- printf "/%s" (regexReplaceAll "/+$" (trimPrefix "/" .) "") -}}
{{- end -}}

{{- /* An address without the brackets that it has in URLs. */ -}}
{{- define "hurricane.bareHost" -}}
{{- regexReplaceAll "^\\[(.*)\\]$" . "${1}" -}}
{{- end -}}

{{- /*
Protects a text from Kubernetes, which expands $(NAME) and makes $ of $$: each $ is doubled, but for one
that neither a $ nor a parenthesis follows.
*/ -}}
{{- define "hurricane.literal" -}}
{{- $text := regexReplaceAll "\\$\\$([^$(]|\\z)" (replace "$" "$$" .) "$$${1}" | toJson -}}
{{- /* What JSON allows and YAML does not: it has to be an escape. */ -}}
{{- range $code := append (untilStep 127 160 1) 65279 -}}
{{- $text = replace (printf "%c" $code) (printf "\\u%04x" $code) $text -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{- /*
All options, as JSON: what is given, the defaults, and what follows from them. A template begins with it.
*/ -}}
{{- define "hurricane.options" -}}
{{- $o := include "hurricane.defaults" . | fromJson -}}
{{- range $key, $value := .Values -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $o $key $value }}{{ end -}}
{{- end -}}
{{- $held := include "hurricane.heldOptions" . | fromJson -}}
{{- $secrets := list -}}
{{- $secretEnv := list -}}
{{- range $name, $reference := .Values.secretEnv -}}
{{- if $reference -}}
{{- $parts := splitList "/" $reference -}}
{{- $variable := dict "name" $name "secret" (first $parts) "key" (last $parts) -}}
{{- if hasKey $held $name -}}
{{- $secrets = append $secrets (set $variable "option" (get $held $name)) -}}
{{- else -}}
{{- $secretEnv = append $secretEnv $variable -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $heldKeys := list -}}
{{- range $secrets }}{{ $heldKeys = append $heldKeys .option }}{{ end -}}
{{- $derived := dict
  "name" (default .Release.Name .Values.name)
  "namespace" .Release.Namespace
  "given" .Values
  "secrets" $secrets
  "secretEnv" $secretEnv
  "heldKeys" $heldKeys
  "port" (int64 $o.port)
  "reqQueueLen" (int64 $o.reqQueueLen)
  "amqpPrefetch" (int64 $o.amqpPrefetch)
  "startupProbe" (include "hurricane.path" $o.startupProbe)
  "readinessProbe" (include "hurricane.path" $o.readinessProbe)
  "livenessProbe" (include "hurricane.path" $o.livenessProbe)
  "takesMessages" (or (not (empty $o.amqpUrl)) (has "amqpUrl" $heldKeys))
  "sendsWebhooks" (or (not (empty $o.webhookUrl)) (has "webhookUrl" $heldKeys))
  "handlerPort" (ternary "https" "http" (not (empty $o.tlsCert)))
  "host" (include "hurricane.bareHost" (default "::" $o.host))
-}}
{{- $_ := mergeOverwrite $o $derived -}}
{{- $_ := set $o "consumes" (and $o.noService $o.takesMessages) -}}
{{- $_ := set $o "probePort" (int64 (default (add $o.port 1) .Values.probePort)) -}}
{{- if and (kindIs "float64" .Values.probePort) (eq (int64 .Values.probePort) 0) }}{{ $_ := set $o "probePort" 0 }}{{ end -}}
{{- $_ := set $o "probeHost" (include "hurricane.bareHost" (default (ternary "::" $o.host $o.consumes) .Values.probeHost)) -}}
{{- if $o.probe -}}
{{- if $o.metrics }}{{ $_ := set $o "metrics" (include "hurricane.path" $o.metrics) }}{{ end -}}
{{- $_ := set $o "probePortName" (ternary "http" "probes" (eq (int64 $o.port) (int64 $o.probePort))) -}}
{{- else -}}
{{- $_ := set $o "metrics" false -}}
{{- end -}}
{{- if eq (toString $o.workers) "auto" -}}
{{- $_ := set $o "workers" (ceil (divf (include "hurricane.milliCpus" (default 1 $o.cpuLimit)) 1000)) -}}
{{- end -}}
{{- $_ := set $o "workers" (int64 $o.workers) -}}
{{- $commands := len $o.command -}}
{{- $commandTimeout := int64 (include "hurricane.milliseconds" (default "0s" $o.commandTimeout)) -}}
{{- $startup := max 300000 (add (mul $commands $commandTimeout) 60000) -}}
{{- if $o.startupTimeout }}{{ $startup = int64 (include "hurricane.milliseconds" $o.startupTimeout) }}{{ end -}}
{{- $_ := set $o "startupMilliseconds" $startup -}}
{{- toJson $o -}}
{{- end -}}

{{- define "hurricane.labels" -}}
app.kubernetes.io/name: {{ .name | toJson }}
{{- end -}}

{{- define "hurricane.metadata" -}}
name: {{ .name | toJson }}
namespace: {{ .namespace | toJson }}
labels:
  {{- include "hurricane.labels" . | nindent 2 }}
{{- end -}}

{{- /* With the labels that a Prometheus looks for. */ -}}
{{- define "hurricane.monitorMetadata" -}}
{{- include "hurricane.metadata" . -}}
{{- $labels := dict -}}
{{- range .monitorLabel -}}
{{- $parts := splitn "=" 2 . -}}
{{- if ne $parts._0 "app.kubernetes.io/name" }}{{ $_ := set $labels $parts._0 $parts._1 }}{{ end -}}
{{- end -}}
{{- range $key, $value := $labels }}
  {{ $key | toJson }}: {{ $value | toJson }}
{{- end -}}
{{- end -}}

{{- /* What the container is started with: what is given, and nothing else. */ -}}
{{- define "hurricane.arguments" -}}
{{- $given := .given -}}
{{- if or .handler .consumes }}
- {{ ternary "consume" "serve" .consumes }}
{{- end -}}
{{- with .handler }}
- {{ include "hurricane.literal" . }}
{{- end -}}
{{- range include "hurricane.flags" . | fromJsonArray -}}
{{- $flag := . -}}
{{- $value := get $given .key -}}
{{- if kindIs "invalid" $value -}}
{{- else if kindIs "slice" $value -}}
{{- range $value }}
- {{ include "hurricane.literal" (printf "%s=%s" $flag.on .) }}
{{- end -}}
{{- else if kindIs "bool" $value -}}
{{- if $value -}}
{{- if .on }}
- {{ .on }}
{{- end -}}
{{- else if .off }}
- {{ .off }}
{{- else }}
- {{ .on }}=false
{{- end -}}
{{- else if ne (toString $value) "" }}
- {{ include "hurricane.literal" (printf "%s=%s" .on (include "hurricane.text" $value)) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hurricane.variables" -}}
{{- $names := list -}}
{{- range concat .secrets .secretEnv -}}
{{- $names = append $names .name }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | toJson }}
      key: {{ .key | toJson }}
{{- end -}}
{{- range $name, $value := .given.env -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $names = append $names $name }}
- name: {{ $name }}
  value: {{ include "hurricane.literal" (include "hurricane.number" $value) }}
{{- end -}}
{{- end -}}
{{- if .sendsWebhooks -}}
{{- if not (has "SERVICE_NAME" $names) }}
- name: SERVICE_NAME
  value: {{ .name | toJson }}
{{- end -}}
{{- range list "namespace" "name" -}}
{{- $name := printf "POD_%s" (upper .) -}}
{{- if not (has $name $names) }}
- name: {{ $name }}
  valueFrom:
    fieldRef:
      fieldPath: metadata.{{ . }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What the workers do not get of a memory limit, in MiB. */ -}}
{{- define "hurricane.besides" -}}
{{- add 64 (ternary 192 0 .takesMessages) -}}
{{- end -}}

{{- /* What a container asks for and may use at most: as it is told, and else a guess. */ -}}
{{- define "hurricane.resources" -}}
{{- $cpu := min (mul 100 .workers) (include "hurricane.milliCpus" (default 1000000 .cpuLimit) | int64) -}}
{{- $least := add 64 (ternary 64 0 .takesMessages) (mul 64 .workers) -}}
{{- $each := ternary 256 0 (has (toString .maxMemory) (list "auto" "none")) -}}
{{- if eq (int $each) 0 }}{{ $each = include "hurricane.mebibytes" .maxMemory }}{{ end -}}
{{- $most := add (include "hurricane.besides" .) (mul $each (add .workers 1)) -}}
requests:
  cpu: {{ default (printf "%dm" (int64 $cpu)) .cpu | toString | toJson }}
  memory: {{ default (printf "%dMi" (int64 $least)) .memory | toJson }}
limits:
  {{- with .cpuLimit }}
  cpu: {{ toString . | toJson }}
  {{- end }}
  memory: {{ default (printf "%dMi" (int64 $most)) .memory | toJson }}
{{- end -}}

{{- /* The probes of a container. */ -}}
{{- define "hurricane.probes" -}}
{{- $timeout := include "hurricane.seconds" (add 100 (include "hurricane.milliseconds" .checkTimeout)) -}}
startupProbe:
  httpGet:
    path: {{ .startupProbe | toJson }}
    port: {{ .probePortName }}
  periodSeconds: 2
  timeoutSeconds: 1
  failureThreshold: {{ add (ceil (divf .startupMilliseconds 2000)) 1 }}
readinessProbe:
  httpGet:
    path: {{ .readinessProbe | toJson }}
    port: {{ .probePortName }}
  periodSeconds: 1
  timeoutSeconds: {{ $timeout }}
  failureThreshold: 2
livenessProbe:
  httpGet:
    path: {{ .livenessProbe | toJson }}
    port: {{ .probePortName }}
  periodSeconds: 10
  timeoutSeconds: {{ $timeout }}
  failureThreshold: 3
{{- end -}}

{{- /* The files of TLS: their keys in a Secret, as JSON. */ -}}
{{- define "hurricane.tlsFiles" -}}
{{- $files := list -}}
{{- if and .tlsCert .tlsKey -}}
{{- $files = list (dict "key" "tls.crt" "file" .tlsCert) (dict "key" "tls.key" "file" .tlsKey) -}}
{{- with .tlsClientCa }}{{ $files = append $files (dict "key" "ca.crt" "file" .) }}{{ end -}}
{{- end -}}
{{- $named := list -}}
{{- range $files -}}
{{- $file := clean .file -}}
{{- $named = append $named (dict "key" .key "directory" (dir $file) "path" (base $file)) -}}
{{- end -}}
{{- toJson $named -}}
{{- end -}}
