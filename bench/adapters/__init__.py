"""Rewards through each adapter beside a trainer's usual one, math-verify in its own process."""
