"""The contract says what everything in it means."""

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

PROTO = Path(__file__).parents[2] / "proto"
FILES = ("codaserve/v1/scorer.proto", "codaserve/v1/critic.proto")

# Field numbers inside descriptor.proto, of which the paths of source locations are made.
MESSAGE, ENUM, SERVICE, FIELD, METHOD, VALUE = 4, 5, 6, 2, 2, 2


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[descriptor_pb2.FileDescriptorProto]:
    target = tmp_path_factory.mktemp("contract") / "set"
    arguments = ["protoc", f"-I{PROTO}", "--include_source_info", f"--descriptor_set_out={target}", *FILES]
    assert protoc.main(arguments) == 0
    return list(descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file)


def test_everything_in_the_contract_is_commented(files: list[descriptor_pb2.FileDescriptorProto]) -> None:
    missing = []
    for file in files:
        commented = {tuple(at.path) for at in file.source_code_info.location if at.leading_comments.strip()}
        named: dict[tuple[int, ...], str] = {}
        for i, message in enumerate(file.message_type):
            named[MESSAGE, i] = message.name
            named |= {(MESSAGE, i, FIELD, j): f"{message.name}.{f.name}" for j, f in enumerate(message.field)}
        for i, enum in enumerate(file.enum_type):
            named[ENUM, i] = enum.name
            named |= {(ENUM, i, VALUE, j): f"{enum.name}.{v.name}" for j, v in enumerate(enum.value)}
        for i, service in enumerate(file.service):
            named[SERVICE, i] = service.name
            named |= {(SERVICE, i, METHOD, j): f"{service.name}.{m.name}" for j, m in enumerate(service.method)}
        missing += [name for path, name in named.items() if path not in commented]
    assert not missing
