"""Runs programs that nobody trusts: slots of warm processes behind walls, each run a fork of one."""
