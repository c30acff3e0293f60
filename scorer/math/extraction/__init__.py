"""Finds the final answer in what a language model wrote."""
