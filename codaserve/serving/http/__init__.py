"""A small HTTP server beside gRPC, in the same event loop: bounded in every direction, and of no dialect."""
