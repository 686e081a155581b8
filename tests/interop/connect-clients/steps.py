# What the runs of Python clients share: a line of JSON for each step, and waiting for a state through the client itself.
import json
import sys
import time

URL = sys.argv[1]
FILE = sys.argv[2]
SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"
LOGGER = "org.apache.kafka.connect.runtime.WorkerSinkTask"


def config(name, tasks=2):
    return {
        "connector.class": SINK,
        "tasks.max": str(tasks),
        "topics": "connect-clients",
        "file": FILE,
        "name": name,
    }


def step(name, call):
    """Prints what a call returned, or how it failed."""
    try:
        result = {"step": name, "result": call()}
    except Exception as error:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        body = None if response is None else response.text
        result = {"step": name, "error": type(error).__name__, "status": status, "body": body}
    print(json.dumps(result, sort_keys=True, default=str), flush=True)


def until(name, state, tasks, status):
    """Waits for a connector and its tasks to be in a state."""
    for _ in range(600):
        try:
            now = status()
            if isinstance(now, str):
                now = json.loads(now)
            states = [now["connector"]["state"]] + [task["state"] for task in now["tasks"]]
            if states == [state] * (1 + tasks):
                step(name, lambda: now)
                return
        except Exception:
            pass
        time.sleep(0.1)
    print(json.dumps({"step": name, "never": state}), flush=True)
