# A connector's life through kafkaconnect, the client and command line tool of the Rubin Observatory.
import json

from kafkaconnect.connect import Connect
from steps import SINK, URL, config, step, until

client = Connect(URL)
name = "py-kafkaconnect"
status = lambda: client.status(name)
text = lambda tasks: json.dumps(config(name, tasks))

step("plugin", lambda: [one for one in json.loads(client.plugins()) if one["class"] == SINK])
step("validate", lambda: json.loads(client.validate(SINK, text(2)))["error_count"])
step("validate bad", lambda: json.loads(client.validate(SINK, text("x")))["error_count"] > 0)
step("create", lambda: client.validate_and_create(name, text(2)))
until("runs", "RUNNING", 2, status)
step("list", client.list)
step("info", lambda: client.info(name))
step("config", lambda: client.config(name))
step("tasks", lambda: client.tasks(name))
step("topics", lambda: client.topics(name))
step("update", lambda: client.create_or_update(name, text(1)))
until("has one task", "RUNNING", 1, status)
step("pause", lambda: client.pause(name))
until("paused", "PAUSED", 1, status)
step("resume", lambda: client.resume(name))
until("resumed", "RUNNING", 1, status)
step("restart", lambda: client.restart(name))
until("restarted", "RUNNING", 1, status)
step("unknown connector", lambda: client.status("nobody").replace(URL, "URL"))
step("remove", lambda: client.remove(name))
step("list at the end", client.list)
