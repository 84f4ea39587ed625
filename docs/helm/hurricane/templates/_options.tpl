{{- /* Made by scripts/chart, of src/options/serve_table.ts. */ -}}
{{- define "hurricane.defaults" -}}
{
  "replicas": "2",
  "tmpSize": "64Mi",
  "noService": false,
  "networkPolicy": false,
  "prometheusNamespace": "monitoring",
  "prometheusUrl": "http://prometheus.monitoring.svc:9090",
  "monitor": false,
  "monitorLabel": [],
  "dashboard": false,
  "port": "8000",
  "static": [],
  "startupProbe": "/startup",
  "readinessProbe": "/ready",
  "livenessProbe": "/alive",
  "probe": true,
  "checkTimeout": "900ms",
  "stallTimeout": "30s",
  "reqQueueLen": "100",
  "amqpQueue": [],
  "amqpPrefetch": "10",
  "amqpRetries": "5",
  "command": [],
  "webhookUrl": [],
  "webhookTimeout": "5s",
  "webhookRetries": "10",
  "metrics": "/metrics",
  "workers": "1",
  "maxMemory": "auto",
  "maxRestarts": "5",
  "shutdownTimeout": "20s",
  "autoreload": false,
  "watchPath": [],
  "debugger": false,
  "debuggerPort": "6499",
  "logLevel": "info",
  "logFormat": "auto",
  "accessLog": false,
  "accessLogFields": "method,path,status,duration,client",
  "trustedProxy": [],
  "requestId": false,
  "logProbes": false,
  "otel": false
}
{{- end -}}
{{- define "hurricane.flags" -}}
[
  {
    "key": "port",
    "on": "--port"
  },
  {
    "key": "host",
    "on": "--host"
  },
  {
    "key": "adoptPort",
    "on": "--adopt-port"
  },
  {
    "key": "maxBodySize",
    "on": "--max-body-size"
  },
  {
    "key": "maxHeaderSize",
    "on": "--max-header-size"
  },
  {
    "key": "idleTimeout",
    "on": "--idle-timeout"
  },
  {
    "key": "static",
    "on": "--static"
  },
  {
    "key": "tlsCert",
    "on": "--tls-cert"
  },
  {
    "key": "tlsKey",
    "on": "--tls-key"
  },
  {
    "key": "tlsClientCa",
    "on": "--tls-client-ca"
  },
  {
    "key": "probePort",
    "on": "--probe-port"
  },
  {
    "key": "probeHost",
    "on": "--probe-host"
  },
  {
    "key": "startupProbe",
    "on": "--startup-probe"
  },
  {
    "key": "readinessProbe",
    "on": "--readiness-probe"
  },
  {
    "key": "livenessProbe",
    "on": "--liveness-probe"
  },
  {
    "key": "probe",
    "off": "--no-probe"
  },
  {
    "key": "checkTimeout",
    "on": "--check-timeout"
  },
  {
    "key": "stallTimeout",
    "on": "--stall-timeout"
  },
  {
    "key": "reqQueueLen",
    "on": "--req-queue-len"
  },
  {
    "key": "maxInflight",
    "on": "--max-inflight"
  },
  {
    "key": "maxWait",
    "on": "--max-wait"
  },
  {
    "key": "requestTimeout",
    "on": "--request-timeout"
  },
  {
    "key": "amqpUrl",
    "on": "--amqp-url"
  },
  {
    "key": "amqpQueue",
    "on": "--amqp-queue"
  },
  {
    "key": "amqpPrefetch",
    "on": "--amqp-prefetch"
  },
  {
    "key": "amqpRetries",
    "on": "--amqp-retries"
  },
  {
    "key": "command",
    "on": "--command"
  },
  {
    "key": "commandTimeout",
    "on": "--command-timeout"
  },
  {
    "key": "webhookUrl",
    "on": "--webhook-url"
  },
  {
    "key": "webhookTimeout",
    "on": "--webhook-timeout"
  },
  {
    "key": "webhookRetries",
    "on": "--webhook-retries"
  },
  {
    "key": "appVersion",
    "on": "--app-version"
  },
  {
    "key": "statusPage",
    "on": "--status-page",
    "off": "--no-status-page"
  },
  {
    "key": "metrics",
    "on": "--metrics",
    "off": "--no-metrics"
  },
  {
    "key": "workers",
    "on": "--workers"
  },
  {
    "key": "maxLifetime",
    "on": "--max-lifetime"
  },
  {
    "key": "maxMemory",
    "on": "--max-memory"
  },
  {
    "key": "maxRestarts",
    "on": "--max-restarts"
  },
  {
    "key": "shutdownDelay",
    "on": "--shutdown-delay"
  },
  {
    "key": "shutdownTimeout",
    "on": "--shutdown-timeout"
  },
  {
    "key": "autoreload",
    "on": "--autoreload"
  },
  {
    "key": "watchPath",
    "on": "--watch-path"
  },
  {
    "key": "debugger",
    "on": "--debugger"
  },
  {
    "key": "debuggerPort",
    "on": "--debugger-port"
  },
  {
    "key": "logLevel",
    "on": "--log-level"
  },
  {
    "key": "logFormat",
    "on": "--log-format"
  },
  {
    "key": "accessLog",
    "on": "--access-log"
  },
  {
    "key": "accessLogFields",
    "on": "--access-log-fields"
  },
  {
    "key": "trustedProxy",
    "on": "--trusted-proxy"
  },
  {
    "key": "requestId",
    "on": "--request-id"
  },
  {
    "key": "logProbes",
    "on": "--log-probes"
  },
  {
    "key": "otel",
    "on": "--otel"
  }
]
{{- end -}}
{{- define "hurricane.heldOptions" -}}
{
  "HURRICANE_AMQP_URL": "amqpUrl",
  "HURRICANE_WEBHOOK_URL": "webhookUrl",
  "HURRICANE_WEBHOOK_SECRET": "webhookSecret"
}
{{- end -}}
