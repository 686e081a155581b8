# Confluent's Python client for JSON Schema: writes a value and prints its bytes, reads bytes that another one wrote and prints
# them as JSON.
import json
import sys

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Person",
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "height": {"type": "number"},
    },
    "required": ["name"],
}
client = SchemaRegistryClient({"url": sys.argv[1]})
write = JSONSerializer(json.dumps(SCHEMA), client)
person = {"name": "Zoë", "age": 9007199254740993, "height": 1.75}
print(write(person, SerializationContext("python", MessageField.VALUE)).hex())
read = JSONDeserializer(None, schema_registry_client=client)
print(json.dumps(read(bytes.fromhex(sys.argv[2]), SerializationContext("ours", MessageField.VALUE))))
