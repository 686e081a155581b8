# Confluent's Python client for Protobuf as the other end of a topic: "write" prints records in hex, "read HEX" prints what one says.
import sys

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, timestamp_pb2

url, command, *rest = sys.argv[1:]
client = SchemaRegistryClient({"url": url})
config = {"use.deprecated.format": False}


def field(name, number, kind, **more):
    return descriptor_pb2.FieldDescriptorProto(name=name, number=number, type=kind, label=more.pop("label", 1), **more)


pool = descriptor_pool.DescriptorPool()
pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
shop = descriptor_pb2.FileDescriptorProto(
    name="shop.proto", package="shop", syntax="proto3", dependency=["google/protobuf/timestamp.proto"]
)
shop.message_type.add(name="First").field.append(field("only", 1, 5))
order = shop.message_type.add(name="Order")
entry = order.nested_type.add(name="LabelsEntry")
entry.field.extend([field("key", 1, 9), field("value", 2, 3)])
entry.options.map_entry = True
order.nested_type.add(name="Line").field.append(field("code", 1, 9))
order.oneof_decl.add(name="payment")
order.field.extend(
    [
        field("id", 1, 3),
        field("lines", 2, 11, type_name=".shop.Order.Line", label=3),
        field("labels", 3, 11, type_name=".shop.Order.LabelsEntry", label=3),
        field("at", 4, 11, type_name=".google.protobuf.Timestamp"),
        field("ratios", 5, 1, label=3),
        field("cash", 6, 8, oneof_index=0),
        field("card", 7, 9, oneof_index=0),
    ]
)
pool.Add(shop)


def made(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


Order, Line, First = made("shop.Order"), made("shop.Order.Line"), made("shop.First")
if command == "write":
    value = Order(id=-(1 << 60), lines=[{"code": "a"}, {}], labels={"k": 1 << 60}, at={"seconds": -5, "nanos": 7_000_000})
    value.ratios.extend([0.5, -1.0])
    value.card = "1234"
    for one in (value, Order(), Line(code="é"), First(only=-3)):
        context = SerializationContext("shop", MessageField.VALUE)
        print(ProtobufSerializer(type(one), client, config)(one, context).hex())
else:
    context = SerializationContext("back", MessageField.VALUE)
    seen = ProtobufDeserializer(Order, config, client)(bytes.fromhex(rest[0]), context)
    print(json_format.MessageToJson(seen, indent=None, preserving_proto_field_name=True, sort_keys=True))
