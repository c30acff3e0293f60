"""Reward and scoring services for reinforcement learning of language models, and the trainer that uses them."""

__version__ = "0.1.0"
