"""Reads a configuration of Envoy by Envoy's own messages and prints it as they understand it, as JSON.

Needs xds-protos, which has to be alone: it brings packages of other distributions along."""

import sys

import yaml
from envoy.config.bootstrap.v3 import bootstrap_pb2

# What the configuration names by type has to be known to be read.
from envoy.extensions.filters.http.router.v3 import router_pb2  # noqa: F401
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2  # noqa: F401
from envoy.extensions.retry.host.previous_hosts.v3 import previous_hosts_pb2  # noqa: F401
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2  # noqa: F401
from google.protobuf import json_format

content = yaml.safe_load(sys.stdin)
try:
    bootstrap = json_format.ParseDict(content, bootstrap_pb2.Bootstrap())
except json_format.ParseError as error:
    sys.exit(str(error))
print(json_format.MessageToJson(bootstrap, preserving_proto_field_name=True))
