# A connector's life through kafka-connect-api, the client of kafka-connect-watcher.
from urllib.parse import urlparse

from kafka_connect_api.kafka_connect_api import Api, Cluster, Connector
from steps import LOGGER, URL, config, step, until

address = urlparse(URL)
cluster = Cluster(Api(address.hostname, port=address.port))
name = "py-kafka-connect-api"
mine = Connector(cluster, name)
status = lambda: mine.status


def set_config(tasks):
    mine.config = config(name, tasks)


step("root", cluster.get)
step("exists before", mine.exists)
step("create", lambda: set_config(2))
until("runs", "RUNNING", 2, status)
step("exists", mine.exists)
step("connectors", lambda: list(cluster.connectors))
step("class", lambda: mine.connector_class)
step("config", lambda: mine.config)
step("tasks", lambda: [repr(one) for one in mine.tasks])
step("task state", lambda: mine.tasks[0].state)
step("task runs", lambda: mine.tasks[1].is_running)
step("update", lambda: set_config(1))
until("has one task", "RUNNING", 1, status)
step("pause", mine.pause)
until("paused", "PAUSED", 1, status)
step("resume", mine.resume)
until("resumed", "RUNNING", 1, status)
step("restart", mine.restart)
until("restarted", "RUNNING", 1, status)
step("restart tasks", mine.restart_all_tasks)
until("tasks restarted", "RUNNING", 1, status)
step("cycle", mine.cycle_connector)
until("cycled", "RUNNING", 1, status)
step("logger", lambda: cluster.loggers[LOGGER]["level"])
step("set level", lambda: cluster.set_logger_log_level(LOGGER, "DEBUG"))
step("level", lambda: cluster.loggers[LOGGER]["level"])
step("level back", lambda: cluster.set_logger_log_level(LOGGER, "INFO"))
step("unknown connector", lambda: Connector(cluster, "nobody").status)
step("delete", mine.delete)
step("exists after", mine.exists)
