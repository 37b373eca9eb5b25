{{/* The pod of a worker, of a Deployment or of an indexed Job. Arguments are good for stock Locust too. */}}
{{- define "locust.workerPod" -}}
{{- $job := eq .Values.worker.kind "Job" -}}
metadata:
  labels:
    {{- include "locust.labels" . | nindent 4 }}
    app.kubernetes.io/component: worker
    {{- include "locust.joinsLabel" (include "locust.masterHost" .) | nindent 4 }}
    {{- with .Values.worker.podLabels }}{{ toYaml . | nindent 4 }}{{- end }}
  annotations: {{ include "locust.annotations" (dict "root" . "own" .Values.worker.podAnnotations) | nindent 4 }}
spec:
  # A worker ends with exit code 0 when its master does. A Deployment starts it again, once a test, and it waits for
  # the next master; a Job is then complete, and starts only those again that failed.
  restartPolicy: {{ $job | ternary "OnFailure" "Always" }}
  # Longer than SIGTERM takes to end it: users stop, the last report is sent. That is why there is no preStop hook.
  terminationGracePeriodSeconds: {{ include "locust.workerGrace" . }}
  automountServiceAccountToken: false
  # Variables that Kubernetes makes of services begin like Locust's.
  enableServiceLinks: false
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
    {{- with .Values.worker.sysctls }}
    sysctls: {{ toYaml . | nindent 6 }}
    {{- end }}
  containers:
    - name: worker
      image: {{ include "locust.image" (dict "image" .Values.worker.image "appVersion" .Chart.AppVersion) | quote }}
      imagePullPolicy: {{ .Values.worker.image.pullPolicy }}
      args:
        - --worker
        - --locustfile={{ include "locust.locustfile" (default .Values.test.locustfile .Values.worker.locustfile) }}
        - --master-host={{ include "locust.masterHost" . }}
        - --master-port={{ .Values.worker.masterPort }}
        - --stop-timeout={{ .Values.test.stopTimeout }}
        {{- range .Values.worker.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        # How long to look for a master: in a Deployment for ever, in a Job as long as the master waits for workers.
        - {name: LOCUST_CONNECT_TIMEOUT, value: {{ $job | ternary (printf "%ds" (int .Values.master.expectWorkersMaxWait)) "0" | quote }}}
        - {name: LOCUST_EVIDENCE, value: {{ .Values.test.evidence | quote }}}
        {{- with .Values.worker.env }}{{ toYaml . | nindent 8 }}{{- end }}
      {{- with .Values.worker.envFrom }}
      envFrom: {{ toYaml . | nindent 8 }}
      {{- end }}
      resources: {{ toYaml .Values.worker.resources | nindent 8 }}
      securityContext: {{ toYaml .Values.securityContext | nindent 8 }}
      volumeMounts: {{ include "locust.volumeMounts" . | nindent 8 }}
  volumes: {{ include "locust.volumes" . | nindent 4 }}
  {{- include "locust.placement" (dict "root" . "own" .Values.worker) | nindent 2 }}
  {{- with .Values.worker.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ toYaml . | nindent 6 | trim }}
      {{- if not .labelSelector }}
      labelSelector:
        matchLabels:
          {{- include "locust.selector" $ | nindent 10 }}
          app.kubernetes.io/component: worker
      {{- end }}
    {{- end }}
  {{- end }}
{{- end -}}
