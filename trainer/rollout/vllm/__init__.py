"""Rollouts from vLLM, over HTTP."""
