# Confluent's Python client for Protobuf against a registry: what one serializer writes, another one reads. Prints "done" at the end.
import sys

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

client = SchemaRegistryClient({"url": sys.argv[1]})


def field(name, number, kind, **more):
    return descriptor_pb2.FieldDescriptorProto(name=name, number=number, type=kind, label=more.pop("label", 1), **more)


# What protoc would have made of two files, one of which imports the other: such a client knows its descriptors, and no text.
pool = descriptor_pool.DescriptorPool()
pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
item = descriptor_pb2.FileDescriptorProto(name="item.proto", package="shop", syntax="proto3")
item.message_type.add(name="Item").field.extend([field("code", 1, 9), field("count", 2, 3)])
order = descriptor_pb2.FileDescriptorProto(
    name="order.proto", package="shop", syntax="proto3", dependency=["item.proto", "google/protobuf/timestamp.proto"]
)
message = order.message_type.add(name="Order")
entry = message.nested_type.add(name="LabelsEntry")
entry.field.extend([field("key", 1, 9), field("value", 2, 9)])
entry.options.map_entry = True
message.field.extend(
    [
        field("id", 1, 3),
        field("items", 2, 11, type_name=".shop.Item", label=3),
        field("labels", 3, 11, type_name=".shop.Order.LabelsEntry", label=3),
        field("at", 4, 11, type_name=".google.protobuf.Timestamp"),
    ]
)
for file in (item, order):
    pool.Add(file)
Order = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Order"))

context = SerializationContext("orders", MessageField.VALUE)
value = Order(id=1 << 60, items=[{"code": "a", "count": 2}], labels={"k": "v"}, at={"seconds": 5})
write = ProtobufSerializer(Order, client, {"use.deprecated.format": False})
# A client of its own: the first one keeps the text that it registered, and would not ask for the descriptor.
read = ProtobufDeserializer(Order, {"use.deprecated.format": False}, SchemaRegistryClient({"url": sys.argv[1]}))
data = write(value, context)
assert data[0] == 0 and read(data, context) == value
assert write(value, context) == data

latest = client.get_latest_version("orders-value")
assert latest.schema.schema_type == "PROTOBUF", latest
assert {one.name for one in latest.schema.references} >= {"item.proto"}, latest.schema.references
assert "message Order {" in client.get_schema(latest.schema_id).schema_str
# Another serializer of the same class finds the same schema, and registers nothing.
again = ProtobufSerializer(Order, SchemaRegistryClient({"url": sys.argv[1]}), {"use.deprecated.format": False})
assert again(value, context) == data

text = 'syntax = "proto3"; package shop; import "item.proto"; message Other { Item item = 1; int32 n = 2; }'
reference = [SchemaReference("item.proto", "item.proto", 1)]
first = client.register_schema("other", Schema(text, "PROTOBUF", reference))
assert client.lookup_schema("other", Schema(text.replace("; ", ";\n"), "PROTOBUF", reference)).schema_id == first
assert client.test_compatibility("other", Schema(text.replace("int32 n", "string n"), "PROTOBUF", reference)) is False
try:
    client.register_schema("other", Schema("message {", "PROTOBUF"))
    raise AssertionError("no schema was registered")
except SchemaRegistryError as error:
    assert error.error_code == 42201, error
print("done")
