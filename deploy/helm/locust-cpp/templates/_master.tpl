{{/* The pod of the master, of a Deployment or of a Job. */}}
{{- define "locust.masterPod" -}}
{{- $job := eq .Values.master.kind "Job" -}}
metadata:
  labels:
    {{- include "locust.labels" . | nindent 4 }}
    app.kubernetes.io/component: master
    {{- with .Values.master.podLabels }}{{ toYaml . | nindent 4 }}{{- end }}
  annotations: {{ include "locust.annotations" (dict "root" . "own" .Values.master.podAnnotations) | nindent 4 }}
spec:
  restartPolicy: {{ $job | ternary "Never" "Always" }}
  # Longer than SIGTERM takes to end it: users stop, the last reports arrive, files are written. That is why
  # there is no preStop hook.
  terminationGracePeriodSeconds: {{ include "locust.masterGrace" . }}
  automountServiceAccountToken: false
  # Variables that Kubernetes makes of services begin like Locust's.
  enableServiceLinks: false
  securityContext: {{ toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: master
      image: {{ include "locust.image" (dict "image" .Values.master.image "appVersion" .Chart.AppVersion) | quote }}
      imagePullPolicy: {{ .Values.master.image.pullPolicy }}
      args: {{ include "locust.masterArgs" . | nindent 8 }}
      env:
        - {name: LOCUST_EVIDENCE, value: {{ .Values.test.evidence | quote }}}
        {{- if include "locust.hasPage" . }}
        - {name: LOCUST_WEB_ALLOWED_HOSTS, value: {{ include "locust.allowedHosts" . | quote }}}
        {{- end }}
        {{- with .Values.master.env }}{{ toYaml . | nindent 8 }}{{- end }}
      {{- with .Values.master.envFrom }}
      envFrom: {{ toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: workers, containerPort: 5557}
        {{- if include "locust.hasPage" . }}
        - {name: web, containerPort: 8089}
        {{- end }}
      {{- if include "locust.hasPage" . }}
      readinessProbe:
        httpGet: {path: /readyz, port: web}
        periodSeconds: 2
        timeoutSeconds: 5
      # The page's server has a thread of its own; what it does not answer for a minute is dead.
      livenessProbe:
        httpGet: {path: /healthz, port: web}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      {{- end }}
      resources: {{ toYaml .Values.master.resources | nindent 8 }}
      securityContext: {{ toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        {{- include "locust.volumeMounts" . | nindent 8 }}
        {{- if $job }}
        - {name: results, mountPath: /home/locust/results}
        {{- end }}
  volumes:
    {{- include "locust.volumes" . | nindent 4 }}
    {{- if $job }}
    - name: results
      {{- with .Values.master.results.existingClaim }}
      persistentVolumeClaim: {claimName: {{ . }}}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
  {{- include "locust.placement" (dict "root" . "own" .Values.master) | nindent 2 }}
{{- end -}}

{{/* Names by which the page is reached: those of its service and its Ingress, and the user's. */}}
{{- define "locust.allowedHosts" -}}
{{- $service := printf "%s-web" (include "locust.fullname" .) -}}
{{- $hosts := list $service -}}
{{- range list "" ".svc" ".svc.cluster.local" -}}
{{- $hosts = append $hosts (printf "%s.%s%s" $service $.Release.Namespace .) -}}
{{- end -}}
{{- if .Values.master.ingress.enabled -}}{{- $hosts = append $hosts .Values.master.ingress.host -}}{{- end -}}
{{- join "," (concat $hosts .Values.master.allowedHosts) -}}
{{- end -}}

{{- define "locust.masterArgs" -}}
- --master
- --locustfile={{ include "locust.locustfile" .Values.test.locustfile }}
{{- with .Values.test.host }}
- --host={{ . }}
{{- end }}
- --users={{ int .Values.test.users }}
- --spawn-rate={{ .Values.test.spawnRate }}
{{- with .Values.test.runTime }}
- --run-time={{ . }}
{{- end }}
- --stop-timeout={{ .Values.test.stopTimeout }}
- --expect-workers={{ include "locust.expectWorkers" . }}
{{- range .Values.test.thresholds }}
- {{ printf "--threshold=%s" . | quote }}
{{- end }}
{{- if eq .Values.master.kind "Job" }}
{{- if .Values.master.jobPage }}
- --autostart
# Long enough for Prometheus to come once more.
- --autoquit=10
- --print-stats
{{- else }}
- --headless
{{- end }}
- --only-summary
- --expect-workers-max-wait={{ .Values.master.expectWorkersMaxWait }}
{{- if .Values.test.failOnInvalid }}
- --fail-on-invalid
{{- end }}
- --html=results/report.html
- --csv=results/run
- --junit=results/junit.xml
{{- end }}
{{- range .Values.master.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}
