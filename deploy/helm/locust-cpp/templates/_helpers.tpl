{{- define "locust.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "locust.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "locust.labels" -}}
{{ include "locust.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The service that workers connect to; as a label of pods it says whose workers they are. */}}
{{- define "locust.masterService" -}}
{{ include "locust.fullname" . }}-master
{{- end -}}

{{- define "locust.masterHost" -}}
{{ default (include "locust.masterService" .) .Values.worker.masterHost }}
{{- end -}}

{{/* Label of the workers of a master: the first part of its name, be it short or fully qualified. */}}
{{- define "locust.joinsLabel" -}}
locust-cpp/joins: {{ regexFind "^[^.]*" . | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Whether this master has its page. */}}
{{- define "locust.hasPage" -}}
{{- if and .Values.master.enabled (or (eq .Values.master.kind "Deployment") .Values.master.jobPage) -}}true{{- end -}}
{{- end -}}

{{- define "locust.expectWorkers" -}}
{{- if ne .Values.master.expectWorkers nil -}}
{{- .Values.master.expectWorkers -}}
{{- else if eq .Values.master.kind "Deployment" -}}
1
{{- else if .Values.worker.autoscaling.enabled -}}
{{- .Values.worker.autoscaling.minReplicas -}}
{{- else -}}
{{- .Values.worker.replicas -}}
{{- end -}}
{{- end -}}

{{- define "locust.image" -}}
{{ .image.repository }}:{{ default .appVersion .image.tag }}
{{- end -}}

{{/* -f: the named files in the folder where they are mounted; "-" is the master's. */}}
{{- define "locust.locustfile" -}}
{{- if eq . "-" -}}-{{- else -}}
{{- $paths := list -}}
{{- range splitList "," . -}}{{- $paths = append $paths (printf "/mnt/locust/%s" (trim .)) -}}{{- end -}}
{{- join "," $paths -}}
{{- end -}}
{{- end -}}

{{/*
Seconds that a worker may need after SIGTERM: its users' stop timeout, 10 s to end in all, 2 s
that ZeroMQ may take to send the last messages, and some to spare.
*/}}
{{- define "locust.workerGrace" -}}
{{ add (ceil .Values.test.stopTimeout) 20 }}
{{- end -}}

{{/*
The same of a master: it waits for the last reports for the stop timeout and 12 s, 30 s more while it is behind
with reading, and writes its files.
*/}}
{{- define "locust.masterGrace" -}}
{{ add (ceil .Values.test.stopTimeout) 60 }}
{{- end -}}

{{- define "locust.annotations" -}}
checksum/files: {{ toJson (list .root.Values.files .root.Values.secretFiles) | sha256sum }}
{{- with .own }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "locust.volumeMounts" -}}
- {name: files, mountPath: /mnt/locust, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "locust.volumes" -}}
- name: files
  projected:
    sources:
      {{- if .Values.files }}
      - configMap: {name: {{ include "locust.fullname" . }}-files}
      {{- end }}
      {{- if .Values.secretFiles }}
      - secret: {name: {{ include "locust.fullname" . }}-files}
      {{- end }}
      {{- with .Values.existingConfigMap }}
      - configMap: {name: {{ . }}}
      {{- end }}
      {{- with .Values.existingSecret }}
      - secret: {name: {{ . }}}
      {{- end }}
      {{- if not (or .Values.files .Values.secretFiles .Values.existingConfigMap .Values.existingSecret) }}
      []
      {{- end }}
- name: tmp
  emptyDir: {}
{{- end -}}

{{/* Where pods run: of .own, the values of the master or the worker. */}}
{{- define "locust.placement" -}}
{{- with .own.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .own.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .own.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .own.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
