"""The scorer and the critic inside other trainers: one module for each, and docs/adapters.md for the line to change.

Importing a module here needs the client alone, unless its first line says that it subclasses a trainer's own class.
"""
