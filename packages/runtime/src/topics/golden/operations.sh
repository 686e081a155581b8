#!/bin/sh
# Usage: operations.sh http://worker:8083 /path/to/in.txt /path/to/out.txt
set -eu
W=$1 IN=$2 OUT=$3
J='Content-Type: application/json'
SOURCE=org.apache.kafka.connect.file.FileStreamSourceConnector
SINK=org.apache.kafka.connect.file.FileStreamSinkConnector
call() { curl -sSf --retry 20 --retry-all-errors --retry-delay 1 -o /dev/null -H "$J" "$@"; }
until_state() { until curl -s "$W/connectors/$1/status" | grep -q "\"id\":0,\"state\":\"$2\""; do sleep 0.3; done; }
until_connector() { until curl -s "$W/connectors/$1/status" | grep -q "\"connector\":{\"state\":\"$2\""; do sleep 0.3; done; }
until_stopped() { until curl -s "$W/connectors/$1/status" | grep -q '"tasks":\[\]'; do sleep 0.3; done; }
call -X POST "$W/connectors" -d "{\"name\":\"file-source\",\"config\":{\"connector.class\":\"$SOURCE\",\"tasks.max\":\"1\",\"file\":\"$IN\",\"topic\":\"golden-lines\",\"note\":\"tab\\t bell\\u0007 esc\\u001b quote\\\" slash/ umlaut \\u00fc \\ud83d\\ude00\"}}"
until_state file-source RUNNING
call -X PUT "$W/connectors/file-source/config" -d "{\"connector.class\":\"$SOURCE\",\"tasks.max\":\"1\",\"file\":\"$IN\",\"topic\":\"golden-lines\",\"batch.size\":\"100\"}"
sleep 4
until_state file-source RUNNING
call -X PUT "$W/connectors/file-source/pause"; until_state file-source PAUSED
call -X PUT "$W/connectors/file-source/resume"; until_state file-source RUNNING
call -X POST "$W/connectors/file-source/restart?includeTasks=true&onlyFailed=false"
sleep 3; until_state file-source RUNNING
call -X PUT "$W/connectors/file-source/stop"; until_stopped file-source
sleep 1
call -X PATCH "$W/connectors/file-source/offsets" -d "{\"offsets\":[{\"partition\":{\"filename\":\"$IN\"},\"offset\":{\"position\":4}}]}"
call -X POST "$W/connectors" -d "{\"name\":\"sink\",\"initial_state\":\"PAUSED\",\"config\":{\"connector.class\":\"$SINK\",\"tasks.max\":\"2\",\"file\":\"$OUT\",\"topics\":\"golden-lines\"}}"
until_connector sink PAUSED
call -X PUT "$W/connectors/sink/resume"; until_state sink RUNNING
sleep 3
call -X POST "$W/connectors" -d "{\"name\":\"gone\",\"initial_state\":\"STOPPED\",\"config\":{\"connector.class\":\"$SOURCE\",\"file\":\"$IN\",\"topic\":\"golden-gone\"}}"
sleep 2
call -X DELETE "$W/connectors/gone"
call -X POST "$W/connectors" -d "{\"name\":\"fails\",\"config\":{\"connector.class\":\"$SOURCE\",\"file\":\"$IN\",\"topic\":\"golden-fails\",\"transforms\":\"t\",\"transforms.t.type\":\"org.apache.kafka.connect.transforms.ExtractField\$Value\",\"transforms.t.field\":\"none\"}}"
until_state fails FAILED
call -X PUT "$W/admin/loggers/org.apache.kafka.connect.runtime?scope=cluster" -d '{"level":"DEBUG"}'
sleep 1
call -X PUT "$W/connectors/fails/stop"; until_stopped fails
call -X DELETE "$W/connectors/fails/offsets"
call -X DELETE "$W/connectors/fails"
sleep 2
