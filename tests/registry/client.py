# Confluent's Python client against a registry: everything that it offers, as its users call it. Prints "done" at the end.
import sys

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

client = SchemaRegistryClient({"url": sys.argv[1]})

A = '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}'
B = '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null}]}'
BAD = '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"must","type":"int"}]}'


def fails(code, call, *args, **named):
    try:
        call(*args, **named)
    except SchemaRegistryError as error:
        assert error.error_code == code, error
        return
    raise AssertionError(f"no error {code}")


first = client.register_schema("orders-value", Schema(A, "AVRO"))
assert client.register_schema("orders-value", Schema(A, "AVRO")) == first
full = client.register_schema_full_response("orders-value", Schema(B, "AVRO"))
assert full.schema_id == first + 1 and full.guid is not None, full
assert client.get_schema(first).schema_str == A
assert client.get_schema_by_guid(full.guid).schema_str == B
assert client.lookup_schema("orders-value", Schema(B, "AVRO")).version == 2
assert client.get_latest_version("orders-value").schema_id == full.schema_id
assert client.get_version("orders-value", 1).schema_id == first
assert client.get_versions("orders-value") == [1, 2]
assert client.get_subjects() == ["orders-value"]
fails(40901, client.register_schema, "orders-value", Schema(BAD, "AVRO"))
assert client.test_compatibility("orders-value", Schema(BAD, "AVRO")) is False
assert client.test_compatibility("orders-value", Schema(B, "AVRO")) is True
fails(40403, client.get_schema, 999)
fails(40401, client.get_latest_version, "nothing")
fails(42201, client.register_schema, "orders-value", Schema("{", "AVRO"))

client.set_compatibility("orders-value", "NONE")
assert client.get_compatibility("orders-value") == "NONE"
assert client.get_compatibility() == "BACKWARD"
client.register_schema("orders-value", Schema(BAD, "AVRO"))

inner = '{"type":"record","name":"Inner","fields":[{"name":"x","type":"int"}]}'
outer = '{"type":"record","name":"Outer","fields":[{"name":"inner","type":"Inner"}]}'
client.register_schema("inner", Schema(inner, "AVRO"))
reference = SchemaReference("Inner", "inner", 1)
referring = client.register_schema("outer", Schema(outer, "AVRO", [reference]))
assert [one.name for one in client.get_schema(referring).references] == ["Inner"]

# What one serializer of theirs writes, another one reads, and registers nothing twice.
context = SerializationContext("people", MessageField.VALUE)
person = '{"type":"record","name":"Person","fields":[{"name":"name","type":"string"},{"name":"age","type":["null","int"],"default":null}]}'
write = AvroSerializer(client, person)
read = AvroDeserializer(client)
for value in ({"name": "Ada", "age": 36}, {"name": "Zoë", "age": None}):
    data = write(value, context)
    assert data[0] == 0 and read(data, context) == value

assert client.delete_version("orders-value", 1) == 1
assert client.delete_subject("orders-value") == [2, 3]
assert "orders-value" not in client.get_subjects()
fails(40404, client.delete_subject, "orders-value")
fails(40405, client.delete_subject, "outer", permanent=True)
assert client.delete_subject("orders-value", permanent=True) == [1, 2, 3]
# A client of its own: the first one keeps what it knows.
fails(40403, SchemaRegistryClient({"url": sys.argv[1]}).get_schema_by_guid, full.guid)
print("done")
